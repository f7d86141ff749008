"""mypy --strict accepts the package."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mypy", reason="mypy is not installed")
pytest.importorskip("transformers")  # the whole package is looked at, and with it what a part of it imports
pytest.importorskip("torchvision")

ROOT = Path(__file__).resolve().parents[2]


def test_mypy_strict(tmp_path):
    command = [sys.executable, "-m", "mypy", "--cache-dir", tmp_path, "python/kernel_image_resize"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
