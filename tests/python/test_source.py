"""A class whose source is another in the installed transformers: refused, or left to itself, unless one insists."""

import importlib.util
import json
import logging
import os
import pickle

os.environ["HF_HUB_OFFLINE"] = "1"

import processor_inputs as inputs
import processor_proof as proof
import pytest
import torch
import transformers
from kernel_image_resize import Preprocessor, _fingerprints, _source, install, is_installed
from kernel_image_resize.preprocessor import Unplanned

CLIP = json.loads((proof.ROOT / "configs/processors/clip.json").read_text(encoding="utf-8"))
REASON = (
    r"CLIPImageProcessor: its source in transformers \S+ is not that of \S+, whose rules the plans have; any_version"
)


@pytest.fixture
def changed(monkeypatch):
    """As if the installed class were not the one that the plans are of."""
    monkeypatch.setitem(_fingerprints.FINGERPRINTS, "CLIPImageProcessor", "0123456789abcdef")


def test_the_table_is_what_its_script_writes():
    if transformers.__version__ != _fingerprints.TRANSFORMERS:
        pytest.skip(f"made from transformers {_fingerprints.TRANSFORMERS}, installed is {transformers.__version__}")
    spec = importlib.util.spec_from_file_location("made", proof.ROOT / "scripts" / "make_class_fingerprints.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.text() == script.FILE.read_text(encoding="utf-8")
    assert len(_fingerprints.FINGERPRINTS) > 200
    assert all(len(fingerprint) == 16 for fingerprint in _fingerprints.FINGERPRINTS.values())


def test_a_changed_class_is_refused_unless_one_insists(changed):
    image = inputs.noise("changed", 60, 50)
    with pytest.raises(Unplanned, match=REASON):
        Preprocessor.from_config(CLIP)
    ours = Preprocessor.from_config(CLIP, any_version=True)
    wanted = proof.build_processor(CLIP)(image, return_tensors="pt")["pixel_values"]
    assert torch.equal(ours(image)["pixel_values"], wanted)
    assert torch.equal(pickle.loads(pickle.dumps(ours))(image)["pixel_values"], wanted)
    assert Preprocessor.from_config(proof.build_processor(CLIP | {"image_processor_type": "ViTImageProcessor"}))


def test_a_changed_class_computes_by_itself_unless_one_insists(changed, caplog):
    caplog.set_level(logging.WARNING, "kernel_image_resize")
    processor = proof.build_processor(CLIP)
    assert not is_installed(install(processor))
    assert "not installed, transformers computes every call" in caplog.text and "any_version=True" in caplog.text
    assert is_installed(install(processor, any_version=True))


def test_a_class_that_the_table_does_not_have_is_changed(monkeypatch):
    monkeypatch.delitem(_fingerprints.FINGERPRINTS, "CLIPImageProcessor")
    with pytest.raises(Unplanned, match=REASON):
        Preprocessor.from_config(CLIP)


def other_resize(self, image, size, **kwargs):
    return image


@pytest.mark.parametrize("owner", [transformers.CLIPImageProcessor, transformers.CLIPImageProcessor.__mro__[1]])
def test_a_fingerprint_sees_a_method_of_the_class_and_of_its_base(owner, monkeypatch):
    before = _source.fingerprint.__wrapped__(transformers.CLIPImageProcessor)
    assert before == _source.fingerprint(transformers.CLIPImageProcessor)
    monkeypatch.setattr(owner, "resize", other_resize, raising=False)
    assert _source.fingerprint.__wrapped__(transformers.CLIPImageProcessor) != before


def test_a_fingerprint_sees_a_number_of_a_module(monkeypatch):
    from transformers.models.idefics3 import image_processing_idefics3 as module

    before = _source.fingerprint(transformers.Idefics3ImageProcessor)
    monkeypatch.setattr(module, "MAX_IMAGE_SIZE", 2048)
    assert _source.fingerprint.__wrapped__(transformers.Idefics3ImageProcessor) != before


def test_comments_docstrings_and_blanks_are_no_change(tmp_path, monkeypatch):
    plain = "def f(a):\n    return 'x # y' + a\n"
    other = 'def f(a):\n    """Says\n    what."""\n\n    # why\n    return  "x # y" + a  # so\n'.replace(
        '"x # y"', "'x # y'"
    )
    changed = plain.replace("y", "z")
    texts = []
    monkeypatch.syspath_prepend(tmp_path)
    for name, source in (("plain", plain), ("other", other), ("changed", changed)):
        (tmp_path / f"{name}_source.py").write_text(source)
        texts.append(_source._source(importlib.import_module(f"{name}_source").f))
    assert texts[0] == texts[1] != texts[2]
