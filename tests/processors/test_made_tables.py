"""The tables in configuration/ that scripts make: what the scripts write now, of the transformers that they name."""

import importlib.util
import os
import re
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"

import transformers

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["class_defaults", "model_classes"])
def test_a_table_is_what_its_script_writes(name, monkeypatch):
    table = (ROOT / "configuration" / f"{name}.cpp").read_text(encoding="utf-8")
    made_from = re.match(r".* from transformers (\S+); do not edit", table)[1]
    if made_from != transformers.__version__:
        pytest.skip(f"made from transformers {made_from}, installed is {transformers.__version__}")
    monkeypatch.syspath_prepend(ROOT / "scripts")  # a script imports another
    spec = importlib.util.spec_from_file_location(f"make_{name}", ROOT / "scripts" / f"make_{name}.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.text() == table
