"""Records the evidence of a GPU machine: parity and benchmarks of the CUDA backends in reports/recorded/<gpu>.json.

The work is cut into parts, each one call of kir, and the file is written after each: a run that ends early is taken up
by the next, which measures what is missing. Until nothing is, the file is named <gpu>.json.unfinished and is no
evidence. Parts that were recorded with other sources count for nothing.

Exit codes: 0 the evidence is complete, 1 a part is missing or kir failed in it, 2 bad input, or no GPU.
"""

from __future__ import annotations

import argparse
import datetime
import json
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from reports import evidence, gpu, machine

SOURCE = Path(__file__).resolve().parent.parent
COMMAND = "make record"

# (backend, oracle, numerics)
PARITY = [
    ("cuda-separable", "reference", "float32"),
    ("cuda-separable", "libtorch-cuda", "float32"),
    ("cuda-separable", "libtorch", "torch_cpu"),
    ("cuda-fused", "reference", "float32"),
    ("cuda-fused", "libtorch-cuda", "float32"),
]
# Where the readable kernel is timed too.
FUSED_TOO = ("seed_n32", "clip_crop_n32")
# The headline first; the rest in alphabetical order, and what takes longest at the end.
FIRST, LAST = ("seed_n32", "seed_n1", "seed_n256", "clip_crop_n32"), ("seed_n1000",)

REPETITIONS = "9"
SECONDS_A_PART = 240


@dataclass(frozen=True)
class Part:
    name: str
    arguments: tuple[str, ...]


def cuda_cases(source: Path) -> list[str]:
    """SUITE_CASE of everything that is timed on CUDA backends."""
    names = []
    for path in sorted((source / "configs" / "suites").glob("*.json")):
        suite = json.loads(path.read_text())
        if suite["measures"] == "run":
            cases = [case for case in suite["cases"] if "cuda" in case.get("runs_on", ["cuda"])]
            names += [f"{path.stem}_{case['name']}" for case in cases]
    middle = [name for name in names if name not in FIRST + LAST]
    return [name for name in FIRST if name in names] + middle + [name for name in LAST if name in names]


def parts(source: Path) -> list[Part]:
    """Everything that complete evidence holds, in the order of recording."""
    made = []
    for name in cuda_cases(source):
        backends = ("cuda-separable", *(("cuda-fused",) if name in FUSED_TOO else ()))
        made.append(Part(name, ("bench", "--suite", name, "--backend", *backends, "--repetitions", REPETITIONS)))
    at = len(made) - len(LAST)
    made[at:at] = [
        Part(f"{b} vs {o}, {n}", ("parity", "--backend", b, "--oracle", o, "--numerics", n, "--quick"))
        for b, o, n in PARITY
    ]
    return made


