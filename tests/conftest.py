"""A test that needs an optional package is skipped by name where that package is not installed."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# The same list that tells the user what is missing (make test PYTHON=python3).
NAMES = re.search(r'^optional = "(.*)"\.split\(\)$', (ROOT / "scripts/bootstrap.sh").read_text(), re.M).group(1).split()


def is_installed(name):
    """A folder of this repository with a package's name (kernels/) is found too, but has no file of its own."""
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.origin is not None


ABSENT = [name for name in NAMES if not is_installed(name)]


def reason_of(error):
    """Why a test is skipped that ended with this error; None for any error that an absent package does not explain."""
    if not isinstance(error, ImportError):  # of a module that pytest could not import it is the cause
        error = error.__cause__
    while isinstance(error, ImportError):
        package = (error.name or "").partition(".")[0]
        if package in ABSENT:
            return f"the package {package} is not installed"
        error = error.__cause__ or error.__context__
    return None


def _skip_by_name(report, call, path, line):
    reason = reason_of(call.excinfo.value) if report.failed else None
    if reason is not None:
        report.outcome, report.longrepr = "skipped", (str(path), line, f"Skipped: {reason}")
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    return _skip_by_name(report, report.call, collector.path, 1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    return _skip_by_name(report, call, item.path, item.location[1] + 1)
