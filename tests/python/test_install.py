"""install: a processor uses plans, gives the same bits, and says why where it cannot; uninstall undoes it."""

import copy
import itertools
import json
import logging
import os
import pickle
import types
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy
import processor_inputs as inputs
import processor_proof as proof
import pytest
import tokenizers
import torch
import transformers
from kernel_image_resize import _planned, install, is_installed, uninstall

ROOT = Path(__file__).resolve().parents[2]


def config_of(name, **keys):
    return {**json.loads((ROOT / f"configs/processors/{name}.json").read_text(encoding="utf-8")), **keys}


@pytest.fixture
def reasons(caplog):
    caplog.set_level(logging.WARNING, "kernel_image_resize")

    def texts():
        return [record.message for record in caplog.records if record.name == "kernel_image_resize"]

    return texts


def equal(ours, theirs):
    ours, theirs = proof.tensors_of(ours), proof.tensors_of(theirs)
    return ours.keys() == theirs.keys() and all(torch.equal(ours[key], theirs[key]) for key in theirs)


# ----------------------------------------------------------------------------------------------------------------------
# What it gives


@pytest.mark.parametrize(
    "name",
    ["clip", "vit", "siglip", "detr", "qwen2_vl", "idefics3", "idefics", "segformer", "sam2_video", "gemma3", "flava"],
)
def test_the_same_bits(name, planned_calls, reasons):
    """Images of all kinds, as one batch, and back again."""
    processor = proof.build_processor(config_of(name))
    images = inputs.mixed()
    wanted = processor(images, return_tensors="pt")
    assert install(processor) is processor
    assert is_installed(processor)
    assert equal(processor(images, return_tensors="pt"), wanted)
    assert len(planned_calls) == 1
    uninstall(processor)
    assert not is_installed(processor)
    assert equal(processor(images, return_tensors="pt"), wanted)
    assert len(planned_calls) == 1
    assert reasons() == []


def test_uninstall_restores_exactly():
    processor = proof.build_processor(config_of("clip"))
    cls, state, text = type(processor), copy.deepcopy(processor.__dict__), processor.to_json_string()
    install(processor, numerics="float32")
    assert isinstance(processor, transformers.CLIPImageProcessor)
    assert type(processor).__name__ == "CLIPImageProcessor"
    assert processor.to_json_string() == text  # what save_pretrained writes
    uninstall(processor)
    assert type(processor) is cls
    assert processor.__dict__ == state
    uninstall(processor)  # once more changes nothing
    assert type(processor) is cls


def test_installing_again_replaces_the_settings():
    processor = proof.build_processor(config_of("clip"))
    image = inputs.noise("again", 300, 200)
    exact = install(processor)(image, return_tensors="pt")["pixel_values"]
    real = install(processor, numerics="float32")(image, return_tensors="pt")["pixel_values"]
    assert not torch.equal(exact, real)
    assert type(uninstall(processor)) is transformers.CLIPImageProcessor


def test_changes_of_an_installed_processor_are_seen(planned_calls):
    processor = install(proof.build_processor(config_of("clip")))
    processor.do_normalize = False
    processor.size = {"shortest_edge": 100}
    processor.crop_size = {"height": 50, "width": 60}
    image = inputs.noise("changed", 300, 200)
    ours = processor(image, return_tensors="pt", do_rescale=False)
    assert len(planned_calls) == 1
    assert equal(ours, uninstall(processor)(image, return_tensors="pt", do_rescale=False))


def test_copies_and_pickles_stay_installed(planned_calls):
    processor = install(proof.build_processor(config_of("clip")))
    image = inputs.noise("copies", 60, 50)
    wanted = processor(image, return_tensors="pt")
    for made in (copy.copy(processor), copy.deepcopy(processor), pickle.loads(pickle.dumps(processor))):
        before = len(planned_calls)
        assert is_installed(made)
        assert equal(made(image, return_tensors="pt"), wanted)
        assert len(planned_calls) == before + 1
    assert type(uninstall(copy.deepcopy(processor))) is transformers.CLIPImageProcessor
    assert is_installed(processor)


