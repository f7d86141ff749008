"""A small report's data folder, as `kir` and the generator would have written it."""

import copy
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


def parity(backend, oracle, numerics, first, second):
    """Two configurations; `first` and `second` are (max_abs, bound, margin, share_differing)."""
    configs = [
        {
            "name": name,
            "class": f"{name}ImageProcessor",
            "writes": "images",
            "cases": cases,
            "failed": 0,
            "elements": elements,
            "max_abs": max_abs,
            "bound": bound,
            "margin": margin,
            "share_differing": share,
            "worst": "",
        }
        for name, cases, elements, (max_abs, bound, margin, share) in (
            ("alpha", 17, 4711, first),
            ("beta", 19, 4801, second),
        )
    ]
    return {
        "backend": backend,
        "oracle": oracle,
        "numerics": numerics,
        "seed": 90210,
        "cases": 36,
        "failed": 0,
        "skipped": 5,
        "max_abs": max(first[0], second[0]),
        "worst": "alpha: pixel_values",
        "configs": configs,
        "skips": [{"config": "gamma", "what": "configuration", "reason": "GammaImageProcessor is not built yet"}],
        "failures": [],
    }


def bench_rows(contender, real_time, ratios, **more):
    common = {
        "run_name": f"seed/ragged/{contender}",
        "suite": "seed",
        "case": "ragged",
        "contender": contender,
        "backend": contender.split("_")[0],
        "numerics": "float32",
        "images": 23,
        "workers": 3,
        "bytes": 987654321,
        "time_unit": "ms",
        **{f"ratio_to_{other}": ratio for other, ratio in ratios.items()},
        **more,
    }
    return [
        {**common, "run_type": "iteration", "real_time": real_time * 1.01},
        {**common, "run_type": "aggregate", "aggregate_name": "median", "real_time": real_time},
        {**common, "run_type": "aggregate", "aggregate_name": "cv", "real_time": 0.0123, "time_unit": "ms"},
    ]


def gpu_row(contender, us, **more):
    """A row of recorded evidence."""
    return {
        "suite": "seed_n23",
        "contender": contender,
        "backend": contender.split("_")[0],
        "numerics": "float32",
        "images": 23,
        "bytes": 97531246,
        "us": us,
        "isolated_us": us * 1.17,
        "host_us": 7.89,
        "wall_us": us * 1.03,
        "calls": 57,
        "host_limited": False,
        "megahertz": 1871.0,
        "spread": 0.0067,
        **more,
    }


def installed_pair(suite, layout, threads, times):
    """Rows of benchmarks/python/installed.py: microseconds of a call, the processor's own and installed."""
    place = f"{layout}_{threads}_thread{'s' if threads > 1 else ''}"
    row = {"suite": suite, "images": 2, "layout": layout, "threads": threads}
    own = row | {"contender": f"own_{place}", "about": f"{suite} it does"}
    ours = row | {"contender": f"installed_{place}", "about": f"{suite} it does; installed"}
    if times is None:
        return [own | {"absent": "not timed"}, ours | {"wrong": "a level is off", "differing": 3}]
    spread = lambda value: {"median": value, "low": value * 0.97, "high": value * 1.04}  # noqa: E731
    ratio = times[1] / times[0]
    own["wall_us"], ours["wall_us"] = map(spread, times)
    return [own, ours | {"differing": 0, "ratio_to_own": spread(ratio) | {"of_medians": ratio}}]


