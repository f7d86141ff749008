"""Preprocessor gives what the installed transformers processors give: every key, type, shape and element."""

import json
import os
import pickle
import sys
import threading
import zlib
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy
import processor_inputs as inputs
import processor_proof as proof
import pytest
import torch
import transformers
from kernel_image_resize import Preprocessor, _ops
from kernel_image_resize.preprocessor import Unplanned
from PIL import Image
from processor_agreement import made, outputs_of
from processor_variants import VARIANTS

ROOT = Path(__file__).resolve().parents[2]
CUDA_FLOAT_DOMAIN = 1e-5  # as configs/gate.json accepts of the CUDA backends
FLOAT32_BOUND = 1e-4  # in units of the rescaled image
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")


PLANNED = proof.planned(_ops.processor_info)
CONFIGS = {each.name: each.config for each in PLANNED}
CONFIGS["layoutlmv3"] = {**json.loads((ROOT / "configs/processors/layoutlmv3.json").read_text()), "apply_ocr": False}
CONFIGS["imagegpt"] = {
    **json.loads((ROOT / "configs/processors/imagegpt.json").read_text()),
    "do_color_quantize": False,
}
GROUPS = proof.groups(PLANNED)
each_group = pytest.mark.parametrize("group", GROUPS, ids=[group[0].name for group in GROUPS])


def config_of(name, **keys):
    return {**CONFIGS[name], **keys}


@pytest.fixture
def same(achieved):
    """Keys, types, shapes and elements, and that both are tensors, or lists of the same."""

    def compare(ours, theirs, bound=0.0, title="equal tensors"):
        assert list(ours) == list(theirs), f"keys {list(ours)} instead of {list(theirs)}"
        for key in ours:
            assert type(ours[key]) is type(theirs[key]), f"{key}: {type(ours[key])} instead of {type(theirs[key])}"
        lists = {
            key for key, value in theirs.items() if isinstance(value, list) and not any(map(torch.is_tensor, value))
        }
        for key in lists:  # numbers, nested
            assert ours[key] == theirs[key], key
        tensors = [proof.tensors_of({k: v for k, v in side.items() if k not in lists}) for side in (ours, theirs)]
        difference = proof.compare(*tensors, bound)
        assert not difference.faults, f"{title}, KIR_TEST_SEED={inputs.SEED}:\n" + "\n".join(difference.faults)
        achieved(title, difference.max_abs, bound)
        return difference

    return compare


def stretch(arguments):
    """How much larger image_std makes the values, and so their ulps, than the class's own, which the bounds are of."""
    own = getattr(getattr(transformers, arguments["image_processor_type"]), "image_std", None)
    if own is None or not arguments.get("do_normalize"):  # Pix2Struct divides by each image's own deviation
        return 1.0
    return (numpy.array(own) / arguments["image_std"]).max()  # 1 to the bit with the class's own


@pytest.fixture
def check(same):
    """Both sides on the same images give the same. None when both refuse."""

    def run(config, images, levels=False, **kwargs):
        scale = 255 if levels else 255 * kwargs.get("rescale_factor", 1 / 255)  # the bounds are of values in 0..1
        scale *= stretch(config | kwargs)
        bound = proof.FLOAT_DOMAIN.get(config["image_processor_type"], 0.0) * max(scale, 1)
        kwargs.setdefault("return_tensors", "pt")
        try:
            wanted = outputs_of(proof.build_processor(config)(images, **kwargs))
        except Exception as error:
            with pytest.raises((ValueError, TypeError)) as refusal:
                made(config)(images, **kwargs)
            print(f"both refuse: {error} / {refusal.value}")
            return None
        if getattr(wanted.get("pixel_values"), "numel", lambda: 1)() == 0:  # Perceiver crops a row to nothing
            with pytest.raises(ValueError, match="would be resized to 0 x 0"):
                made(config)(images, **kwargs)
            return None
        ours = dict(made(config)(images, **kwargs))
        title = f"{config['image_processor_type']}, processor{', in levels' if levels else ''}"
        return same(ours, wanted, bound, title)

    return run


# ----------------------------------------------------------------------------------------------------------------------
# Every configuration


def few(images, config):
    """Fewer images where the outputs are large."""
    return images[:3] if any(edge >= 500 for edge in (config.get("size") or {}).values()) else images