def test_a_processor_of_images_and_text(planned_calls):
    """CLIPProcessor: its image processor is the one that is changed."""
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"a": 0, "photo": 1, "?": 2}, unk_token="?"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=words, unk_token="?", pad_token="?")
    processor = transformers.CLIPProcessor(proof.build_processor(config_of("clip")), tokenizer)
    image = inputs.photograph("chelsea.png")
    wanted = processor(text=["a photo"], images=image, return_tensors="pt")
    install(processor)
    assert is_installed(processor)
    found = processor(text=["a photo"], images=image, return_tensors="pt")
    assert len(planned_calls) == 1
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[key], wanted[key]) for key in wanted)
    uninstall(processor)
    assert type(processor.image_processor) is transformers.CLIPImageProcessor


def test_samples_of_images_with_rows_and_columns(planned_calls):
    """What Idefics3Processor asks of its image processor."""
    keys = {"size": {"longest_edge": 200}, "max_image_size": {"longest_edge": 100}}
    processor = proof.build_processor(config_of("idefics3", **keys))
    images = [[inputs.noise("tiles", 70, 90)], [inputs.noise("tiles", 90, 40), inputs.noise("tiles", 30, 30)]]
    wanted = processor(images, return_tensors="pt", return_row_col_info=True)
    found = install(processor)(images, return_tensors="pt", return_row_col_info=True)
    assert len(planned_calls) == 1
    assert (found.pop("rows"), found.pop("cols")) == (wanted.pop("rows"), wanted.pop("cols"))
    assert equal(found, wanted)


# ----------------------------------------------------------------------------------------------------------------------
# Where it cannot


FALLBACKS = [
    ("clip", torch.rand(3, 40, 50), {}, r"images[0]: is of dtype float32; uint8 is allowed"),
    ("clip", inputs.noise("fallback", 40, 50), {"resample": 1, "do_resize": True}, None),
    ("clip", inputs.noise("fallback", 40, 50), {"image_std": [0.0, 1.0, 1.0]}, "image_std[0]: 0 is not a finite"),
    ("detr", inputs.noise("fallback", 40, 50), {"annotations": {"image_id": 1, "annotations": []}}, "annotations: "),
    ("dinov3_vit", inputs.noise("fallback", 40, 50).astype(numpy.float32), {}, "uint8 is allowed"),
    ("superpoint", inputs.noise("fallback", 40, 50), {"do_grayscale": True}, "do_grayscale: no stage mixes"),
    ("gemma3", inputs.noise("fallback", 40, 90), {"do_pan_and_scan": True, "pan_and_scan_min_crop_size": 9,
     "pan_and_scan_max_num_crops": 4, "pan_and_scan_min_ratio_to_activate": 1.2}, "do_pan_and_scan: "),
    ("sapiens2", inputs.noise("fallback", 40, 50), {"boxes": [[[1.0, 1.0, 30.0, 30.0]]]}, "boxes: "),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "image", "keys", "reason"), FALLBACKS, ids=[f"{row[0]} {row[3]}" for row in FALLBACKS]
)
def test_what_no_plan_honours_is_computed_by_transformers(name, image, keys, reason, planned_calls, reasons):
    processor = proof.build_processor(config_of(name))
    wanted = processor(image, return_tensors="pt", **keys)
    install(processor)
    for _ in range(2):
        found = processor(image, return_tensors="pt", **keys)
        found.pop("labels", None), wanted.pop("labels", None)
        numpy.testing.assert_equal(
            {k: numpy.asarray(v) for k, v in found.items()}, {k: numpy.asarray(v) for k, v in wanted.items()}
        )
    if reason is None:
        assert len(planned_calls) == 2
        assert reasons() == []
        return
    assert planned_calls == []
    assert len(reasons()) == 1, "a reason is logged once"
    assert reasons()[0].startswith(f"{type(processor).__name__}: transformers computes this call: ")
    assert reason in reasons()[0]


def test_after_a_fallback_the_next_call_is_planned(planned_calls):
    processor = install(proof.build_processor(config_of("clip")))
    processor(torch.rand(3, 40, 50), return_tensors="pt", do_rescale=False)
    processor(inputs.noise("next", 40, 50), return_tensors="pt")
    assert len(planned_calls) == 1


