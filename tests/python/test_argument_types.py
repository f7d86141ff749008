"""Every argument of a call and of a configuration in every type that someone may have it in.

With an installed processor and with Preprocessor each is taken, with the class's result, or falls back with a reason,
or is an error that names the argument: never a bare KeyError, AttributeError, or an error of the JSON writer.
"""

import contextlib
import decimal
import fractions
import logging
import os
import traceback
from collections import Counter
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import kernel_image_resize as kir
import numpy
import processor_inputs as inputs
import pytest
import torch
import transformers
from kernel_image_resize import Preprocessor, cv_utils, install
from PIL.Image import Resampling
from torchvision.transforms.v2.functional import InterpolationMode
from transformers.image_utils import AnnotationFormat, ChannelDimension, SizeDict
from transformers.utils import TensorType

NAN, INFINITY = float("nan"), float("inf")
PACKAGE = str(Path(kir.__file__).parent)

# ----------------------------------------------------------------------------------------------------------------------
# The values

SIZES = [
    30,
    numpy.int64(30),
    True,
    30.0,
    [30, 40],
    (30, 40),
    torch.Size((30, 40)),
    [30],
    [numpy.int64(30), numpy.uint8(40)],
    {"height": 30, "width": 40},
    {"height": numpy.int64(30), "width": numpy.uint16(40)},
    {"height": 30.0, "width": 40.0},
    {"height": numpy.float32(30), "width": 40},
    {"height": True, "width": 40},
    {"height": torch.tensor(30), "width": torch.tensor(40)},
    {"height": numpy.array(30), "width": 40},
    {"height": "30", "width": "40"},
    {"height": None, "width": 40},
    {"height": 0, "width": 40},
    {"height": -3, "width": 40},
    {"height": 10**30, "width": 40},
    {"shortest_edge": 30},
    {"shortest_edge": 30, "longest_edge": 60},
    {"longest_edge": 60},
    {"max_height": 30, "max_width": 40},
    {"edge": 30},
    {},
    SizeDict(height=30, width=40),
    SizeDict(shortest_edge=30),
    SizeDict(shortest_edge=30, longest_edge=60),
    SizeDict(height=numpy.int64(30), width=40),
    SizeDict(),
    numpy.array([30, 40]),
    torch.tensor([30, 40]),
    "30",
    None,
    {30, 40},
]
RESAMPLES = [
    *InterpolationMode,
    *Resampling,
    *range(-1, 8),
    True,
    False,
    numpy.int64(3),
    numpy.uint8(2),
    3.0,
    "bicubic",
    "lanczos",
    "LANCZOS",
    "nonsense",
    None,
    [3],
    numpy.array(3),
    torch.tensor(3),
]
NUMBERS = [
    0.3,
    1,
    2,
    0,
    0.0,
    -1.0,
    NAN,
    INFINITY,
    True,
    numpy.float64(0.3),
    numpy.float32(0.3),
    numpy.float16(0.3),
    numpy.int64(2),
    numpy.uint8(2),
    numpy.bool_(True),
    numpy.array(0.3),
    torch.tensor(0.3),
    torch.tensor(2),
    decimal.Decimal("0.3"),
    fractions.Fraction(1, 3),
    1j,
    "0.3",
    None,
    [0.3],
    {"value": 0.3},
]
CHANNELS = [
    *NUMBERS,
    [0.3, 0.4, 0.5],
    (0.3, 0.4, 0.5),
    [1, 2, 3],
    [1, 0.4, 0.5],
    [True, True, True],
    [numpy.float64(0.3)] * 3,
    [numpy.float32(0.3)] * 3,
    [numpy.float16(0.3)] * 3,
    [numpy.int64(2)] * 3,
    [torch.tensor(0.3)] * 3,
    [numpy.array(0.3)] * 3,
    ["0.3"] * 3,
    [None] * 3,
    [[0.3], [0.4], [0.5]],
    [0.3, 0.4],
    [0.3, 0.4, NAN],
    [],
    numpy.array([0.3, 0.4, 0.5]),
    numpy.array([0.3, 0.4, 0.5], numpy.float32),
    numpy.array([0.3, 0.4, 0.5], numpy.float16),
    numpy.array([1, 2, 3]),
    torch.tensor([0.3, 0.4, 0.5]),
]
FLAGS = [True, False, None, 0, 1, 2, numpy.True_, numpy.False_, "False", "", torch.tensor(True), numpy.array(True), []]
COUNTS = [2, True, 2.0, numpy.int64(2), numpy.array(2), torch.tensor(2), "2", None, 0, -1, [2]]
FORMATS = ["channels_first", ChannelDimension.FIRST, None, "nonsense", 3, numpy.str_("channels_first")]