CANNED = {
    "machine.json": {
        "date": "2031-05-06 07:08 UTC",
        "cpu": "Some CPU",
        "cores": 77,
        "simd": ["avx2"],
        "memory_gib": 93.7,
        "system": "Some Linux",
        "kernel": "6.66",
        "python": "3.99",
        "kir": "kir 0.9.8",
        "commit": "abcdef",
        "packages": {"torch": "2.71"},
        "gpus": [],
    },
    "photographs.json": {
        "package": "scikit-image",
        "version": "0.87",
        "facts_from": "docstrings",
        "photographs": [
            {
                "name": "cat",
                "file": "cat.png",
                "width": 451,
                "height": 303,
                "mode": "RGB",
                "title": "A cat",
                "licence": "CC0 by somebody",
                "origin": "",
                "links": ["https://example.org/cat"],
            }
        ],
    },
    "list.json": {
        "configs": [
            {
                "name": "alpha",
                "file": "a",
                "class": "A",
                "writes": "images",
                "recipe": "resize(automatic) affine images",
                "supported": True,
                "reason": "",
            },
            {
                "name": "beta",
                "file": "b",
                "class": "B",
                "writes": "images",
                "recipe": "resize(automatic) images",
                "supported": True,
                "reason": "",
            },
            {
                "name": "gamma",
                "file": "c",
                "class": "C",
                "writes": "",
                "recipe": "",
                "supported": False,
                "reason": "not built",
            },
        ]
    },
    "coverage.json": {
        "processors": [
            {
                "model_type": name,
                "class": name[0].upper(),
                "family": "images",
                "planned": name != "gamma",
                "reproduced": name == "alpha",
                "modes": ["float32", "torch_cpu"] if name == "alpha" else [],
                "reason": reason,
            }
            for name, reason in (("alpha", ""), ("beta", "other plans"), ("gamma", "not built"))
        ]
    },
    "parity_reference_libtorch_float32.json": parity(
        "reference", "libtorch", "float32", (3.21e-7, 1.5e-5, 46.7, 0.25), (6.54e-7, 1.5e-5, 22.9, 0.5)
    ),
    "parity_cpu_reference_float32.json": parity(
        "cpu", "reference", "float32", (1.11e-6, 1.5e-5, 13.5, 0.25), (2.22e-6, 1.5e-5, 6.76, 0.5)
    ),
    "parity_reference_libtorch_torch_cpu.json": parity(
        "reference", "libtorch", "torch_cpu", (0, 0, None, 0), (0, 0, None, 0)
    ),
    "parity_cpu_libtorch_torch_cpu.json": parity("cpu", "libtorch", "torch_cpu", (0, 0, None, 0), (0, 0, None, 0)),
    "gate.json": {
        "speed": {
            "bounds": [
                {
                    "suite": "seed",
                    "case": "ragged",
                    "contender": "cpu_float",
                    "against": "libtorch_float",
                    "accepted": {"at_most": 0.55, "unit": "ratio", "reason": "r"},
                }
            ]
        },
        "recorded": {
            "speed": [
                {
                    "suite": "seed_n23",
                    "contender": "cuda-separable_float",
                    "value": "ratio_to_copy",
                    "accepted": {"at_most": 2.75, "unit": "ratio", "reason": "r"},
                }
            ]
        },
    },
    "gate_recorded.json": {
        "checks": [
            {
                "name": "a_gpu.json: seed_n23 cuda-separable_float: ratio_to_copy",
                "verdict": "pass",
                "note": "on A GPU",
                "measured": 1.6789,
                "at_most": 2.75,
                "unit": "ratio",
            },
            {"name": "evidence", "verdict": "skipped", "note": "a note", "measured": None, "unit": ""},
        ]
    },
    "recorded.json": [
        {
            "device": "A GPU",
            "recorded": "2031-04-03",
            "command": "make record",
            "environment": {
                "device_facts": "A GPU, compute 9.7",
                "driver": "987.65",
                "cuda_runtime": "13.7",
                "torch": "2.71.9",
                "sm_mhz": {"median": 1876.0, "least": 1765.0},
                "max_sm_mhz": "1985",
                "commit": "fedcba",
            },
            "measurements": [{"name": "seed_n23 cuda-separable_float: us", "value": 44.4, "unit": "us"}],
            "rows": [
                gpu_row(
                    "cuda-separable_float",
                    46.81,
                    ratio_to_copy=1.678,
                    ratio_to_libtorch=0.0432,
                    verified_against="libtorch",
                    max_abs=2.71e-6,
                    bound=1.5e-5,
                ),
                gpu_row("libtorch-cuda_float", 1083.0, ratio_to_copy=38.8, ratio_to_libtorch=1.0, host_limited=True),
                gpu_row("copy", 27.89, ratio_to_copy=1.0, ratio_to_libtorch=0.0257),
            ],
            "not_run": [{"suite": "lanczos_n23", "contender": "libtorch-cuda_float", "reason": "no such filter"}],
            "parity": [
                {
                    "backend": "cuda-separable",
                    "oracle": "reference",
                    "numerics": "float32",
                    "cases": 4567,
                    "failed": 0,
                    "skipped": 76,
                    "compared": 117,
                    "equal": 8,
                    "max_abs": 3.33e-6,
                    "margin": 4.51,
                    "worst": "alpha: pixel_values",
                }
            ],
        },
        {
            "recorded": "2031-04-02",
            "command": "make cuda-all",
            "compiler": "nvcc 13.77",
            "architectures": ["80", "90a"],
            "kernels": [
                {"kernel": "walk", "architecture": "80", "registers": 64, "spill_stores": 0, "spill_loads": 0},
                {"kernel": "walk", "architecture": "90a", "registers": 72, "spill_stores": 108, "spill_loads": 112},
                {"kernel": "tensor", "architecture": "90a", "registers": 168, "spill_stores": 0, "spill_loads": 0},
            ],
        },
        {
            "device": "Canned GPU",
            "recorded": "2031-04-04",
            "command": "make record-python",
            "environment": {"python": "3.77.1", "cpu": "Canned CPU"},
            "measurements": [],
            "calls": [
                {
                    "suite": "python_n32",
                    "contender": "kernel_image_resize",
                    "about": "the call",
                    "max_abs": 5.18e-7,
                    "bound": 1.3e-4,
                    "wall_us": {"median": 73.1, "low": 72.2, "high": 74.3},
                    "host_us": {"median": 31.7, "low": 30.1, "high": 33.2},
                    "latency_us": {"median": 88.6, "low": 87.4, "high": 89.9},
                },
                {"suite": "python_n32", "contender": "rival", "about": "another", "absent": "no such package"},
                {"suite": "python_n32", "contender": "wrong", "about": "a third", "max_abs": 0.71, "wrong": "far off"},
            ],
            "tests": [
                {"test": "test_cuda: test_graph", "outcome": "passed"},
                {"test": "test_cuda: test_leak", "outcome": "failed", "message": "it leaks"},
                {"test": "test_cuda: test_devices", "outcome": "skipped", "message": "one device"},
            ],
        },
        {
            "device": "Canned CPU",
            "recorded": "2031-04-05",
            "command": "make record-cpu",
            "environment": {
                "python": "3.77.2",
                "rounds": 37,
                "packages": {"torch": "2.71.9", "transformers": "6.1.2"},
            },
            "measurements": [],
            "calls": [
                *installed_pair("install_alpha", "chw", 1, (43210.0, 23450.0)),
                *installed_pair("install_alpha", "hwc", 2, (12340.0, 34560.0)),
                *installed_pair("install_beta", "hwc", 1, None),
            ],
        },
    ],
    "pictures.json": {
        "processors": [
            {
                "config": "alpha",
                "words": "Words about alpha.",
                "photographs": ["cat"],
                "figure": "figures/processor_alpha.png",
                "shape": [3, 225, 226],
                "max_error": 4.77e-7,
                "mean_error": 8.88e-9,
                "max_rounding": 14.3,
                "mean_rounding": 0.43,
            }
        ],
        "beyond": [
            {
                "config": "delta",
                "words": "Words about delta.",
                "photographs": ["cat"],
                "figure": "figures/beyond_delta.png",
                "outputs": [{"key": "pixel_values", "type": "float32", "shape": [2, 3, 801, 1203]}],
            }
        ],
    },
    "bench_seed.json": {
        "context": {
            "workers": 3,
            "repetitions": 9,
            "min_time_s": 0.031,
            "compiler": "12.3.4",
            "build": "release",
            "seed": 60309,
            "torch": "2.71.9",
        },
        "not_run": [{"contender": "seed/big", "reason": "for CUDA backends"}],
        "benchmarks": [
            *bench_rows(
                "cpu_float",
                41.5,
                {"copy": 8.3, "libtorch_float": 0.227},
                verified_against="libtorch",
                max_abs=7.77e-7,
                bound=1.5e-5,
            ),
            *bench_rows("libtorch_float", 183.0, {"copy": 36.6, "cpu_float": 4.41}),
            *bench_rows("copy", 4.99, {"cpu_float": 0.12, "libtorch_float": 0.0273}),
            {
                "run_name": "seed/ragged/cpu_torch_cpu",
                "suite": "seed",
                "case": "ragged",
                "contender": "cpu_torch_cpu",
                "backend": "cpu",
                "numerics": "torch_cpu",
                "images": 23,
                "workers": 3,
                "bytes": 987654321,
                "run_type": "iteration",
                "error_occurred": True,
                "error_message": "wrong: pixel_values differ",
                "real_time": 999.25,
                "time_unit": "ms",
            },
        ],
    },
    "commands.json": [
        {
            "command": "kir bench --suite seed",
            "result": "bench_seed.json",
            "exit_code": 0,
            "seconds": 12.34,
            "message": "",
        }
    ],
}


@pytest.fixture
def canned():
    """The data, to be changed by a test."""
    return copy.deepcopy(CANNED)


def rendered(out, data):
    (out / "data").mkdir(parents=True)
    for name, value in data.items():
        (out / "data" / name).write_text(json.dumps(value))
    from reports import generate  # what it needs is optional, and a conftest cannot be skipped

    read = generate.render(out)
    return (out / "index.html").read_text(), (out / "report.md").read_text(), read


@pytest.fixture
def render(tmp_path):
    """Writes data, renders; returns (HTML, Markdown, what was read)."""
    return lambda data, folder="out": rendered(tmp_path / folder, data)


@pytest.fixture(scope="session")
def unchanged(tmp_path_factory):
    """The page of the data as it is."""
    return rendered(tmp_path_factory.mktemp("unchanged") / "out", CANNED)[0]