@each_group
def test_every_processor(group, check):
    config = group[0].config
    images = few(inputs.mixed(), config)
    assert check(config, images, return_tensors=ragged_or_pt(config, images)) is not None


def ragged_or_pt(config, images):
    """ "pt", or None where the outputs have different shapes."""
    try:
        proof.build_processor(config)(images, return_tensors="pt")
    except Exception:
        return None
    return "pt"


@each_group
def test_every_processor_on_float32(group, same):
    """numerics="float32" on uint8 images is the processor on float images."""
    config = group[0].config
    images = few(inputs.mixed(), config)[:3]
    wanted = proof.expected(proof.build_processor(config), [image.float() for image in inputs.tensors(images)])
    ours = proof.tensors_of(
        Preprocessor.from_config(config, numerics="float32")(images, return_tensors=ragged_or_pt(config, images))
    )
    bound = proof.BFLOAT16_DOMAIN.get(config["image_processor_type"], FLOAT32_BOUND)
    same(ours, wanted, bound, f"{config['image_processor_type']}, float32")


def test_the_coverage():
    print(f"{len(PLANNED)} configurations planned, {len(GROUPS)} of them unlike")
    assert len(PLANNED) >= 115


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_variant(variant, check):
    """Configurations as checkpoints change them."""
    base = json.loads((ROOT / f"configs/processors/{variant.base}.json").read_text(encoding="utf-8"))
    config = base | variant.keys
    images = inputs.mixed()[:2]
    check(config, images, variant.levels, return_tensors=ragged_or_pt(config, images))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@each_group
def test_every_processor_to_a_gpu(group, same):
    """From host images and from CUDA images: the bits of the processor on the CPU."""
    config = group[0].config
    images = few(inputs.mixed(), config)
    bound = CUDA_FLOAT_DOMAIN if config["image_processor_type"] in proof.FLOAT_DOMAIN else 0.0
    return_tensors = ragged_or_pt(config, images)
    wanted = proof.tensors_of(proof.build_processor(config)(images, return_tensors=return_tensors))
    ours = made(config)
    resident = [image.cuda() for image in inputs.tensors(images)]
    some = [image.cuda() if i % 2 else image for i, image in enumerate(inputs.tensors(images))]
    for given in (
        ours(images, device="cuda", return_tensors=return_tensors),
        ours(some, device="cuda", return_tensors=return_tensors),
        ours(resident, return_tensors=return_tensors),
    ):
        outputs = proof.tensors_of(given)
        assert outputs[next(iter(outputs))].is_cuda
        here = {key: value.cpu() for key, value in outputs.items()}
        same(here, wanted, bound, f"{config['image_processor_type']}, processor, CUDA")


# ----------------------------------------------------------------------------------------------------------------------
# Images of all kinds


@pytest.mark.parametrize("name", ["clip", "vit", "detr", "qwen2_vl", "idefics3", "idefics", "pix2struct", "segformer"])
@pytest.mark.parametrize(
    "image",
    [
        inputs.photograph("chelsea.png"),
        inputs.noise("single", 61, 80),
        inputs.chw(inputs.noise("single", 61, 80)),
        torch.stack([inputs.chw(inputs.noise(f"stack {i}", 61, 80)) for i in range(2)]),
        numpy.stack([inputs.noise(f"stack {i}", 61, 80) for i in range(2)]),
    ],
    ids=["pil", "hwc", "chw", "nchw", "nhwc"],
)
def test_a_single_image_or_a_stack(name, image, check):
    assert check(CONFIGS[name], image) is not None


@pytest.mark.parametrize("name", ["clip", "vit", "chameleon", "detr", "layoutlmv3", "superpoint"])
@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16"])
def test_pil_modes(name, mode, check):
    """Grey, alpha, palettes: as the class converts them, or refused as it refuses them."""
    rgb = inputs.photograph("chelsea.png").resize((91, 67))
    image = Image.new("I;16", (91, 67), 40000) if mode == "I;16" else rgb.convert(mode)
    if mode in ("1", "I;16") and not CONFIGS[name].get("do_convert_rgb"):  # becomes a bool or a uint16 tensor
        with pytest.raises(TypeError, match=r"images\[0\].*uint8 is allowed"):
            made(CONFIGS[name])(image)
        return
    check(CONFIGS[name], image)