def test_what_transformers_refuses_stays_refused():
    processor = install(proof.build_processor(config_of("qwen2_vl")))
    with pytest.raises(ValueError, match="aspect ratio"):
        processor(inputs.noise("refused", 2, 500), return_tensors="pt")
    with pytest.raises(TypeError, match="nonsense"):
        processor(inputs.noise("refused", 20, 50), nonsense=1)


def test_segmentation_maps_of_integers(planned_calls, reasons):
    """The image is planned, the map of int64 is not."""
    processor = proof.build_processor(config_of("segformer"))
    image, labels = inputs.noise("labelled", 61, 80), numpy.arange(61 * 80).reshape(61, 80)
    wanted = processor(image, labels, return_tensors="pt")
    assert equal(install(processor)(image, labels, return_tensors="pt"), wanted)
    assert len(planned_calls) == 1
    assert len(reasons()) == 1 and "int64" in reasons()[0]


def test_reduced_labels_are_computed_by_transformers(planned_calls, reasons):
    processor = proof.build_processor(config_of("beit", do_reduce_labels=True))
    image, labels = inputs.noise("labelled", 61, 80), inputs.noise("labels", 61, 80, 1)[:, :, 0]
    wanted = processor(image, labels, return_tensors="pt")
    assert equal(install(processor)(image, labels, return_tensors="pt"), wanted)
    assert len(planned_calls) == 1
    assert len(reasons()) == 1 and "do_reduce_labels: True changes levels" in reasons()[0]


def doubled(self, image, size, **kwargs):
    """A resize that is not the class's."""
    return type(self).resize(self, image // 2, size, **kwargs)


@pytest.mark.parametrize("before", [True, False], ids=["before install", "after install"])
def test_a_method_set_on_the_object_is_what_runs(before, planned_calls, reasons):
    processor, image = proof.build_processor(config_of("clip")), inputs.noise("method", 40, 50)
    plain = processor(image, return_tensors="pt")
    if before:
        processor.resize = types.MethodType(doubled, processor)
        wanted = processor(image, return_tensors="pt")
        install(processor)
        assert not is_installed(processor)
    else:
        install(processor)
        processor.resize = types.MethodType(doubled, processor)
        wanted = None
    found = processor(image, return_tensors="pt")
    assert planned_calls == []
    assert len(reasons()) == 1 and "resize: is set on this CLIPImageProcessor itself" in reasons()[0]
    assert not equal(found, plain)
    assert equal(found, wanted or uninstall(processor)(image, return_tensors="pt"))

    install(uninstall(processor))
    del processor.resize
    assert equal(install(processor)(image, return_tensors="pt"), plain)
    assert len(planned_calls) == 1


@pytest.mark.parametrize("place", ["call", "processor"])
@pytest.mark.parametrize("resample", ["bilinear", "lanczos", numpy.int64(2)], ids=repr)
@pytest.mark.parametrize("name", ["vit", "clip"])
def test_a_filter_of_a_type_that_the_class_refuses(name, resample, place, planned_calls):
    """The class's own error; where it does not resize, no filter is asked for."""
    processor, image = install(proof.build_processor(config_of(name))), inputs.noise("filter", 40, 50)
    keys = {"return_tensors": "pt"}
    if place == "call":
        keys["resample"] = resample
    else:
        processor.resample = resample
    for each in (processor, uninstall(copy.deepcopy(processor))):
        with pytest.raises(ValueError, match="Argument interpolation should be"):
            each(image, **keys)
    assert planned_calls == []
    found = processor(image, **keys, do_resize=False)
    assert len(planned_calls) == 1
    assert equal(found, uninstall(processor)(image, **keys, do_resize=False))


def test_a_reason_is_logged_once_whatever_its_values(reasons):
    """Another index, number or text in it makes no other reason; another argument does."""
    processor, image = install(proof.build_processor(config_of("clip"))), inputs.noise("once", 30, 30)
    for place in range(20):
        images = [torch.from_numpy(image).permute(2, 0, 1)] * 20
        images[place] = images[place].float()
        processor(images)
    assert len(reasons()) == 1 and "images[0]: is of dtype float32" in reasons()[0]
    for bad in (0.0, -1.0, -2.5e-3):
        processor(image, image_std=[bad, 1.0, 1.0])
        processor(image, image_std=[1.0, 1.0, bad])
    assert len(reasons()) == 2 and "image_std[0]" in reasons()[1]
    processor([torch.from_numpy(image).permute(2, 0, 1).double()])
    assert len(reasons()) == 3 and "float64" in reasons()[2]


def test_reasons_do_not_grow_without_bound(reasons):
    logged = set()
    for name in itertools.islice(itertools.product("abcdef", repeat=4), 1000):
        _planned.log_once(logged, f"{''.join(name)}: is not planned")
    assert len(logged) == 64
    assert len(reasons()) == 65
    assert reasons()[63:] == ["abed: is not planned", "64 reasons were logged; others are not"]


def test_ragged_outputs_as_one_tensor_fail_as_before(reasons):
    processor = install(proof.build_processor(config_of("clip", do_center_crop=False)))
    with pytest.raises(ValueError, match="pixel_values"):
        processor([inputs.noise("ragged", 30, 40), inputs.noise("ragged", 40, 30)], return_tensors="pt")
    assert reasons() == []


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (transformers.LlavaNextImageProcessor, "LlavaNextImageProcessor is not built yet"),
        (transformers.Pix2StructImageProcessorPil, "do_normalize: numpy sums an image's mean and deviation"),
        (transformers.LayoutLMv2ImageProcessor, "apply_ocr"),
        (type("Mine", (transformers.CLIPImageProcessor,), {}), "is not a class of transformers"),
    ],
)
def test_a_class_that_is_not_planned_is_left_alone(make, reason, reasons):
    processor = make()
    cls = type(processor)
    install(processor)
    assert type(processor) is cls
    assert not is_installed(processor)
    assert len(reasons()) == 1 and reason in reasons()[0] and "not installed" in reasons()[0]


