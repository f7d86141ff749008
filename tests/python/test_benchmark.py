"""benchmarks.python: verified, then timed. Nothing real is measured."""

import json
import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
benchmark = pytest.importorskip("benchmarks.python.__main__", reason="torchvision is not installed")
from benchmarks.python import timing
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


def test_recording_needs_a_gpu(quick, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["benchmark", "--device", "cpu", "--record"])
    assert benchmark.main() == 2
    assert "no GPU" in capsys.readouterr().err