def test_exif_orientation_is_left_alone(check):
    """A PIL image's pixels are taken as they are, as transformers takes them."""
    import io

    exif, file = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    inputs.photograph("chelsea.png").resize((90, 60)).save(file, "png", exif=exif)
    check(config_of("clip", do_center_crop=False), Image.open(io.BytesIO(file.getvalue())))


@pytest.mark.parametrize("name", ["clip", "vit", "videomae", "idefics3"])
def test_one_channel(name, check):
    check(CONFIGS[name], [inputs.chw(inputs.noise("grey", 70, 90, 1)), inputs.chw(inputs.noise("grey", 70, 51, 1))])


def test_a_grey_array_is_refused_or_taken_as_transformers_does(check):
    check(CONFIGS["clip"], inputs.noise("grey", 70, 90, 1)[:, :, 0])


def test_a_file_s_path(tmp_path, check):
    inputs.photograph("chelsea.png").save(tmp_path / "image.png")
    assert check(CONFIGS["clip"], str(tmp_path / "image.png")) is not None


# ----------------------------------------------------------------------------------------------------------------------
# Lists of lists

SMALL_TILES = {"size": {"longest_edge": 200}, "max_image_size": {"longest_edge": 100}}


def nested(*counts):
    return [[inputs.chw(inputs.noise(f"nested {i}", 70 + 13 * k, 90)) for k in range(n)] for i, n in enumerate(counts)]


@pytest.mark.parametrize("name", ["idefics3", "smolvlm"])
@pytest.mark.parametrize("counts", [(1,), (2, 1), (1, 3, 2), (0, 2), (1, 0)])
@pytest.mark.parametrize("keys", [{}, {"do_image_splitting": False}, {"return_row_col_info": True}], ids=str)
def test_samples_of_images(name, counts, keys, check):
    assert check(config_of(name, **SMALL_TILES), nested(*counts), **keys) is not None


def test_samples_of_images_without_padding(check):
    config = config_of("idefics3", **SMALL_TILES, do_pad=False)
    assert check(config, [[image] for image in inputs.tensors(inputs.mixed())[3:4]]) is not None
    with pytest.raises(Unplanned, match="do_pad: False gives nested lists"):
        made(config)(nested(1), return_tensors=None)
    check(config, nested(1, 2))


@pytest.mark.parametrize("return_tensors", ["pt", None])
@pytest.mark.parametrize("counts", [(3,), (2, 2), (1, 3)])
def test_videos(counts, return_tensors, check):
    config = config_of("videomae", size={"shortest_edge": 50}, crop_size={"height": 40, "width": 30})
    check(config, nested(*counts), return_tensors=return_tensors)


def test_nested_lists_are_flattened_where_the_class_flattens_them(check):
    assert check(CONFIGS["clip"], nested(2, 1)) is not None


# ----------------------------------------------------------------------------------------------------------------------
# Arguments of a call

OVERRIDES = [
    ("clip", {"size": {"shortest_edge": 300}}),
    ("clip", {"size": 300, "crop_size": 100}),
    ("clip", {"do_resize": False}),
    ("clip", {"do_center_crop": False, "size": {"height": 40, "width": 50}}),
    ("clip", {"resample": 2}),
    ("clip", {"resample": Image.Resampling.NEAREST}),
    ("clip", {"do_rescale": False}),
    ("clip", {"do_normalize": False}),
    ("clip", {"do_rescale": False, "do_normalize": False}),
    ("clip", {"rescale_factor": 1 / 127.5, "image_mean": 1.0, "image_std": [1.0, 2.0, 3.0]}),
    ("clip", {"image_mean": (0.1, 0.2, 0.3)}),
    ("clip", {"do_pad": True, "pad_size": {"height": 300, "width": 310}}),
    ("clip", {"crop_size": None}),
    ("vit", {"do_convert_rgb": True}),
    ("vit", {"input_data_format": "channels_first"}),
    ("vit", {"disable_grouping": True, "data_format": "channels_first"}),
    ("vit", {"size": [30, 40]}),
    ("convnext", {"crop_pct": 0.5, "size": {"shortest_edge": 100}}),
    ("detr", {"size": {"shortest_edge": 100, "longest_edge": 120}}),
    ("detr", {"do_pad": False}),
    ("detr", {"pad_size": {"height": 900, "width": 1400}}),
    ("qwen2_vl", {"min_pixels": 3136, "max_pixels": 50176}),
    ("qwen2_vl", {"min_pixels": 3136}),
    ("qwen2_vl", {"size": {"shortest_edge": 3136, "longest_edge": 50176}, "merge_size": 1}),
    ("qwen2_vl", {"patch_size": 16, "temporal_patch_size": 1}),
    ("idefics3", {"do_image_splitting": False}),
    ("idefics3", {"do_rescale": False, "do_normalize": False}),
    ("smolvlm", {"do_rescale": False, "do_normalize": False, "do_pad": False}),
    ("idefics3", {"size": {"longest_edge": 300}, "max_image_size": {"longest_edge": 150}}),
    ("idefics", {"size": {"height": 50, "width": 60}}),
    ("idefics", {"image_size": 50}),
    ("pix2struct", {"max_patches": 100, "patch_size": {"height": 8, "width": 10}}),
    ("mobilevit", {"do_flip_channel_order": False}),
    ("segformer", {"do_normalize": False}),
    ("sam2_video", {"size": {"height": 100, "width": 110}}),
    ("efficientnet", {"include_top": False, "rescale_offset": True}),
    ("gemma3", {"size": {"height": 100, "width": 110}}),
]


