"""benchmarks.python: verified, then timed. Nothing real is measured."""

import json
import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from benchmarks.python import __main__ as benchmark
from benchmarks.python import gpu_tests, installed, photographs, timing
from benchmarks.python.contenders import Absent, Contender, float_reference


def absent(device):
    raise Absent("not on this machine")


def planted(device):
    return lambda images: torch.full((len(images), 3, 384, 384), float("nan"))


@pytest.fixture
def quick(monkeypatch):
    contenders = (
        Contender("right", "the reference itself", lambda device: float_reference, 1e-6),
        Contender("wrong", "not a number", planted, 1e-4),
        Contender("missing", "cannot be had", absent, None),
    )
    monkeypatch.setattr(benchmark, "CONTENDERS", contenders)
    monkeypatch.setattr(timing, "REPETITIONS", 2)
    monkeypatch.setattr(timing, "MOST_CALLS", 3)


def test_a_wrong_contender_gets_no_time(quick, monkeypatch, tmp_path, capsys):
    file = tmp_path / "found.json"
    monkeypatch.setattr(sys, "argv", ["benchmark", "--device", "cpu", "--cases", "n1", "--json", str(file)])
    assert benchmark.main() == 1
    found = json.loads(file.read_text())
    right, wrong, missing = found["calls"]
    assert right["max_abs"] == 0 and right["wall_us"]["median"] > 0 and right["host_us"] and right["latency_us"]
    assert "not timed" in wrong["wrong"] and "wall_us" not in wrong
    assert missing["absent"] == "not on this machine" and "wall_us" not in missing
    assert {row["name"].split(":")[0] for row in found["measurements"]} == {"python_n1 right"}
    assert found["environment"]["cpu"] and found["environment"]["packages"]["torch"]
    assert "not timed" in capsys.readouterr().out


def test_the_gate_knows_the_sources_of_what_is_recorded():
    accepted = json.loads((benchmark.SOURCE / "configs" / "gate.json").read_text())["recorded"]
    assert {benchmark.COMMAND, benchmark.COMMAND_CPU} <= {row["command"] for row in accepted["sources"]}


def test_recording_needs_a_gpu(quick, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["benchmark", "--device", "cpu", "--record"])
    assert benchmark.main() == 2
    assert "no GPU" in capsys.readouterr().err


def test_tests_become_rows_and_counts(monkeypatch, tmp_path):
    program = (
        "import pytest\n"
        "def test_gpu_right(): pass\n"
        "def test_gpu_wrong(): assert 1 == 2\n"
        "@pytest.mark.skip(reason='one CUDA device')\n"
        "def test_gpu_absent(): pass\n"
        "def test_of_the_cpu(): pass\n"
    )
    (tmp_path / "tests" / "python").mkdir(parents=True)
    (tmp_path / "tests" / "python" / "test_planted.py").write_text(program)
    monkeypatch.setattr(gpu_tests, "FILES", ("test_planted.py",))
    rows = gpu_tests.run(tmp_path)
    assert [(row["test"], row["outcome"]) for row in rows] == [
        ("test_planted: test_gpu_right", "passed"),
        ("test_planted: test_gpu_wrong", "failed"),
        ("test_planted: test_gpu_absent", "skipped"),
    ]
    assert "1 == 2" in rows[1]["message"] and rows[2]["message"] == "one CUDA device"
    assert gpu_tests.measurements(rows) == [
        {"name": "python_tests kernel_image_resize: passed", "value": 1, "unit": "tests"},
        {"name": "python_tests kernel_image_resize: failed", "value": 1, "unit": "tests"},
    ]
    assert "1 passed, 1 failed, 1 skipped" in gpu_tests.shown(rows)


def test_a_run_of_tests_that_did_not_end_is_one_failed_row(monkeypatch, tmp_path):
    monkeypatch.setattr(gpu_tests, "sys", type("none", (), {"executable": "/bin/false"}))
    assert gpu_tests.run(tmp_path) == [{"test": "pytest", "outcome": "failed", "message": "exit code 1: "}]
    monkeypatch.setattr(gpu_tests, "sys", sys)
    monkeypatch.setattr(gpu_tests, "SECONDS", 0)
    (row,) = gpu_tests.run(tmp_path)
    assert row["outcome"] == "failed" and "longer than 0 s" in row["message"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("atexit.register(lambda: os.kill(os.getpid(), signal.SIGSEGV))", "exit code -11"),
        ("pytest.exit('no device any more', returncode=7)", "exit code 7"),
    ],
)
def test_a_pytest_that_dies_beside_passed_tests_has_failed(monkeypatch, tmp_path, line, said):
    program = f"import atexit, os, pytest, signal\ndef test_gpu_right(): pass\ndef test_gpu_last(): {line}\n"
    (tmp_path / "tests" / "python").mkdir(parents=True)
    (tmp_path / "tests" / "python" / "test_planted.py").write_text(program)
    monkeypatch.setattr(gpu_tests, "FILES", ("test_planted.py",))
    rows = gpu_tests.run(tmp_path)
    assert rows[0] == {"test": "test_planted: test_gpu_right", "outcome": "passed"}
    assert rows[-1]["outcome"] == "failed" and said in rows[-1]["message"]
    assert gpu_tests.counts(rows)["failed"] == 1


# ----------------------------------------------------------------------------------------------------------------------
# An installed processor beside its own


SMALL = installed.Workload(
    "small", "to 16 x 16", "ViTImageProcessor", {"size": {"height": 16, "width": 16}}, ((40, 50),)
)


