"""The API reference that `make docs` makes of the docstrings."""

import inspect
import subprocess
import sys
from pathlib import Path

import kernel_image_resize as kir
import pytest

pytest.importorskip("pdoc", reason="pdoc is not installed")
pytest.importorskip("transformers")  # the whole package is looked at, and with it what a part of it imports
pytest.importorskip("torchvision")

ROOT = Path(__file__).resolve().parents[2]


def test_it_builds_and_has_every_public_name(tmp_path):
    command = [sys.executable, ROOT / "scripts" / "make_reference.py", tmp_path]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0 and "Warn" not in result.stderr, result.stdout + result.stderr
    page = (tmp_path / "kernel_image_resize.html").read_text(encoding="utf-8")
    for name in set(kir.__all__) - {"ops"}:  # a namespace of torch's, which pdoc takes for a module
        assert f'id="{name}"' in page, f"{name} is not in the reference"


def test_every_public_function_says_what_it_takes_and_raises():
    for name in kir.__all__:
        value = getattr(kir, name)
        if inspect.isfunction(value):
            assert value.__doc__, f"{name} has no docstring"
            assert set(value.__annotations__) >= set(inspect.signature(value).parameters) - {"self"}, name