ARGUMENTS = {
    "size": SIZES,
    "crop_size": SIZES,
    "pad_size": SIZES,
    "resample": RESAMPLES,
    "rescale_factor": NUMBERS,
    "image_mean": CHANNELS,
    "image_std": CHANNELS,
    **{f"do_{what}": FLAGS for what in ("resize", "center_crop", "rescale", "normalize", "pad", "convert_rgb")},
    "default_to_square": FLAGS,
    "disable_grouping": FLAGS,
    "input_data_format": FORMATS,
    "data_format": FORMATS,
    "return_tensors": ["pt", "np", None, TensorType.PYTORCH, "nonsense", 3],
    "device": ["cpu", torch.device("cpu"), None, "nonsense", numpy.int64(0)],
}
OWN_ARGUMENTS = {
    "Qwen2VLImageProcessor": {
        name: COUNTS for name in ("patch_size", "temporal_patch_size", "merge_size", "min_pixels", "max_pixels")
    },
    "Idefics3ImageProcessor": {
        "do_image_splitting": FLAGS,
        "return_row_col_info": FLAGS,
        "max_image_size": [
            {"longest_edge": 60},
            SizeDict(longest_edge=60),
            {"longest_edge": numpy.int64(60)},
            60,
            None,
        ],
    },
    "DetrImageProcessor": {
        "pad_and_return_pixel_mask": FLAGS,
        "do_convert_annotations": FLAGS,
        "format": ["coco_panoptic", AnnotationFormat.COCO_DETECTION],
    },
}
CLASSES = {
    "CLIPImageProcessor": {"size": {"shortest_edge": 32}, "crop_size": {"height": 24, "width": 24}},
    "ViTImageProcessor": {"size": {"height": 32, "width": 24}},
    "SiglipImageProcessor": {"size": {"height": 32, "width": 24}},
    "DetrImageProcessor": {"size": {"shortest_edge": 32, "longest_edge": 50}},
    "Qwen2VLImageProcessor": {"size": {"shortest_edge": 784, "longest_edge": 7840}},
    "Idefics3ImageProcessor": {"size": {"longest_edge": 60}, "max_image_size": {"longest_edge": 30}},
}
# What a plan takes though the class refuses it, with the result of the plain value: numpy's numbers and arrays.
BEYOND = {"image_mean", "image_std"}


def text(value):
    return f"{type(value).__name__} {value!r}".replace("\n", " ")


# ----------------------------------------------------------------------------------------------------------------------
# The processors


@contextlib.contextmanager
def logged():
    texts = []
    handler, logger = logging.Handler(), logging.getLogger("kernel_image_resize")
    handler.emit = lambda record: texts.append(record.getMessage())
    logger.addHandler(handler)
    try:
        yield texts
    finally:
        logger.removeHandler(handler)


def outcome(function):
    """(outputs, None), or (None, the error)."""
    try:
        result = function()
    except Exception as error:
        return None, error
    return dict(result), None


def equal(ours, theirs):
    if list(ours) != list(theirs):
        return False
    for key, wanted in theirs.items():
        found = ours[key]
        if type(found) is not type(wanted):
            return False
        if isinstance(wanted, torch.Tensor):
            if found.dtype != wanted.dtype or not torch.equal(found.nan_to_num(7), wanted.nan_to_num(7)):
                return False
        elif isinstance(wanted, list) and len(wanted) and isinstance(wanted[0], torch.Tensor):
            if not all(equal({"": mine}, {"": other}) for mine, other in zip(found, wanted, strict=True)):
                return False
        elif not numpy.array_equal(numpy.asarray(found), numpy.asarray(wanted)):
            return False
    return True


def by_us(error):
    """Whether the error is one of this package's."""
    return traceback.extract_tb(error.__traceback__)[-1].filename.startswith(PACKAGE)


def names(error, argument):
    """Whether the error is of a kind and a text that help."""
    return isinstance(error, (ValueError, TypeError)) and argument in str(error) and "JSON" not in str(error)


