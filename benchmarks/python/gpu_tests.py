"""The package's tests that need a GPU, run by pytest: each is a row of the evidence, a skipped one with its reason."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

FILES = ("test_cuda.py", "test_hub.py", "test_cv_utils.py", "test_install.py", "test_preprocessor.py")
CHOSEN = "test_cuda.py or test_hub.py or gpu"
SUITE, CONTENDER = "python_tests", "kernel_image_resize"
SECONDS = 900


def row_of(case: ElementTree.Element) -> dict:
    """One <testcase> of JUnit's XML, which has a child where the test did not pass."""
    row = {"test": f"{case.get('classname', '').split('.')[-1]}: {case.get('name')}", "outcome": "passed"}
    for child in case:
        outcome = {"failure": "failed", "error": "failed", "skipped": "skipped"}.get(child.tag)
        if outcome is not None:
            row |= {"outcome": outcome, "message": child.get("message", "")}
    return row


def broken(message: str) -> dict:
    return {"test": "pytest", "outcome": "failed", "message": message}


def run(source: Path) -> list[dict]:
    """Runs them with this interpreter, in its environment. A pytest that broke off is a failed row too."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "tests.xml"
        files = [f"tests/python/{name}" for name in FILES]
        words = [sys.executable, "-m", "pytest", "-q", "-k", CHOSEN, f"--junitxml={report}", *files]
        try:
            done = subprocess.run(words, cwd=source, capture_output=True, text=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return [broken(f"took longer than {SECONDS} s")]
        said = f"exit code {done.returncode}: {(done.stderr or done.stdout).strip()[-500:]}"
        try:
            rows = [row_of(case) for case in ElementTree.parse(report).iter("testcase")]
        except (OSError, ElementTree.ParseError):
            return [broken(said)]
        # 0: all passed, 1: some failed. Else pytest stopped before the end, or the interpreter died after it.
        return rows if done.returncode in (0, 1) else [*rows, broken(said)]


def counts(rows: list[dict]) -> Counter:
    return Counter(row["outcome"] for row in rows)


def measurements(rows: list[dict]) -> list[dict]:
    """How many passed and failed, under names that a gate can bound."""
    found = counts(rows)
    return [
        {"name": f"{SUITE} {CONTENDER}: {outcome}", "value": found[outcome], "unit": "tests"}
        for outcome in ("passed", "failed")
    ]


def shown(rows: list[dict]) -> str:
    found = counts(rows)
    lines = [f"{row['outcome']} {row['test']}: {row['message']}" for row in rows if row["outcome"] != "passed"]
    return "\n".join(
        [*lines, f"{SUITE}: {found['passed']} passed, {found['failed']} failed, {found['skipped']} skipped"]
    )
