"""benchmarks.python: verified, then timed. Nothing real is measured."""

import json
import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
benchmark = pytest.importorskip("benchmarks.python.__main__", reason="torchvision is not installed")
from benchmarks.python import gpu_tests, timing
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
    assert benchmark.COMMAND in [row["command"] for row in accepted["sources"]]


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