@pytest.mark.parametrize("class_name", CLASSES)
@pytest.mark.parametrize("place", ["call", "processor"])
def test_every_type_of_every_argument(class_name, place):
    cls, base = getattr(transformers, class_name), CLASSES[class_name]
    image = inputs.chw(inputs.noise("types", 40, 50))
    counts, faults = Counter(), []
    for argument, values in (ARGUMENTS | OWN_ARGUMENTS.get(class_name, {})).items():
        if place == "processor" and argument == "return_tensors":
            continue  # Preprocessor has a default of its own
        for value in values:
            keys = {} if argument == "return_tensors" else {"return_tensors": "pt"}
            if place == "call":
                keys[argument] = value

            def prepared(make, argument=argument, value=value):
                processor = make(cls(**base))
                if place == "processor":
                    setattr(processor, argument, value)
                return processor

            case = f"{argument}={text(value)}"
            theirs, refusal = outcome(lambda: prepared(lambda p: p)([image], **keys))  # noqa: B023
            with logged() as reasons:
                ours, error = outcome(lambda: prepared(install)([image], **keys))  # noqa: B023
            if refusal is None:
                if error is not None or not equal(ours, theirs):
                    faults.append(f"installed, {case}: {error!r}, another result than the class's")
                elif reasons and not (len(reasons) == 1 and names(ValueError(reasons[0]), argument)):
                    faults.append(f"installed, {case}: the reason does not name it: {reasons}")
                counts["fell back" if reasons else "taken"] += 1
            elif error is None:
                if argument not in BEYOND:
                    faults.append(f"installed, {case}: taken, though the class refuses it: {refusal!r}")
                counts["taken beyond the class"] += 1
            else:
                if type(error) is not type(refusal):
                    faults.append(f"installed, {case}: {error!r} instead of {refusal!r}")
                counts["refused as by the class"] += 1

            ours, error = outcome(lambda: Preprocessor.from_config(prepared(lambda p: p))([image], **keys))  # noqa: B023
            if error is None:
                counts["Preprocessor: taken"] += 1
                if refusal is None and not equal(ours, theirs):
                    faults.append(f"Preprocessor, {case}: another result than the class's")
                if refusal is not None and argument not in BEYOND:
                    faults.append(f"Preprocessor, {case}: taken, though the class refuses it: {refusal!r}")
            else:
                counts["Preprocessor: refused"] += 1
                if (by_us(error) or refusal is None) and not names(error, argument):
                    faults.append(f"Preprocessor, {case}: {error!r} does not name it")
    print(f"{class_name}, {place}: {dict(counts)}")
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)
    assert counts["taken"] > 50 and counts["Preprocessor: taken"] > 50


# ----------------------------------------------------------------------------------------------------------------------
# resize_normalize and cv_utils


def plain(value):
    """The same in Python's own types."""
    if isinstance(value, (InterpolationMode, Resampling)):
        word = value.value if isinstance(value, InterpolationMode) else value.name.lower()
        pillows = {"nearest": "nearest-exact"} if isinstance(value, Resampling) else {}
        return plain(pillows.get(word, word))
    if isinstance(value, str):
        return "lanczos3" if value == "lanczos" else str(value)
    if isinstance(value, (numpy.generic, numpy.ndarray, torch.Tensor)):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, (decimal.Decimal, fractions.Fraction)):
        return float(value)
    return value


OURS = {
    "size": SIZES,
    "crop_size": SIZES,
    "image_mean": CHANNELS,
    "image_std": CHANNELS,
    "rescale_factor": NUMBERS,
    "resample": RESAMPLES,
    "antialias": FLAGS,
}
NAMES = ["nonsense", "", None, 3, True, [], {}, b"square", numpy.array(3)]
WORDS = {
    "resize_mode": [*NAMES, "square"],
    "backend": [*NAMES, "fused"],
    "numerics": [*NAMES, "torch_cpu"],
    "layout": [*NAMES, "NHWC"],
    "input_layout": NAMES,
    "dtype": [None, torch.float16, "float16", numpy.float32, 3],
    "device": ["cpu", torch.device("cpu"), None, "nonsense", 3.0, [], numpy.array(0)],
    "out": [None, torch.empty(2, 3, 24, 20), numpy.empty((2, 3, 24, 20)), [], 3],
}
KIR = {"size": (24, 20), "image_mean": [0.3, 0.4, 0.5], "image_std": [0.2, 0.3, 0.4], "rescale_factor": 1 / 255}
CV_UTILS = KIR | {"resample": 3}
PATCHIFY = {key: value for key, value in CV_UTILS.items() if key != "size"} | {
    "target_sizes": [(28, 28), (56, 28)],
    "patch": 14,
    "merge": 2,
    "temporal": 2,
}
LISTS = [
    [(28, 28), (56, 28)],
    [[numpy.int64(28)] * 2] * 2,
    numpy.full((2, 2), 28),
    [28, 28],
    [(28.0, 28)] * 2,
    28,
    None,
]
CASES = [
    (kir.resize_normalize, KIR, OURS | WORDS),
    (kir.resize_normalize_ragged, KIR, OURS),
    (cv_utils.resize_normalize, CV_UTILS, OURS | {"round_to_uint8": FLAGS}),
    (
        cv_utils.resize_normalize,
        CV_UTILS | {"size": None, "shortest_edge": 24, "crop_size": 2},
        {"shortest_edge": [*COUNTS[1:], 30, numpy.int64(30)], "crop_size": SIZES[:13]},
    ),
    (
        cv_utils.resize_normalize_patchify,
        PATCHIFY,
        {key: OURS[key] for key in ("image_mean", "image_std", "rescale_factor", "resample")}
        | {
            "patch": COUNTS,
            "merge": COUNTS,
            "temporal": COUNTS,
            "target_sizes": LISTS,
            "items": [None, [[0], [1]], [0, 1], 3],
        },
    ),
]


