"""Compares `kir run` with every installed processor, and records what was found of each, by numerics.

Runs tests/processors/test_against_transformers.py and writes reports/recorded/processors.json, which `kir coverage`
reads. Exit codes: 0 written, 1 a test failed (written too) or pytest broke off (nothing is written), 2 bad input.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from pathlib import Path

from reports import evidence, machine

SOURCE = Path(__file__).resolve().parent.parent
COMMAND = "make record-processors"
TESTS = "tests/processors/test_against_transformers.py"
OWN = "processor"  # numerics that mean the class's own
OWN_NUMERICS = "torch_cpu"  # of torchvision's classes, which these tests build


def outcome(case: ElementTree.Element) -> str:
    """Of one <testcase> of JUnit's XML, which has a child where the test did not pass."""
    tags = {child.tag for child in case}
    return "failed" if tags & {"failure", "error"} else "skipped" if "skipped" in tags else "passed"


def rows_of(cases: Iterable[ElementTree.Element]) -> list[dict]:
    """A row a configuration and numerics: how many tests ran, how many failed, and what they compared.

    Of a test's properties, "compared" says what it is of and "found" what it found, as often as it compared.
    """
    rows: dict[tuple[str, str], dict] = {}
    for case in cases:
        properties = [(each.get("name"), each.get("value")) for each in case.iter("property")]
        subjects = {value for name, value in properties if name == "compared"}
        found = [json.loads(value) for name, value in properties if name == "found"]
        if outcome(case) == "skipped":
            continue
        for subject in map(json.loads, sorted(subjects)):
            for config in subject["configs"]:
                own = subject["numerics"] == OWN
                numerics = OWN_NUMERICS if own else subject["numerics"]
                row = rows.setdefault(
                    (config, numerics),
                    {"config": config, "numerics": numerics, "own": own, "tests": 0, "failed": 0}
                    | {"elements": 0, "max_abs": 0.0},
                )
                row["tests"] += 1
                row["failed"] += outcome(case) == "failed"
                row["elements"] += sum(one["elements"] for one in found)
                if outcome(case) == "passed":
                    row["max_abs"] = max([row["max_abs"], *(one["max_abs"] for one in found)])
    return [rows[key] for key in sorted(rows)]


def run(source: Path, kir: Path, jobs: int) -> list[ElementTree.Element]:
    """The test cases. RuntimeError where pytest broke off."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "tests.xml"
        words = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", TESTS]
        if importlib.util.find_spec("xdist"):
            words += ["-n", str(jobs)]
        done = subprocess.run(words, cwd=source, env=os.environ | {"KIR": str(kir), "OMP_NUM_THREADS": "1"})
        if done.returncode not in (0, 1):  # 0: all passed, 1: some failed
            raise RuntimeError(f"pytest ended with exit code {done.returncode}")
        return list(ElementTree.parse(report).iter("testcase"))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m reports.record_processors", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--kir", type=Path, default=SOURCE / "build" / "kir", help="the kir program")
    parser.add_argument("--out", type=Path, default=SOURCE / "reports" / "recorded", help="folder of the evidence")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="tests at once")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    kir = options.kir.resolve()
    if not kir.is_file():
        print(f"record-processors: --kir: {options.kir} does not exist; build it first (make build)", file=sys.stderr)
        return 2
    stamp = evidence.source_stamp(kir, SOURCE, COMMAND)
    try:
        rows = rows_of(run(SOURCE, kir, options.jobs))
    except (OSError, RuntimeError, ElementTree.ParseError) as error:
        print(f"record-processors: {error}", file=sys.stderr)
        return 1
    about = machine.describe(kir, SOURCE)
    path = options.out / "processors.json"
    evidence.write(
        path,
        {
            "about": "What `kir run` gives, beside what the installed processor of each configuration gives",
            "recorded": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
            "command": COMMAND,
            "environment": {key: about[key] for key in ("cpu", "simd", "system", "python", "packages")},
            "processors": rows,
            "sources": stamp,
        },
    )
    failed = [f"{row['config']}, {row['numerics']}" for row in rows if row["failed"]]
    print(
        f"wrote {path}: {len(rows)} rows, {len(failed)} with a failed test{': ' if failed else ''}{'; '.join(failed)}"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
