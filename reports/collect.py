"""Runs `kir` and keeps what it answers: OUT/data/*.json, and the tensors of the pictures in OUT/data/tensors/.

A command that fails does not end the collection: it is recorded in commands.json with its exit code and last words,
and the report names what is missing.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from reports import evidence, machine, photographs, record, showcase
from reports.showcase import Shown

# (backend, oracle, numerics) of every parity table.
PARITY = [
    ("reference", "libtorch", "float32"),
    ("cpu", "reference", "float32"),
    ("reference", "libtorch", "torch_cpu"),
    ("cpu", "libtorch", "torch_cpu"),
]

# Parity runs on the first of the photographs: each costs every configuration a resize in both backends.
PARITY_PHOTOGRAPHS = 3

# Length of the benchmarks: seconds of a repetition at least, and repetitions.
BENCH_LENGTH = ("--min-time", "0.1", "--repetitions", "5")
BENCH_LENGTH_QUICK = ("--min-time", "0.02", "--repetitions", "3")

# (backend, numerics) of every shown processor: what is viewed, its oracle, and the same rounded to levels.
COMPUTED = [("cpu", "float32"), ("libtorch", "float32"), ("cpu", "torch_cpu")]


# A terminal's bar moves at once; a log gets a line now and then.
PROGRESS_SECONDS = 0.1 if sys.stderr.isatty() else 15


@dataclass(frozen=True)
class Command:
    """One call of kir. `result` is the file that it writes, relative to the data folder."""

    arguments: tuple[str, ...]
    result: str


def tensor_file(shown: Shown, backend: str, numerics: str, suffix: str) -> str:
    return f"tensors/{shown.name}-{backend}-{numerics}.{suffix}"


def _run(shown: Shown, backend: str, numerics: str, suffix: str, data: Path) -> Command:
    result = tensor_file(shown, backend, numerics, suffix)
    images = [str(photographs.find(name).path) for name in shown.photographs]
    options = ("-o", str(data / result), "--backend", backend, "--numerics", numerics)
    return Command(("run", shown.config, *images, *options), result)


def _plan(shown: Shown, catalogue: dict, data: Path) -> Command:
    sizes = {photo["name"]: f"{photo['height']}x{photo['width']}" for photo in catalogue["photographs"]}
    result = f"plan_{shown.config}.json"
    words = ("plan", shown.config, "--size", *(sizes[name] for name in shown.photographs), "--json", str(data / result))
    return Command(words, result)


def runs_on_host(suite: Path) -> bool:
    """Whether the CPU's backends are timed on some case of it; the others are for CUDA backends."""
    return any("host" in case.get("runs_on", ["host"]) for case in json.loads(suite.read_text())["cases"])


def gpu_commands(source: Path, data: Path) -> list[Command]:
    """The parts of recorded evidence, measured now."""
    asked = []
    for part in record.parts(source):
        result = f"gpu_{re.sub(r'[^A-Za-z0-9_-]+', '_', part.name)}.json"
        asked.append(Command((*part.arguments, "--json", str(data / result)), result))
    return asked


def commands(source: Path, data: Path, catalogue: dict, quick: bool, has_gpu: bool) -> list[Command]:
    """Everything that is asked of kir, in order; the benchmarks last, when nothing else runs."""
    asked = [Command((word, "--json", str(data / f"{word}.json")), f"{word}.json") for word in ("list", "coverage")]
    for shown in showcase.PROCESSORS + showcase.BEYOND:
        asked.append(_plan(shown, catalogue, data))
    for shown in showcase.PROCESSORS:
        asked += [_run(shown, backend, numerics, "npy", data) for backend, numerics in COMPUTED]
    for shown in showcase.BEYOND:
        asked.append(_run(shown, "reference", "torch_cpu", "safetensors", data))
    photos = [str(photographs.find(photo["name"]).path) for photo in catalogue["photographs"]]
    small = photos[:PARITY_PHOTOGRAPHS]
    for backend, oracle, numerics in PARITY:
        result = f"parity_{backend}_{oracle}_{numerics}.json"
        pair = ("--backend", backend, "--oracle", oracle, "--numerics", numerics, "--quick")
        asked.append(Command(("parity", *pair, "--json", str(data / result), "--photos", *small), result))
    asked.append(Command(("gate", "--recorded-only", "--json", str(data / "gate_recorded.json")), "gate_recorded.json"))
    length = BENCH_LENGTH_QUICK if quick else BENCH_LENGTH
    for suite in filter(runs_on_host, sorted((source / "configs" / "suites").glob("*.json"))):
        result = f"bench_{suite.stem}.json"
        words = ("bench", "--suite", suite.stem, *length, "--json", str(data / result), "--photos", *photos)
        asked.append(Command(words, result))
    return asked + (gpu_commands(source, data) if has_gpu else [])


def _last_words(text: str, lines: int = 4) -> str:
    return "\n".join(text.strip().splitlines()[-lines:])


def run_command(kir: Path, source: Path, command: Command) -> dict:
    """Runs one command; returns its record."""
    begin = time.monotonic()
    done = subprocess.run([str(kir), *command.arguments], cwd=source, capture_output=True, text=True)
    return {
        "command": "kir " + shlex.join(command.arguments).replace(f"{source}/", ""),  # it ran in `source`
        "result": command.result,
        "exit_code": done.returncode,
        "seconds": round(time.monotonic() - begin, 2),
        "message": _last_words(done.stderr or done.stdout) if done.returncode else "",
    }


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1) + "\n")


def collect(kir: Path, source: Path, data: Path, quick: bool) -> None:
    """Fills `data` anew."""
    shutil.rmtree(data, ignore_errors=True)
    (data / "tensors").mkdir(parents=True)

    # What is known without kir: the machine, the photographs, the shown configurations, the recorded evidence.
    catalogue = photographs.catalogue(showcase.photographs())
    write_json(data / "photographs.json", catalogue)
    about = machine.describe(kir, source)
    write_json(data / "machine.json", about)
    for shown in showcase.PROCESSORS + showcase.BEYOND:
        shutil.copy(source / "configs" / "processors" / f"{shown.config}.json", data / f"config_{shown.config}.json")
    write_json(data / "recorded.json", evidence.readable(kir, source))
    shutil.copy(source / "configs" / "gate.json", data / "gate.json")

    # What kir answers.
    records = []
    asked = commands(source, data, catalogue, quick, bool(about["gpus"]))
    with tqdm(asked, desc="kir", unit="command", mininterval=PROGRESS_SECONDS) as progress:
        for command in progress:
            progress.set_postfix_str(" ".join(command.arguments[:2]), refresh=False)
            records.append(run_command(kir, source, command))
    write_json(data / "commands.json", records)