def tensors(function):
    try:
        result = function()
    except Exception as error:
        return None, error
    return (result if isinstance(result, tuple) else (result,)), None


@pytest.mark.parametrize(("function", "base", "arguments"), CASES, ids=lambda value: getattr(value, "__module__", ""))
def test_every_type_of_our_own_arguments(function, base, arguments):
    images = [inputs.chw(inputs.noise("types", 40, 50)), inputs.chw(inputs.noise("types", 61, 33))]
    counts, faults = Counter(), []
    for argument, values in arguments.items():
        for value in values:
            case = f"{argument}={text(value)}"
            result, error = tensors(lambda: function(images, **base | {argument: value}))  # noqa: B023
            if error is not None:
                counts["refused"] += 1
                if not names(error, argument):
                    faults.append(f"{case}: {error!r} does not name it")
                continue
            counts["taken"] += 1
            told = value if argument == "out" else plain(value)
            if function.__module__.endswith("cv_utils") and isinstance(value, Resampling):
                told = int(value)
            wanted, error = tensors(lambda: function(images, **base | {argument: told}))  # noqa: B023
            again, _ = tensors(lambda: function(images, **base | {argument: value}))  # noqa: B023
            for other in (wanted, again):
                if other is None or not all(torch.equal(*pair) for pair in zip(result, other, strict=True)):
                    faults.append(f"{case}: another result than {told!r} gives: {error!r}")
    print(f"{function.__module__}.{function.__name__}: {dict(counts)}")
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)
    assert counts["taken"] > 3 and counts["refused"] > 3


def test_words_and_members_of_filters():
    """Pillow's words, torchvision's and transformers'; a member says its name, a number is resize_normalize's own."""
    images = [inputs.chw(inputs.noise("filters", 40, 50))]

    def by(resample):
        return kir.resize_normalize(images, **KIR, resample=resample)

    for word, others in {
        "lanczos3": ["lanczos", InterpolationMode.LANCZOS, Resampling.LANCZOS],
        "nearest": [InterpolationMode.NEAREST],
        "nearest-exact": [
            InterpolationMode.NEAREST_EXACT,
            Resampling.NEAREST,
            transformers.image_utils.PILImageResampling.NEAREST,
        ],
        "box": [InterpolationMode.BOX, Resampling.BOX],
        "hamming": [InterpolationMode.HAMMING, Resampling.HAMMING],
        "bilinear": [InterpolationMode.BILINEAR, Resampling.BILINEAR, 0, 2, numpy.int64(0), numpy.uint8(2)],
        "bicubic": [InterpolationMode.BICUBIC, Resampling.BICUBIC, 3, numpy.int32(3), torch.tensor(3)],
    }.items():
        for other in others:
            assert torch.equal(by(other), by(word)), (word, other)
    assert not torch.equal(by("nearest"), by("nearest-exact"))
    with pytest.raises(ValueError, match=r'^resample: "lanczos"; with numerics="torch_cpu" '):
        kir.resize_normalize(images, **KIR, resample="lanczos", numerics="torch_cpu")
    with pytest.raises(ValueError, match=r"^resample: Resampling.BOX; with numerics="):
        kir.resize_normalize(images, **KIR, resample=Resampling.BOX, numerics="torch_cpu")
    with pytest.raises(ValueError, match=r'^resample: "lanczos"; with round_to_uint8=True '):
        cv_utils.resize_normalize(images, **CV_UTILS | {"resample": "lanczos"})
    with pytest.raises(ValueError, match=r'^resample: "LANCZOS" is unknown; .*lanczos, '):
        by("LANCZOS")
    for wrong in (3.0, None, True):
        with pytest.raises(
            TypeError, match=rf"^resample: {wrong}; .*bicubic.*PIL's integers 0 and 2 \(bilinear\) and 3"
        ):
            by(wrong)
    for wrong in (1, 4, 5, True, False, *[m for m in Resampling if m.name == "MKS2013"]):
        with pytest.raises((ValueError, TypeError), match=r"^resample: "):
            by(wrong)