@pytest.mark.parametrize(("name", "keys"), OVERRIDES, ids=[f"{name} {keys}" for name, keys in OVERRIDES])
def test_an_argument_of_a_call_overrides_the_configuration(name, keys, check):
    images = inputs.tensors(inputs.mixed())[3:4]
    check(CONFIGS[name], images, **keys)


SWITCHES = [
    {"do_normalize": False},
    {"do_rescale": False},
    {"do_resize": False},
    {"do_center_crop": False},
    {"do_pad": True},
    {"do_pad": False},
    {"resample": 0},
    {"resample": 2},
    {"resample": 3},
    {"rescale_factor": 1 / 128},
    {"image_mean": [0.1, 0.2, 0.3], "image_std": [0.3, 0.2, 0.4]},
]


@each_group
def test_random_arguments_and_sizes(group, check):
    """Two switches drawn at random, on an image of random size, on a row and on one pixel: the same, or both refuse."""
    config = group[0].config
    random = numpy.random.default_rng([inputs.SEED, zlib.crc32(group[0].name.encode())])
    keys = {}
    for i in random.choice(len(SWITCHES), 2, replace=False):
        keys |= SWITCHES[i]
    if group[0].name == "mllama":  # which looks at its own switches, and at a call's too late
        keys = {key: value for key, value in keys.items() if key not in ("do_resize", "do_pad")}
    levels = not keys.get("do_rescale", True) or (group[0].name == "pix2struct" and not keys.get("do_normalize", True))
    for size in (random.integers(2, 150, 2).tolist(), [1, int(random.integers(2, 60))], [1, 1]):
        print(f"{group[0].name}: {keys} on {size}, KIR_TEST_SEED={inputs.SEED}")
        check(config, inputs.chw(inputs.noise("drawn", *size)), levels, **keys)


def test_a_call_leaves_the_configuration_as_it_was():
    ours = made(CONFIGS["clip"])
    image = inputs.noise("twice", 50, 60)
    before = ours(image)["pixel_values"]
    assert ours(image, size={"shortest_edge": 300}, do_normalize=False)["pixel_values"].shape == before.shape
    assert torch.equal(ours(image)["pixel_values"], before)


@pytest.mark.parametrize(
    "name",
    [
        *("clip", "segformer", "sam2_video", "gemma3", "detr", "qwen2_vl", "pix2struct"),
        *("siglip2", "gemma4", "kosmos-2.5", "video_llama_3"),
    ],
)
@pytest.mark.parametrize("return_tensors", [None, "pt", "np"])
def test_return_tensors(name, return_tensors):
    images = inputs.tensors(inputs.mixed())[1:3]
    if name == "detr":
        images = images[:1]
    config = config_of(name, size={"height": 60, "width": 50}) if name in ("segformer", "sam2_video") else CONFIGS[name]
    ours = made(config)(images, return_tensors=return_tensors)
    theirs = proof.build_processor(config)(images, return_tensors=return_tensors)
    assert ours.keys() == theirs.keys()
    for key, wanted in theirs.items():
        mine = ours[key]
        assert type(mine) is type(wanted), key
        assert len(mine) == len(wanted)
        for one, other in zip(mine, wanted, strict=True):
            assert type(one) is type(other), key
            numpy.testing.assert_allclose(
                numpy.asarray(one),
                numpy.asarray(other),
                rtol=0,
                atol=proof.FLOAT_DOMAIN.get(config["image_processor_type"], 0),
            )


