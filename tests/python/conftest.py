"""The seed of a run, noise that is the same in every worker, what was counted, and a table of the errors achieved."""

import collections
import os
import secrets
import zlib

import pytest


def pytest_configure():
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("KIR_TEST_SEED", str(secrets.randbits(32)))  # before pytest-xdist starts its workers


def pytest_report_header():
    return f"noise: KIR_TEST_SEED={os.environ['KIR_TEST_SEED']} (set it to repeat a run)"


@pytest.fixture
def random(request):
    """A torch generator of the test's own."""
    import torch

    return torch.Generator().manual_seed(int(os.environ["KIR_TEST_SEED"]) ^ zlib.crc32(request.node.nodeid.encode()))


@pytest.fixture
def noise(random):
    """noise(channels, height, width): a uint8 image."""
    import torch

    return lambda *shape: torch.randint(0, 256, shape, dtype=torch.uint8, generator=random)


@pytest.fixture
def planned_calls(monkeypatch):
    """How many batches our op computed: the proof that it was not transformers."""
    from kernel_image_resize import _ops

    calls, preprocess = [], _ops.preprocess

    def counted(*args, **kwargs):
        result = preprocess(*args, **kwargs)
        calls.append(args[1])
        return result

    monkeypatch.setattr(_ops, "preprocess", counted)
    return calls


@pytest.fixture
def achieved(record_property):
    """achieved(name, error, bound): asserts, and writes the table at the end of the run, which a pass is in too."""

    def check(name, error, bound):
        record_property("achieved", [name, float(error), float(bound)])
        assert error <= bound, f"{name}: {error} > {bound}"  # False for NaN, as it must be

    return check


def pytest_terminal_summary(terminalreporter):
    rows = {}
    outcomes = collections.Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) != "call":
                continue
            for name, value in report.user_properties:
                if name == "counted":
                    terminalreporter.write_line(value)
                if name == "outcomes":
                    outcomes.update(value)
                if name == "achieved" and len(value) == 3:
                    what, error, bound = value
                    cases, worst, _ = rows.get(what, (0, 0.0, bound))
                    is_worst = worst != worst or error <= worst  # NaN is the worst, and stays
                    rows[what] = (cases + 1, worst if is_worst else error, bound)
    if outcomes:
        counts = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
        terminalreporter.write_line(f"{outcomes.total()} random configurations: {counts}")
    if rows:
        terminalreporter.section("achieved errors")
    for what, (cases, worst, bound) in sorted(rows.items()):
        terminalreporter.write_line(f"{what:60} {worst:.3g} of {bound:.3g} ({cases} cases)")
