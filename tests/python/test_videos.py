"""Preprocessor and install on videos give what transformers' video processors give: keys, order, types, elements."""

import json
from pathlib import Path

import numpy
import processor_inputs as inputs
import pytest
import torch
import transformers
from kernel_image_resize import Preprocessor, _ops, install, is_installed
from kernel_image_resize.preprocessor import Unplanned
from PIL import Image
from video_variants import VIDEO_VARIANTS

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "configs/video").glob("*.json"))}
BUILT = [name for name, config in CONFIGS.items() if not _ops.processor_info(json.dumps(config))["unsupported"]]
each_built = pytest.mark.parametrize("name", BUILT)
CALL = {"do_sample_frames": False}


def build(config):
    values = {key: value for key, value in config.items() if key not in ("_provenance", "video_processor_type")}
    return getattr(transformers, config["video_processor_type"])(**values)


def video(name, frames, height, width, channels=3):
    """(T, H, W, C)"""
    return numpy.stack([inputs.noise(f"{name} {t}", height, width, channels) for t in range(frames)])


RAGGED = [video("a", 4, 61, 90), video("b", 7, 100, 45)]
ALIKE = [video("c", 5, 61, 90), video("d", 5, 61, 90)]


def same(ours, theirs):
    assert list(ours) == list(theirs)
    for key, wanted in theirs.items():
        got = ours[key]
        assert type(got) is type(wanted), key
        if isinstance(wanted, list):
            assert len(got) == len(wanted), key
            for mine, other in zip(got, wanted, strict=True):
                assert type(mine) is type(other), key
                assert torch.equal(mine, other) if torch.is_tensor(other) else mine == other, key
        elif torch.is_tensor(wanted):
            assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape), key
            assert torch.equal(got, wanted), key
        elif isinstance(wanted, numpy.ndarray):
            assert got.dtype == wanted.dtype and numpy.array_equal(got, wanted), key
        else:
            assert got == wanted, key


def check(config, videos, **kwargs):
    arguments = {**CALL, **kwargs}
    try:
        wanted = build(config)(videos, **arguments)
    except Exception:
        with pytest.raises((ValueError, TypeError)):
            Preprocessor.from_config(config)(videos, **arguments)
        return
    same(Preprocessor.from_config(config)(videos, **arguments), wanted)


@each_built
@pytest.mark.parametrize("return_tensors", ["pt", "np", None])
@pytest.mark.parametrize("videos", [ALIKE, RAGGED], ids=["alike", "ragged"])
def test_every_configuration(name, videos, return_tensors):
    check(CONFIGS[name], videos, return_tensors=return_tensors)


@pytest.mark.parametrize("variant", VIDEO_VARIANTS, ids=lambda variant: variant.name)
def test_variant(variant):
    check(CONFIGS[variant.base] | variant.keys, RAGGED, return_tensors=None)


@pytest.mark.parametrize("name", ["videomae", "qwen2_vl", "smolvlm"])
def test_every_form_of_videos(name):
    one = ALIKE[0]
    forms = [
        one,  # (T, H, W, C)
        numpy.ascontiguousarray(one.transpose(0, 3, 1, 2)),
        torch.from_numpy(one),
        torch.from_numpy(one).permute(0, 3, 1, 2),
        list(one),
        [Image.fromarray(frame) for frame in one],
        numpy.stack(ALIKE),
        [list(each) for each in RAGGED],
        [[Image.fromarray(frame) for frame in each] for each in RAGGED],
        [one[:1]],
    ]
    for form in forms:
        check(CONFIGS[name], form, return_tensors=None if name == "videomae" else "pt")


def test_values_of_a_call():
    check(CONFIGS["videomae"], ALIKE, return_tensors="pt", size={"height": 50, "width": 60}, do_center_crop=False)
    check(CONFIGS["qwen2_vl"], RAGGED, return_tensors="pt", min_pixels=900, max_pixels=9000)
    check(CONFIGS["qwen2_vl"], RAGGED, return_tensors="pt", return_metadata=True)
    capped = {**CONFIGS["qwen3_vl"], "cap_pixels_per_frame": True, "max_video_tokens": 20}
    check(capped, RAGGED, return_tensors="pt", max_video_tokens=3)  # the class reads its own


def test_frames_are_sampled_by_the_class():
    config = {**CONFIGS["internvl"], "do_sample_frames": True, "num_frames": 3}
    videos = [video("long", 11, 40, 50)]
    wanted = build(config)(videos, return_tensors="pt")
    assert wanted["pixel_values_videos"].shape[1] == 3
    same(Preprocessor.from_config(config)(videos, return_tensors="pt"), wanted)


def test_a_size_that_vjepa2_does_not_make_of_crop_size_is_refused():
    config = CONFIGS["vjepa2"]
    with pytest.raises(Unplanned, match=r"size: .*VJEPA2VideoProcessor makes of crop_size"):
        Preprocessor.from_config(config)(ALIKE, return_tensors="pt", size={"height": 50, "width": 60})
    installed = install(build(config))
    call = {"return_tensors": "pt", "size": {"height": 50, "width": 60}, "crop_size": 40}
    same(installed(ALIKE, **call), build(config)(ALIKE, **call))


@pytest.mark.parametrize("name", ["llava_onevision", "qwen3_vl", "timesformer", "pe_video"])
def test_install(name):
    installed = install(build(CONFIGS[name]))
    assert is_installed(installed)
    same(installed(ALIKE, return_tensors="pt", **CALL), build(CONFIGS[name])(ALIKE, return_tensors="pt", **CALL))
    floats = [each.astype(numpy.float32) for each in ALIKE]  # which transformers computes
    wanted = build(CONFIGS[name])(floats, return_tensors="pt", **CALL)
    same(installed(floats, return_tensors="pt", **CALL), wanted)


def test_a_class_that_is_not_built_is_refused_by_name(caplog):
    with pytest.raises(Unplanned, match="MiniCPMV4_6VideoProcessor is not built yet"):
        Preprocessor.from_config(CONFIGS["minicpmv4_6"])
    assert not is_installed(install(build(CONFIGS["minicpmv4_6"])))
    with pytest.raises(Unplanned, match="use_token_compression: which tokens are kept follows from the pixels"):
        Preprocessor.from_config(CONFIGS["video_llama_3"])


def test_configurations_of_videos_are_found(tmp_path):
    file = tmp_path / "video_preprocessor_config.json"
    file.write_text(json.dumps(CONFIGS["videomae"]))
    assert Preprocessor.from_config(file).class_name == "VideoMAEVideoProcessor"
    nested = {"video_processor": CONFIGS["videomae"]}
    assert Preprocessor.from_config(nested).class_name == "VideoMAEVideoProcessor"
    assert Preprocessor.from_config(build(CONFIGS["videomae"])).class_name == "VideoMAEVideoProcessor"