@pytest.mark.parametrize("name", ["beit", "segformer", "mobilevit", "mobilenet_v2", "dpt", "sapiens2"])
def test_segmentation_maps_of_levels(name, same):
    """Labels as transformers makes them: their resize is planned too."""
    config = CONFIGS[name]
    image, labels = inputs.noise("labelled", 61, 80), inputs.noise("labels", 61, 80, 1)[:, :, 0]
    wanted = proof.build_processor(config)(image, labels, return_tensors="pt")
    same(dict(made(config)(image, labels)), dict(wanted), title=f"{name}, labels")


def test_reduced_labels_are_no_matter_of_the_images(check):
    """As checkpoints of ADE20k have it: only the labels are not planned."""
    assert check(config_of("segformer", do_reduce_labels=True), inputs.noise("reduced", 61, 80)) is not None


def test_a_rendered_header_is_a_part_of_the_image(monkeypatch, check):
    """Pix2Struct for questions: the class draws the text, here without its font, before the pixel work."""
    module = sys.modules[transformers.Pix2StructImageProcessor.__module__]
    monkeypatch.setattr(module, "render_text", lambda text, **_: inputs.photograph("chelsea.png").resize((90, 20)))
    config = config_of("pix2struct", is_vqa=True, max_patches=100)
    assert check(config, inputs.noise("question", 61, 80), header_text="what is it?") is not None


# ----------------------------------------------------------------------------------------------------------------------
# Where a configuration comes from


def test_a_dict_a_file_a_folder_and_a_processor_are_the_same(tmp_path):
    config = CONFIGS["clip"]
    processor = proof.build_processor(config)
    processor.save_pretrained(tmp_path)
    image = inputs.noise("sources", 300, 200)
    wanted = processor(image, return_tensors="pt")["pixel_values"]
    sources = [
        config,
        ROOT / "configs/processors/clip.json",
        str(tmp_path),
        tmp_path / "preprocessor_config.json",
        processor,
    ]
    for source in sources:
        assert torch.equal(Preprocessor.from_config(source)(image)["pixel_values"], wanted), source


def test_the_configuration_of_a_processor_of_images_and_text(tmp_path):
    """processor_config.json holds the image processor's beside others."""
    text = json.dumps({"processor_class": "CLIPProcessor", "image_processor": CONFIGS["clip"]})
    (tmp_path / "processor_config.json").write_text(text)
    image = inputs.noise("nested config", 300, 200)
    wanted = Preprocessor.from_config(CONFIGS["clip"])(image)["pixel_values"]
    for source in (tmp_path, tmp_path / "processor_config.json", json.loads(text)):
        assert torch.equal(Preprocessor.from_config(source)(image)["pixel_values"], wanted)


def test_a_processor_s_later_changes_are_not_seen():
    processor = proof.build_processor(CONFIGS["clip"])
    ours = Preprocessor.from_config(processor)
    processor.do_normalize = False
    image = inputs.noise("later", 300, 200)
    assert not torch.equal(ours(image)["pixel_values"], processor(image, return_tensors="pt")["pixel_values"])
    changed = Preprocessor.from_config(processor)
    assert torch.equal(changed(image)["pixel_values"], processor(image, return_tensors="pt")["pixel_values"])


@pytest.mark.parametrize(
    "named",
    [
        {"image_processor_type": "CLIPImageProcessorFast"},
        {"image_processor_type": "CLIPImageProcessorPil"},
        {"feature_extractor_type": "CLIPFeatureExtractor"},
    ],
    ids=str,
)
def test_other_class_names(named):
    config = {k: v for k, v in CONFIGS["clip"].items() if k != "image_processor_type"}
    assert Preprocessor.from_config({**config, **named}).class_name == "CLIPImageProcessor"