def test_other_objects_are_refused():
    for function in (install, uninstall, is_installed):
        with pytest.raises(TypeError, match="processor: int is no image processor of transformers, and has none"):
            function(3)
    with pytest.raises(ValueError, match="numerics: 'exact' is not one of processor, float32"):
        install(proof.build_processor(config_of("clip")), numerics="exact")
    with pytest.raises(ValueError, match="backend: 'nonsense' is not one of separable, fused"):
        install(proof.build_processor(config_of("clip")), backend="nonsense")


# ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("name", ["clip", "detr", "qwen2_vl", "idefics3", "segformer"])
def test_device_on_a_gpu(name, planned_calls):
    """Outputs on the device, with the bits of the CPU; and a fallback there too."""
    processor = proof.build_processor(config_of(name))
    images = inputs.mixed()
    wanted = processor(images, return_tensors="pt")
    on_device = processor(images, return_tensors="pt", device="cuda")
    found = install(processor)(images, return_tensors="pt", device="cuda")
    assert len(planned_calls) == 1
    for key, value in wanted.items():
        assert found[key].device == on_device[key].device, key
        assert torch.equal(found[key].cpu(), value), key
    floats = [image.float() for image in inputs.tensors(images)]
    found = processor(floats, return_tensors="pt", device="cuda")
    assert len(planned_calls) == 1
    assert equal(found, uninstall(processor)(floats, return_tensors="pt", device="cuda"))


def test_the_readme_s_lines(tmp_path, monkeypatch):
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## With transformers", 1)[1]
    lines = [line[4:] for line in section.split("\nBoth do", 1)[0].splitlines() if line.startswith("    ")]
    program = "\n".join(lines)
    if not torch.cuda.is_available():
        program = program.replace('device="cuda"', 'device="cpu"')
    processor, images = proof.build_processor(config_of("clip")), inputs.mixed()
    processor.save_pretrained(tmp_path / "model")
    wanted = processor(images, return_tensors="pt")
    monkeypatch.chdir(tmp_path)
    names = {"processor": processor, "images": images}
    exec(compile(program, "README.md", "exec"), names)
    assert is_installed(processor)
    assert torch.equal(names["features"]["pixel_values"].cpu(), wanted["pixel_values"])