@pytest.mark.parametrize(
    "size",
    [numpy.array([30, 40]), torch.tensor([30, 40]), SizeDict(height=30, width=40)],
    ids=lambda size: type(size).__name__,
)
def test_sizes_that_say_height_and_width(size):
    images = [inputs.chw(inputs.noise("sizes", 50, 60))]
    for name, other in (("size", {}), ("crop_size", {"size": 50})):
        found = kir.resize_normalize(images, **KIR | other | {name: size})
        assert torch.equal(found, kir.resize_normalize(images, **KIR | other | {name: (30, 40)}))
    with pytest.raises(TypeError, match=r"^size: SizeDict\(.*is allowed$"):
        kir.resize_normalize(images, **KIR | {"size": SizeDict(shortest_edge=30)})


@pytest.mark.parametrize("wrong", [b"ab", bytearray(b"ab")], ids=lambda wrong: type(wrong).__name__)
@pytest.mark.parametrize("argument", ["size", "crop_size", "image_mean", "image_std"])
def test_bytes_are_no_numbers(argument, wrong):
    with pytest.raises(TypeError, match=rf"^{argument}: .*is allowed$"):
        kir.resize_normalize([inputs.chw(inputs.noise("bytes", 50, 60))], **KIR | {argument: wrong})


@pytest.mark.parametrize("wrong", [None, [1], 1, 0, 2, "False", numpy.array([True, False])], ids=repr)
def test_flags_are_true_or_false(wrong):
    images = [inputs.chw(inputs.noise("flags", 50, 60))]
    with pytest.raises(TypeError, match=r"^antialias: .*; True or False is allowed$"):
        kir.resize_normalize(images, **KIR, antialias=wrong)
    for function, base in ((cv_utils.resize_normalize, CV_UTILS), (cv_utils.resize_normalize_patchify, PATCHIFY)):
        with pytest.raises(ValueError, match=r"^round_to_uint8: .*; True or False is allowed$"):
            function(images * 2, **base, round_to_uint8=wrong)


@pytest.mark.parametrize(
    "wrong", [(32.0, 32), (numpy.float32(32), 32), (True, True), [32, True], {"height": 32.0, "width": 32}], ids=repr
)
@pytest.mark.parametrize("argument", ["size", "crop_size"])
def test_no_call_before_makes_a_size_allowed(argument, wrong):
    """Equal numbers of other types are equal keys."""
    images = [inputs.chw(inputs.noise("history", 50, 60))]
    for allowed in ((32, 32), (1, 1), (32, 1)):
        kir.resize_normalize(images, **KIR | {"size": 40, argument: allowed})
    with pytest.raises(TypeError, match=rf"^{argument}: (32\.0|np\.float32\(32\.0\)|True) is not an integer$"):
        kir.resize_normalize(images, **KIR | {"size": 40, argument: wrong})


def test_a_tensor_of_a_mean_may_change():
    """What stands in a tensor counts, not which tensor it is."""
    images, mean = [inputs.chw(inputs.noise("changes", 40, 50))], torch.tensor(0.3)
    first = kir.resize_normalize(images, 24, [mean, 0.4, 0.5], 0.5)
    mean.fill_(0.9)
    second = kir.resize_normalize(images, 24, [mean, 0.4, 0.5], 0.5)
    assert not torch.equal(first, second)
    assert torch.equal(second, kir.resize_normalize(images, 24, [mean.item(), 0.4, 0.5], 0.5))


def test_a_planted_fault_is_seen():
    assert equal({"a": torch.zeros(2), "b": [1]}, {"a": torch.zeros(2), "b": [1]})
    assert not equal({"b": [1], "a": torch.zeros(2)}, {"a": torch.zeros(2), "b": [1]})
    assert not equal({"a": torch.zeros(2)}, {"a": torch.zeros(2, dtype=torch.float64)})
    assert not equal({"a": torch.tensor([0.0, 1e-7])}, {"a": torch.zeros(2)})
    assert not names(KeyError("size"), "size") and not names(ValueError("no name"), "size")
    assert not names(TypeError("size: Object of type X is not JSON serializable"), "size")
