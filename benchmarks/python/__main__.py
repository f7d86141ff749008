"""python -m benchmarks.python: what a Python call costs, beside the ways that people have today, all in one run.

Each contender is verified before it is timed: one whose result is wrong gets no time. Writes JSON with its environment;
--record runs the tests that need a GPU too, and puts their results beside the times. --installed times an installed
processor beside its own on the CPU instead (installed.py); with --record it writes reports/recorded/python_cpu.json.
Exit codes: 0 all that could be had was timed, 1 a contender is wrong or a test failed, 2 bad input.
"""

from __future__ import annotations

import argparse
import datetime
import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch

from benchmarks.python import gpu_tests, installed
from benchmarks.python.contenders import CONTENDERS, Absent, float_reference
from benchmarks.python.timing import times
from reports import evidence, machine
from reports.record import file_of

SOURCE = Path(__file__).resolve().parents[2]
COMMAND = "make record-python"
COMMAND_CPU = "make record-cpu"
CASES = {"n32": 32, "n1": 1}
BATCHES = 4  # about 190 MB at 32 images: more than a GPU's cache holds
LOW, HIGH = 384, 1024


def batches_of(count: int, seed: int, device: torch.device) -> list[list[torch.Tensor]]:
    random = torch.Generator().manual_seed(seed)
    sides = lambda: torch.randint(LOW, HIGH + 1, (2,), generator=random).tolist()  # noqa: E731
    image = lambda: torch.randint(0, 256, (3, *sides()), dtype=torch.uint8, generator=random)  # noqa: E731
    return [[image().to(device) for _ in range(count)] for _ in range(BATCHES)]


def measure(case: str, device: torch.device, seed: int) -> list[dict]:
    batches = batches_of(CASES[case], seed, device)
    wanted = float_reference(batches[0])
    rows = []
    for contender in CONTENDERS:
        row = {"suite": f"python_{case}", "contender": contender.name, "about": contender.about}
        rows.append(row)
        try:
            run = contender.make(device)
            result = run(batches[0])
            row["max_abs"] = (result.float().cpu() - wanted).abs().max().item()
        except Absent as reason:
            row["absent"] = str(reason)
            continue
        except Exception as error:  # a contender of others that fails here is not ours to repair: it is named
            row["absent"] = f"{type(error).__name__}: {error}"
            continue
        row["bound"] = contender.bound
        if contender.bound is not None and not row["max_abs"] <= contender.bound:
            row["wrong"] = f"{row['max_abs']} from torchvision on floats, more than {contender.bound}: not timed"
            continue
        row |= times(run, batches, device)
    return rows


def measurements(rows: list[dict]) -> list[dict]:
    """The flat list that a gate can bound."""
    return [
        {"name": f"{row['suite']} {row['contender']}: {key}", "value": row[key]["median"], "unit": "us"}
        for row in rows
        for key in ("wall_us", "host_us", "latency_us")
        if key in row
    ]


def shown(row: dict) -> str:
    name = f"{row['suite']:<12} {row['contender']:<28}"
    if "wall_us" not in row:
        return f"{name} {row.get('wrong') or row['absent']}"
    return (
        name
        + "".join(f" {key[:-3]} {row[key]['median']:>9.1f} us " for key in ("wall_us", "host_us", "latency_us"))
        + (f" error {row['max_abs']:.2g}")
    )


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.python", description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    workloads = [workload.name for workload in installed.WORKLOADS]
    parser.add_argument(
        "--installed", nargs="*", choices=workloads, help="an installed processor beside its own on the CPU, no --cases"
    )
    parser.add_argument("--rounds", type=int, default=installed.ROUNDS, help="of --installed (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=20261125)
    parser.add_argument("--kir", type=Path, default=SOURCE / "build" / "kir", help="the kir program, for the stamp")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="where to write; - a summary alone is shown without it"
    )
    parser.add_argument(
        "--record",
        action="store_true",
        help="write reports/recorded/python_<gpu>.json, stamped, with the GPU tests; of --installed python_cpu.json",
    )
    options = parser.parse_args()
    if options.rounds < installed.LEAST_ROUNDS:
        parser.error(f"--rounds: {options.rounds} is not {installed.LEAST_ROUNDS} or more")
    if options.record and options.installed:
        parser.error("--record: all workloads of --installed, so name none")
    return options


def evidence_of(device: str, command: str, options: argparse.Namespace, rows: list[dict], flat: list[dict]) -> dict:
    return {
        "device": device,
        "recorded": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "command": command,
        "environment": machine.describe(options.kir, SOURCE),
        "measurements": flat,
        "calls": rows,
    }


def write(options: argparse.Namespace, found: dict, name: str) -> None:
    """To --json; evidence to its place, with the hashes of its sources."""
    if options.record:
        found["sources"] = evidence.source_stamp(options.kir.resolve(), SOURCE, found["command"])
        options.json = SOURCE / "reports" / "recorded" / name
    if options.json:
        evidence.write(options.json, found)
        print(f"wrote {options.json}")


def run_installed(options: argparse.Namespace) -> int:
    names = options.installed or [workload.name for workload in installed.WORKLOADS]
    rows = []
    with torch.inference_mode():
        for pair in installed.measure(names, options.rounds):
            print(installed.shown(pair), flush=True)
            rows += pair
    found = evidence_of("", COMMAND_CPU, options, rows, installed.measurements(rows))
    found["device"] = found["environment"]["cpu"]
    capability = torch.backends.cpu.get_cpu_capability()  # which of its vector paths torch takes
    found["environment"] |= {"rounds": options.rounds, "seed": installed.SEED, "cpu_capability": capability}
    write(options, found, "python_cpu.json")
    return 1 if any("wrong" in row for row in rows) else 0


def main() -> int:
    options = parse()
    if options.installed is not None:
        return run_installed(options)
    device = torch.device(options.device)
    if options.record and device.type != "cuda":
        print("kir record-python: --record: no GPU here: nothing was recorded", file=sys.stderr)
        return 2
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    rows = []
    with torch.inference_mode():
        for case in options.cases:
            rows += measure(case, device, options.seed)
            print(*(shown(row) for row in rows if row["suite"] == f"python_{case}"), sep="\n", flush=True)
    found = evidence_of(name, COMMAND, options, rows, measurements(rows))
    found["environment"] |= {"threads": torch.get_num_threads(), "cuda": torch.version.cuda, "seed": options.seed}
    failed = any("wrong" in row for row in rows)
    if options.record:
        tests = gpu_tests.run(SOURCE)
        print(gpu_tests.shown(tests), flush=True)
        failed = failed or gpu_tests.counts(tests)["failed"] > 0
        found["tests"] = tests
        found["measurements"] += gpu_tests.measurements(tests)
    write(options, found, f"python_{file_of(name)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
