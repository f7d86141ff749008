"""The example beside transformers: what it prints, and that it prints no time for a wrong result."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import processor_inputs as inputs
import pytest
import torch

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "python" / "example_transformers.py"


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("example_transformers", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(example, monkeypatch, capsys):
    """The exit code and what was printed, as the command line would have it."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", [str(SCRIPT), *map(str, arguments)])
        try:
            code = example.main()
        except SystemExit as stopped:  # argparse's
            code = stopped.code
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def test_no_difference_and_both_times(example):
    """As a program of its own; the fixture is skipped by name where a package that it imports is missing."""
    done = subprocess.run(
        [sys.executable, SCRIPT, "clip", "siglip", "qwen2_vl", "--count", "2", "--repeat", "1"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    assert done.returncode == 0, done.stderr
    exact = re.findall(r'numerics "processor", to the processor: (\S+)', done.stdout)
    direct = re.findall(r"resize_normalize with its values, to the processor: (\S+)", done.stdout)
    real = re.findall(r'numerics "float32", to the processor on floats: (\S+)', done.stdout)
    print(f"processor {exact}, resize_normalize {direct}, float32 {real}")
    assert exact == ["0"] * 3
    assert direct == ["0"] * 2  # Qwen2-VL has rules of its own
    assert len(real) == 3 and all(float(value) <= 1e-4 for value in real)
    assert len(re.findall(r"transformers \S+ ms, this package \S+ ms", done.stdout)) == 3


def test_files(run, tmp_path):
    inputs.photograph("chelsea.png").save(tmp_path / "a.png")
    inputs.photograph("rocket.jpg").save(tmp_path / "b.jpg")
    config = tmp_path / "preprocessor_config.json"
    config.write_text('{"image_processor_type": "ViTImageProcessor", "size": {"height": 96, "width": 80}}')
    code, out, err = run(config, "--images", tmp_path / "a.png", tmp_path / "b.jpg", "--repeat", 1)
    assert code == 0, err
    assert "pixel_values (2, 3, 96, 80) float32" in out


def test_help_has_examples(run):
    code, out, _ = run("--help")
    assert code == 0
    assert "example_transformers.py siglip --count 32" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no_such_model"], "No such file or directory: 'no_such_model'"),
        (["llava_next", "--count", 1], "LlavaNextImageProcessor is not built yet"),
        (["clip", "--images", "no.png"], "no.png"),
        (["clip", "--count", 0], "--count: 0 is not at least 1"),
    ],
)
def test_bad_input(run, arguments, message):
    code, _, err = run(*arguments)
    assert code == 2
    assert message in err


def test_a_wrong_result_has_no_time(run, example, monkeypatch):
    monkeypatch.setattr(example, "ALLOWED_FLOAT32", -1.0)
    code, out, _ = run("clip", "--count", 1, "--repeat", 1)
    assert code == 1
    assert "and -1 is allowed: WRONG" in out
    assert "not timed" in out
    assert " ms" not in out


def test_other_keys_types_and_shapes_are_a_difference(example):
    good = {"pixel_values": torch.zeros(1, 3, 2, 2)}
    assert example.difference(good, good) == 0
    for bad in ({}, {"pixel_values": good["pixel_values"].double()}, {"pixel_values": good["pixel_values"][0]}):
        assert example.difference(bad, good) == float("inf")
    assert example.difference({"pixel_values": good["pixel_values"] * float("nan")}, good) == float("inf")
    assert example.difference({"pixel_values": good["pixel_values"] + 0.5}, good) == 0.5