def test_a_configuration_of_qwen2_vl_as_its_checkpoints_have_it():
    """Pixel counts in place of edges; and the class is as it was afterwards."""
    before = dict(transformers.Qwen2VLImageProcessor.size)
    plain = {key: value for key, value in CONFIGS["qwen2_vl"].items() if key != "size"}
    pixels = {"min_pixels": 3136, "max_pixels": 50176}
    image = inputs.noise("qwen", 300, 500)
    wanted = Preprocessor.from_config({**plain, "size": {"shortest_edge": 3136, "longest_edge": 50176}})(image)
    for config in ({**plain, **pixels}, {**plain, **pixels, "size": dict(pixels)}):
        found = Preprocessor.from_config(config)(image)
        assert torch.equal(found["image_grid_thw"], wanted["image_grid_thw"])
        assert torch.equal(found["pixel_values"], wanted["pixel_values"])
    assert transformers.Qwen2VLImageProcessor.size == before


def test_what_a_preprocessor_says_of_itself():
    ours = Preprocessor.from_config(CONFIGS["clip"], numerics="float32")
    assert repr(ours) == "Preprocessor(CLIPImageProcessor, numerics='float32', backend='separable')"
    assert ours.config["size"] == {"shortest_edge": 224}
    assert ours.config["image_processor_type"] == "CLIPImageProcessor"


def test_a_pickled_preprocessor_works():
    ours = Preprocessor.from_config(CONFIGS["clip"], numerics="float32")
    image = inputs.noise("pickle", 30, 40)
    again = pickle.loads(pickle.dumps(ours))
    assert repr(again) == repr(ours)
    assert torch.equal(again(image)["pixel_values"], ours(image)["pixel_values"])


def test_threads_share_a_preprocessor():
    ours = Preprocessor.from_config(CONFIGS["clip"])
    images = [inputs.noise(f"thread {i}", 50 + 7 * i, 60) for i in range(8)]
    wanted = [ours(image)["pixel_values"] for image in images]
    found = [None] * len(images)

    def work(i):
        for _ in range(5):
            found[i] = ours(images[i])["pixel_values"]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(images))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(torch.equal(a, b) for a, b in zip(found, wanted, strict=True))


# ----------------------------------------------------------------------------------------------------------------------
# Bad input


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"size": 224}, "config: image_processor_type: missing; it names the class"),
        ({"image_processor_type": 3}, "config: image_processor_type: 3 is not the name of a class"),
        (
            {"image_processor_type": "NoImageProcessor"},
            'image_processor_type: "NoImageProcessor" is none of the 126 image processor classes',
        ),
        (
            {"image_processor_type": "CLIPModel"},
            'image_processor_type: "CLIPModel" is none of the 126 image processor classes',
        ),
        (
            {"image_processor_type": "CLIPFeatureExtractor"},
            '"CLIPFeatureExtractor" is none of the 126 .*; names of that age stand under feature_extractor_type',
        ),
        (
            {"image_processor_type": "ViTImageProcessor", "resample": "bilinear"},
            r'config: resample: "bilinear" is unknown; 0 \(nearest\)',
        ),
        ({"image_processor_type": "LlavaNextImageProcessor"}, "LlavaNextImageProcessor is not built yet"),
        ({"image_processor_type": "LayoutLMv2ImageProcessor"}, "apply_ocr: words and boxes come from an OCR engine"),
        ({"image_processor_type": "CLIPImageProcessor", "image_std": [0.5, 0.0, 0.5]}, r"image_std\[1\]: 0 is not"),
        (
            {"image_processor_type": "CLIPImageProcessor", "resample": 5},
            "torchvision does not resize tensors with hamming",
        ),
    ],
)
def test_a_bad_configuration_is_refused_at_once(config, message):
    with pytest.raises(ValueError, match=message):
        Preprocessor.from_config(config)


def test_a_bad_file_is_refused(tmp_path):
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(ValueError, match=r"list\.json: is not a JSON object"):
        Preprocessor.from_config(tmp_path / "list.json")
    with pytest.raises(ValueError, match=r"broken\.json: malformed JSON"):
        Preprocessor.from_config(tmp_path / "broken.json")
    with pytest.raises(OSError, match=r"preprocessor_config\.json"):
        Preprocessor.from_config(tmp_path)


def test_other_objects_are_refused():
    class Mine(transformers.CLIPImageProcessor):
        pass

    with pytest.raises(Unplanned, match="Mine is not a class of transformers; what it changes is not known here"):
        Preprocessor.from_config(Mine())
    with pytest.raises(Unplanned, match="int is not a torchvision processor"):
        Preprocessor.from_config(3)