def smi(query: str) -> str | None:
    """What nvidia-smi says of the first GPU; None without one."""
    try:
        words = ["nvidia-smi", "-i", "0", f"--query-gpu={query}", "--format=csv,noheader,nounits"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 and done.stdout.strip() else None


def file_of(device: str) -> str:
    """ "NVIDIA H200" -> "nvidia_h200.json"."""
    return re.sub(r"[^a-z0-9]+", "_", device.lower()).strip("_") + ".json"


def unfinished(path: Path) -> Path:
    """Where evidence is kept in which a part is missing."""
    return path.with_name(path.name + evidence.UNFINISHED)


def environment(kir: Path, source: Path) -> dict:
    """The machine, and the GPU's limits; what ran at which clock is in the rows."""
    about = machine.describe(kir, source)
    limits = {"driver": "driver_version", "max_sm_mhz": "clocks.max.sm", "max_memory_mhz": "clocks.max.mem"}
    limits |= {"power_limit_w": "power.limit", "memory_mib": "memory.total"}
    kept = ("cpu", "cores", "system", "kernel", "kir", "commit", "packages", "gpus")
    return {key: about[key] for key in kept} | {name: smi(query) for name, query in limits.items()}


def words_of(answer: dict | None, said: str) -> str:
    """Why kir did not end with 0: the first reasons of its answer, else its last words."""
    rows = (answer or {}).get("benchmarks", [])
    found = [f"{row['contender']}: {row['error_message']}" for row in rows if row.get("error_occurred")]
    found += [f"{one['config']}, {one['case']}: {one['message']}" for one in (answer or {}).get("failures", [])]
    return "\n".join(found[:2] or said.splitlines()[-3:])


def run_part(kir: Path, source: Path, part: Part) -> tuple[dict, dict | None]:
    """Its record, and the JSON that it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        begin = time.monotonic()
        try:
            done = subprocess.run(
                [str(kir), *part.arguments, "--json", str(result)],
                cwd=source,
                capture_output=True,
                text=True,
                timeout=SECONDS_A_PART,
            )
            code, said = done.returncode, done.stderr.strip() or done.stdout.strip()
        except subprocess.TimeoutExpired:
            code, said = 124, f"took longer than {SECONDS_A_PART} s"
        answer = json.loads(result.read_text()) if result.is_file() else None
        record = {
            "part": part.name,
            "command": "kir " + shlex.join(part.arguments),
            "exit_code": code,
            "seconds": round(time.monotonic() - begin, 1),
            "message": words_of(answer, said) if code else "",
        }
        return record, answer


def add(found: dict, record: dict, answer: dict | None) -> None:
    """Puts a part's record and rows into the evidence, in place of older ones of the same part."""
    name = record["part"]
    found["parts"] = [part for part in found["parts"] if part["part"] != name] + [record]
    found["rows"] = [row for row in found["rows"] if row["suite"] != name]
    found["not_run"] = [row for row in found["not_run"] if row["suite"] != name]
    pair = lambda row: f"{row['backend']} vs {row['oracle']}, {row['numerics']}"  # noqa: E731
    found["parity"] = [row for row in found["parity"] if pair(row) != name]
    if answer is None:
        return
    if "benchmarks" in answer:
        found["rows"] += gpu.bench_rows(answer)
        found["not_run"] += [{"suite": name, **one} for one in answer["not_run"]]
        wanted = ("device_facts", "cuda_driver", "cuda_runtime", "torch", "compiler", "build")
        found["environment"] |= {key: answer["context"][key] for key in wanted if key in answer["context"]}
        found["environment"].setdefault("seeds", {})[name] = answer["context"].get("seed")
    else:
        found["parity"].append(gpu.parity_row(answer))


def is_recorded(found: dict, part: Part) -> bool:
    """Whether a part has been measured; one that failed or was cut off has not."""
    return any(one["part"] == part.name and one["exit_code"] == 0 for one in found["parts"])


def finish(found: dict) -> None:
    """What follows from the rows."""
    found["measurements"] = gpu.measurements(found["rows"], found["parity"])
    clocks = [row["megahertz"] for row in found["rows"] if row.get("megahertz")]
    if clocks:
        found["environment"]["sm_mhz"] = {"median": statistics.median(clocks), "least": min(clocks)}
    found["environment"]["part_seconds"] = round(sum(part["seconds"] for part in found["parts"]), 1)


def opened(path: Path, device: str, stamp: dict, about: dict) -> dict:
    """The evidence so far, or a new one when it was recorded with other sources."""
    before = [json.loads(file.read_text()) for file in (unfinished(path), path) if file.is_file()]
    for found in before:
        if evidence.is_fresh(found.get("sources"), stamp):
            return found
    if before:
        print(f"kir record: {path.name} was recorded with other sources: all parts are measured again", flush=True)
    return {
        "device": device,
        "recorded": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "command": COMMAND,
        "environment": about,
        "measurements": [],
        "rows": [],
        "not_run": [],
        "parity": [],
        "parts": [],
        "sources": stamp,
    }


def keep(path: Path, found: dict, every: list[Part]) -> Path:
    """Writes the evidence: under its own name once no part is missing. Returns the file.

    Complete evidence of the same sources goes: it lacks a part by now, or one has failed since. That of other sources
    stays, and is stale, until this one is complete.
    """
    if not all(is_recorded(found, part) for part in every):
        evidence.write(unfinished(path), found)
        if path.is_file() and json.loads(path.read_text()).get("sources") == found["sources"]:
            path.unlink()
        return unfinished(path)
    evidence.write(path, found)
    unfinished(path).unlink(missing_ok=True)
    return path


def record(kir: Path, source: Path, path: Path, found: dict, chosen: list[Part], seconds: float) -> list[str]:
    """Measures the chosen parts; returns why the evidence is not what it should be."""
    begin, complaints = time.monotonic(), []
    for index, part in enumerate(chosen, 1):
        passed = time.monotonic() - begin
        if passed > seconds:
            names = ", ".join(one.name for one in chosen[index - 1 :])
            return [*complaints, f"not measured within {seconds:.0f} s: {names}; run it again"]
        done, answer = run_part(kir, source, part)
        add(found, done, answer)
        finish(found)
        keep(path, found, parts(source))
        words = "" if done["exit_code"] == 0 else f", EXIT CODE {done['exit_code']}: {done['message']}"
        print(f"[{index}/{len(chosen)}, {passed:.0f} s] {part.name}: {done['seconds']} s{words}", flush=True)
        if done["exit_code"]:
            complaints.append(f"exit code {done['exit_code']}: {done['command']}")
    return complaints


def parse(arguments: list[str] | None, names: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m reports.record", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kir", type=Path, default=SOURCE / "build" / "kir", help="the kir program")
    parser.add_argument("--out", type=Path, default=SOURCE / "reports" / "recorded", help="folder of the evidence")
    parser.add_argument("--only", nargs="+", choices=names, metavar="PART", help="measure these parts again, no others")
    parser.add_argument("--seconds", type=float, default=420, help="begin no part later than this (default: 420)")
    parser.add_argument("--list", action="store_true", help="name the parts and end")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    every = parts(SOURCE)
    options = parse(arguments, [part.name for part in every])
    if options.list:
        print(*(f"{part.name:<48} kir {shlex.join(part.arguments)}" for part in every), sep="\n")
        return 0
    if not options.kir.is_file():
        print(f"kir record: --kir: {options.kir} does not exist; build it first (make build)", file=sys.stderr)
        return 2
    device = smi("name")
    if device is None:
        print("kir record: no GPU here (nvidia-smi names none): nothing was recorded", file=sys.stderr)
        return 2

    kir, path = options.kir.resolve(), options.out / file_of(device)
    stamp = evidence.source_stamp(kir, SOURCE, COMMAND)
    found = opened(path, device, stamp, environment(kir, SOURCE))
    chosen = [p for p in every if (p.name in options.only if options.only else not is_recorded(found, p))]
    complaints = record(kir, SOURCE, path, found, chosen, options.seconds)
    if evidence.source_stamp(kir, SOURCE, COMMAND) != stamp:
        complaints.append("the sources changed while it was recorded: it is stale")
    missing = [part.name for part in every if not is_recorded(found, part)]
    if missing:
        complaints.append(f"missing: {', '.join(missing)}")
    for line in complaints:
        print(f"kir record: {line}", file=sys.stderr)
    print(f"wrote {keep(path, found, every)}: {len(found['rows'])} rows, {len(found['parity'])} parity tables")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