@pytest.fixture
def small(monkeypatch):
    """One workload of small images, and few rounds."""
    monkeypatch.setattr(installed, "WORKLOADS", (SMALL,))
    monkeypatch.setattr(installed, "LEAST_ROUNDS", 2)


@pytest.fixture
def processor():
    import transformers
    from torchvision.transforms.v2 import functional  # noqa: F401  # what the processor needs

    return transformers.ViTImageProcessor(**SMALL.arguments)


@pytest.fixture
def images():
    return [torch.randint(0, 256, (3, 40, 50), dtype=torch.uint8)]


def test_both_sides_are_timed_in_turns(small, processor, monkeypatch, tmp_path, capsys):
    file = tmp_path / "found.json"
    monkeypatch.setattr(sys, "argv", ["benchmark", "--installed", "--rounds", "3", "--json", str(file)])
    assert benchmark.main() == 0
    found = json.loads(file.read_text())
    assert found["command"] == benchmark.COMMAND_CPU and found["device"] == found["environment"]["cpu"]
    places = [f"{layout}_{threads}" for layout in ("chw", "hwc") for threads in ("1_thread", "2_threads")]
    contenders = [f"{side}_{place}" for place in places for side in ("own", "installed")]
    assert [row["contender"] for row in found["calls"]] == contenders
    for own, ours in zip(found["calls"][::2], found["calls"][1::2], strict=True):
        assert ours["differing"] == 0
        ratio = ours["wall_us"]["median"] / own["wall_us"]["median"]
        assert ours["ratio_to_own"]["of_medians"] == pytest.approx(ratio, rel=1e-2)
    values = {row["name"]: row["value"] for row in found["measurements"]}
    assert values["install_small installed_hwc_2_threads: differing"] == 0
    accepted = json.loads((benchmark.SOURCE / "configs" / "gate.json").read_text())["recorded"]["cpu"]
    named = {f"{row['contender']}: {row['value']}" for row in accepted}
    assert named == {name.removeprefix("install_small ") for name in values if name.endswith("differing")}
    assert "of its time" in capsys.readouterr().out


def test_who_begins_changes(monkeypatch):
    order = []
    sides = [lambda images, return_tensors, side=side: order.append(side) for side in ("own", "installed")]
    own, ours = installed.times(*sides, [], 3)
    assert (len(own), len(ours)) == (3, 3)
    assert order == ["installed", "own", "own", "installed", "installed", "own", "own", "installed"]


def test_a_call_that_is_left_to_transformers_gets_no_time(processor, images):
    with pytest.raises(installed.Complaint, match="transformers computes this call"):
        installed.verified(processor, [image.float() for image in images])


def test_a_copy_that_is_not_installed_gets_no_time(processor, images, monkeypatch):
    import kernel_image_resize as kir

    monkeypatch.setattr(kir, "install", lambda one: one)
    with pytest.raises(installed.Complaint, match="not installed"):
        installed.verified(processor, images)
    monkeypatch.setattr(kir, "is_installed", lambda one: one is not processor)  # it says so, and our op never ran
    with pytest.raises(installed.Complaint, match="no op of the package ran"):
        installed.verified(processor, images)


def test_a_bit_that_differs_gets_no_time(small, processor, monkeypatch):
    verified = installed.verified

    def planted(own, images):
        installed_one, _ = verified(own, images)
        return installed_one, 1

    monkeypatch.setattr(installed, "verified", planted)
    for own, ours in installed.measure(["small"], 2):
        assert "wall_us" not in own and "wall_us" not in ours
        assert ours["wrong"] == "1 values differ in a bit from its own: not timed"
    assert [row["value"] for row in installed.measurements([own, ours])] == [1]


def test_differences_are_counted_by_bits():
    zero = torch.zeros(2, 3)
    assert installed.differing(zero, zero.clone()) == 0
    assert installed.differing(zero, torch.tensor([[0.0, -0.0, 1e-45], [0, 0, float("nan")]])) == 3
    assert installed.differing(torch.full((2,), float("nan")), torch.full((2,), float("nan"))) == 0
    with pytest.raises(installed.Complaint, match="float64"):
        installed.differing(zero, zero.double())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--installed", "--rounds", "10"], "--rounds: 10 is not 11 or more"),
        (["--installed", "vit", "--record"], "--record: all workloads"),
        (["--installed", "vat"], "invalid choice: 'vat'"),
    ],
)
def test_what_would_be_no_evidence_is_bad_input(monkeypatch, capsys, words, said):
    monkeypatch.setattr(sys, "argv", ["benchmark", *words])
    with pytest.raises(SystemExit) as stopped:
        benchmark.main()
    assert stopped.value.code == 2 and said in capsys.readouterr().err


def test_the_photographs_are_the_same_for_a_seed():
    pytest.importorskip("skimage")
    sizes = [(384, 1024), (700, 390)]
    first, again = photographs.batch(sizes, 5), photographs.batch(sizes, 5)
    assert [array.shape for array in first] == [(*size, 3) for size in sizes]
    assert all((one == other).all() for one, other in zip(first, again, strict=True))
    assert any((one != other).any() for one, other in zip(first, photographs.batch(sizes, 6), strict=True))
    assert all(len(set(array.ravel().tolist())) > 50 for array in first)  # no flat picture
    assert all(384 <= side <= 1024 for size in installed.RAGGED for side in size) and len(set(installed.RAGGED)) == 32