def test_a_method_of_the_object_itself_is_refused():
    processor = proof.build_processor(CONFIGS["clip"])
    processor.rescale = lambda image, scale, **kwargs: image
    with pytest.raises(Unplanned, match=r"^rescale: is set on this CLIPImageProcessor itself"):
        Preprocessor.from_config(processor)
    del processor.rescale
    processor.on_error = print  # nothing of the class calls it
    Preprocessor.from_config(processor)


@pytest.mark.parametrize("resample", ["bilinear", "lanczos", "2", "", numpy.str_("bicubic"), numpy.int64(2)], ids=repr)
@pytest.mark.parametrize("name", ["vit", "clip"])
def test_a_filter_of_a_type_that_the_class_refuses(name, resample):
    """The class raises ValueError too, where it resizes."""
    image = inputs.noise("filter", 30, 40)
    with pytest.raises(ValueError):
        proof.build_processor(CONFIGS[name])(image, resample=resample)
    with pytest.raises(ValueError, match=r"^config: resample: \".* is unknown; 0 \(nearest\), 1 \(lanczos\)"):
        Preprocessor.from_config(CONFIGS[name])(image, resample=resample)


def test_unknown_numerics_are_refused():
    with pytest.raises(ValueError, match="numerics: 'float64' is not one of processor, float32, torch_cpu"):
        Preprocessor.from_config(CONFIGS["clip"], numerics="float64")
    ours = Preprocessor.from_config(CONFIGS["clip"], numerics="torch_cuda")
    with pytest.raises(ValueError, match="numerics: torch_cuda is not built yet; float32 and torch_cpu and"):
        ours(inputs.noise("numerics", 30, 40))


def test_float_images_are_refused():
    with pytest.raises(TypeError, match=r"images\[1\].*float32.*uint8"):
        Preprocessor.from_config(CONFIGS["clip"])([torch.zeros(3, 8, 8, dtype=torch.uint8), torch.zeros(3, 8, 8)])


def test_a_wrong_value_in_a_call_is_refused_by_name():
    with pytest.raises(ValueError, match=r"image_std\[0\]: 0 is not a finite number greater than 0"):
        Preprocessor.from_config(CONFIGS["clip"])(inputs.noise("std", 30, 40), image_std=[0.0, 1.0, 1.0])


def test_unknown_arguments_are_refused():
    with pytest.raises(TypeError, match="shape"):
        Preprocessor.from_config(CONFIGS["clip"])(inputs.noise("unknown", 30, 40), shape=3)


def test_no_images_are_refused():
    with pytest.raises(ValueError):
        Preprocessor.from_config(CONFIGS["clip"])([])


def test_annotations_are_refused():
    target = {"image_id": 1, "annotations": []}
    with pytest.raises(Unplanned, match="annotations: DetrImageProcessor transforms them with the pixels"):
        Preprocessor.from_config(CONFIGS["detr"])(inputs.noise("annotated", 30, 40), annotations=target)


def test_boxes_and_reduced_labels_are_refused():
    image, labels = inputs.noise("refused", 30, 40), inputs.noise("labels", 30, 40, 1)[:, :, 0]
    with pytest.raises(Unplanned, match="boxes: crops of persons are not planned"):
        Preprocessor.from_config(CONFIGS["sapiens2"])(image, boxes=[[[1.0, 1.0, 9.0, 9.0]]])
    with pytest.raises(Unplanned, match="do_reduce_labels: True changes levels"):
        Preprocessor.from_config(CONFIGS["beit"])(image, labels, do_reduce_labels=True)


def test_ragged_outputs_as_one_tensor_are_refused():
    config = config_of("clip", do_center_crop=False)
    with pytest.raises(ValueError, match="pixel_values"):
        Preprocessor.from_config(config)([inputs.noise("ragged", 30, 40), inputs.noise("ragged", 40, 30)])


def test_a_planted_fault_is_seen(same):
    good = {"pixel_values": torch.zeros(1, 3, 2, 2)}
    wrong = {"pixel_values": good["pixel_values"].clone()}
    wrong["pixel_values"][0, 2, 1, 1] = 1e-7
    same(good, good)
    with pytest.raises(AssertionError, match=r"pixel_values\[0, 2, 1, 1\]"):
        same(wrong, good)
    with pytest.raises(AssertionError, match="instead of"):
        same({"pixel_values": list(good["pixel_values"])}, good)
