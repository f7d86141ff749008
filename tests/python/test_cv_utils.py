"""cv_utils: the same results as torchvision and as Qwen2-VL's processors, and the errors that the API lists."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy
import processor_inputs as inputs
import pytest
import torch
import transformers
from kernel_image_resize import cv_utils
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as tvF

MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
MODES = {2: InterpolationMode.BILINEAR, 3: InterpolationMode.BICUBIC}
FLOAT32_BOUND = 1e-4


def images_of(*sizes, channels=3):
    return [inputs.chw(inputs.noise(f"cv_utils {i}", *size, channels)) for i, size in enumerate(sizes)]


def resized(image, size, resample, round_to_uint8, antialias=True):
    image = image if round_to_uint8 else image.float()
    return tvF.resize(image, list(size), interpolation=MODES[resample], antialias=antialias).float()


def normalized(image, mean, std, rescale_factor):
    """torchvision's fused form, as transformers has it."""
    mean = torch.tensor(mean).reshape(-1, 1, 1) * (1.0 / rescale_factor)
    std = torch.tensor(std).reshape(-1, 1, 1) * (1.0 / rescale_factor)
    return (image - mean) / std


@pytest.fixture
def close(achieved):
    """To the bit where levels are rounded."""

    def compare(function, ours, wanted, round_to_uint8):
        assert (ours.dtype, ours.shape) == (torch.float32, wanted.shape)
        title = f"cv_utils.{function}, {'levels' if round_to_uint8 else 'floats'}"
        achieved(title, (ours - wanted).abs().max().item(), 0.0 if round_to_uint8 else FLOAT32_BOUND)

    return compare


# ----------------------------------------------------------------------------------------------------------------------
# resize_normalize


@pytest.mark.parametrize("round_to_uint8", [True, False])
@pytest.mark.parametrize("resample", [2, 3])
@pytest.mark.parametrize("antialias", [True, False])
def test_size(resample, antialias, round_to_uint8, close):
    images = images_of((97, 131), (40, 33), (300, 20))
    ours = cv_utils.resize_normalize(
        images, MEAN, STD, 1 / 255, resample, size=(60, 70), antialias=antialias, round_to_uint8=round_to_uint8
    )
    wanted = [resized(image, (60, 70), resample, round_to_uint8, antialias) for image in images]
    close(
        "resize_normalize",
        ours,
        torch.stack([normalized(image, MEAN, STD, 1 / 255) for image in wanted]),
        round_to_uint8,
    )


@pytest.mark.parametrize("size", [60, (60, 60), [60, 60], {"height": 60, "width": 60}])
def test_the_forms_of_a_size(size):
    images = images_of((97, 131))
    wanted = cv_utils.resize_normalize(images, MEAN, STD, 1 / 255, 3, size=(60, 60))
    assert torch.equal(cv_utils.resize_normalize(images, MEAN, STD, 1 / 255, 3, size=size), wanted)


@pytest.mark.parametrize("round_to_uint8", [True, False])
def test_shortest_edge_is_what_clip_does(round_to_uint8, close):
    images = images_of((97, 131), (340, 250), (224, 224))
    ours = cv_utils.resize_normalize(
        images, MEAN, STD, 1 / 255, 3, shortest_edge=224, crop_size=200, round_to_uint8=round_to_uint8
    )
    processor = transformers.CLIPImageProcessor(crop_size={"height": 200, "width": 200})
    given = images if round_to_uint8 else [image.float() for image in images]
    close("resize_normalize", ours, processor(given, return_tensors="pt")["pixel_values"], round_to_uint8)


def test_a_stack_scalars_and_another_factor(close):
    images = torch.stack(images_of((50, 60), (50, 60)))
    ours = cv_utils.resize_normalize(images, 0.5, [0.25], 1 / 127.5, 2, size=40)
    wanted = resized(images, (40, 40), 2, True)
    close("resize_normalize", ours, normalized(wanted, [0.5], [0.25], 1 / 127.5), True)


def test_the_default_rounds_to_levels():
    images = images_of((97, 131))
    ours = cv_utils.resize_normalize(images, 0.0, 1.0, 1.0, 3, size=50)
    assert torch.equal(ours, ours.round())


GREY = images_of((9, 9), channels=1)
RGB = images_of((30, 40))


@pytest.mark.parametrize(
    ("images", "change", "message"),
    [
        (RGB, {"size": None}, "size, shortest_edge: neither given; exactly one of them is allowed"),
        (RGB, {"shortest_edge": 30, "crop_size": 20}, "size, shortest_edge: both given; exactly one"),
        (RGB, {"size": None, "shortest_edge": 30}, "crop_size: None; shortest_edge needs it"),
        (RGB, {"crop_size": 60}, r"crop_size: \(60, 60\) is larger than images\[0\] resized"),
        (RGB, {"size": 0}, r"size: 0 is not an integer in 1\.\."),
        (RGB, {"image_mean": [0.1, 0.2]}, r"image_mean: 2 values; images\[0\] has 3 channels: 1 or 3 are allowed"),
        (RGB, {"image_std": [0.1, 0.2, 0.3, 0.4]}, r"image_std: 4 values; images\[0\] has 3 channels"),
        (GREY, {}, r"image_mean: 3 values; images\[0\] has 1 channels: 1 or 1 are allowed"),
        (RGB, {"image_std": 0.0}, "image_std.*0 is not a finite number greater than 0"),
        (RGB, {"rescale_factor": -1.0}, "rescale_factor: -1 is not"),
        (RGB, {"resample": 1}, "resample: 1; of PIL's integers 0 and 2"),
        (RGB, {"resample": "sinc"}, "resample.*sinc"),
        ([image.float() for image in RGB], {}, r"images\[0\]: is of dtype float32; uint8 is allowed"),
        ([], {}, "images: "),
        ([RGB[0], RGB[0].numpy()], {}, r"^images\[1\]: a numpy.ndarray; .*torch\.from_numpy"),
        (None, {}, "^images: None; a list of tensors is allowed"),
        (RGB + GREY, {}, r"images\[1\]: 1 channels; images\[0\] has 3"),
    ],
    ids=lambda value: str(value) if isinstance(value, (dict, str)) else "",
)
def test_resize_normalize_refuses(images, change, message):
    arguments = {"image_mean": MEAN, "image_std": STD, "rescale_factor": 1 / 255, "resample": 3, "size": 50} | change
    with pytest.raises(ValueError, match=message):
        cv_utils.resize_normalize(images, **arguments)


# ----------------------------------------------------------------------------------------------------------------------
# resize_normalize_patchify


def tokens_of(clip, patch, merge, temporal):
    """(frames, C, H, W) to (tokens, C * temporal * patch * patch) in the order t Y X y x, c t i j, by reshapes."""
    frames, channels, height, width = clip.shape
    clip = torch.cat([clip, clip[-1:].expand(-frames % temporal, -1, -1, -1)])
    rows, columns = height // patch, width // patch
    blocks = clip.reshape(
        -1, temporal, channels, rows // merge, merge, patch, columns // merge, merge, patch
    )  # t T c Y y i X x j
    tokens = blocks.permute(0, 3, 6, 4, 7, 2, 1, 5, 8)
    return tokens.reshape(-1, channels * temporal * patch * patch), [len(clip) // temporal, rows, columns]


@pytest.mark.parametrize("round_to_uint8", [True, False])
@pytest.mark.parametrize(("patch", "merge", "temporal"), [(14, 2, 2), (7, 1, 1), (5, 3, 3), (4, 2, 1), (16, 1, 2)])
def test_images_and_clips(patch, merge, temporal, round_to_uint8, close):
    """Random clips of 1..5 frames at random target sizes, against reshapes of torchvision's results."""
    random = numpy.random.default_rng([inputs.SEED, patch])
    frames, targets, items, wanted, grids = [], [], [], [], []
    for item in range(4):
        size = tuple(int(n) * patch * merge for n in random.integers(1, 4, 2))
        items.append([])
        for _ in range(int(random.integers(1, 6))):
            items[-1].append(len(frames))
            height, width = (int(n) for n in random.integers(5, 120, 2))
            frames.append(inputs.chw(inputs.noise(f"clip {item}", height, width)))
            targets.append(size)
        clip = torch.stack([resized(frames[i], size, 3, round_to_uint8) for i in items[-1]])
        tokens, grid = tokens_of(normalized(clip, MEAN, STD, 1 / 255), patch, merge, temporal)
        wanted.append(tokens)
        grids.append(grid)
    pixel_values, grid_thw = cv_utils.resize_normalize_patchify(
        frames, targets, MEAN, STD, 1 / 255, 3, patch, merge, temporal, items, round_to_uint8
    )
    assert grid_thw.dtype == torch.int64
    assert grid_thw.tolist() == grids
    close("resize_normalize_patchify", pixel_values, torch.cat(wanted), round_to_uint8)


def test_images_are_what_qwen2_vl_does():
    images = images_of((97, 131), (340, 250), (224, 224))
    features = transformers.Qwen2VLImageProcessor()(images, return_tensors="pt")
    targets = [(14 * rows, 14 * columns) for _, rows, columns in features["image_grid_thw"].tolist()]
    pixel_values, grid_thw = cv_utils.resize_normalize_patchify(images, targets, MEAN, STD, 1 / 255, 3, 14, 2, 2)
    assert torch.equal(grid_thw, features["image_grid_thw"])
    assert torch.equal(pixel_values, features["pixel_values"])


@pytest.mark.parametrize("length", [1, 4, 5])
def test_a_clip_is_what_the_video_processor_of_qwen2_vl_does(length):
    clip = torch.stack([inputs.chw(inputs.noise(f"video {i}", 90, 120)) for i in range(length)])
    processor = transformers.Qwen2VLVideoProcessor(do_sample_frames=False, cap_pixels_per_frame=False)
    features = processor([clip], return_tensors="pt")
    (_, rows, columns) = features["video_grid_thw"][0].tolist()
    pixel_values, grid_thw = cv_utils.resize_normalize_patchify(
        clip, [(14 * rows, 14 * columns)] * length, MEAN, STD, 1 / 255, 3, 14, 2, 2, [list(range(length))]
    )
    assert torch.equal(grid_thw, features["video_grid_thw"])
    assert torch.equal(pixel_values, features["pixel_values_videos"])


def test_a_frame_may_be_in_several_items():
    frames = images_of((30, 40), (50, 20))
    targets = [(28, 28)] * 2
    once = cv_utils.resize_normalize_patchify(frames, targets, 0.5, 0.5, 1 / 255, 3, 14, 1, 2, [[0, 1]])[0]
    again, grid = cv_utils.resize_normalize_patchify(
        frames, targets, 0.5, 0.5, 1 / 255, 3, 14, 1, 2, [[0, 1], [1, 1], [0, 1]]
    )
    assert grid.tolist() == [[1, 2, 2]] * 3
    assert torch.equal(again[:4], once)
    assert torch.equal(again[8:], once)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"target_sizes": [(28, 28), (30, 28)]},
            r"target_sizes\[1\]: 30 x 28; both must be multiples of patch \* merge = 28",
        ),
        ({"target_sizes": [(28, 28)]}, "target_sizes: 1 sizes; there are 2 frames"),
        ({"target_sizes": [(28, 28), (28,)]}, r"target_sizes\[1\]: 1 numbers; two, height and width"),
        (
            {"target_sizes": [(28, 28), (56, 28)], "items": [[0, 1]]},
            r"items\[0\]: its frames have the target sizes 28 x 28 and",
        ),
        ({"items": [[0], [2]]}, r"items\[1\]: frame 2 is not in 0\.\.1"),
        ({"items": [[0], []]}, r"items\[1\]: is empty"),
        ({"items": []}, "items: the list is empty"),
        ({"image_mean": [0.5, 0.5]}, r"image_mean: 2 values; frames\[0\] has 3 channels"),
        ({"image_std": [0.5, 0.5, 0.0]}, r"image_std\[2\]: 0 is not a finite number"),
        ({"frames": [torch.zeros(3, 5, 5)] * 2}, r"frames\[0\]: is of dtype float32; uint8 is allowed"),
        ({"frames": []}, "frames: the list is empty"),
        ({"patch": 0}, r"patch: 0 is not in 1\.\.4096"),
        ({"patch": 2**70}, "^patch: 1180591620717411303424; integers of 64 bits are allowed"),
        ({"items": [[0], [2**70]]}, r"^items: \[0, 1180591620717411303424\]; integers of 64 bits are allowed"),
        ({"frames": [torch.zeros(3, 5, 5, dtype=torch.uint8), None]}, r"^frames\[1\]: None; a torch.Tensor is allowed"),
        ({"frames": numpy.zeros((2, 3, 5, 5))}, r"^frames: a numpy.ndarray; .*torch\.from_numpy"),
        ({"temporal": -1}, r"temporal: -1 is not in 1\.\.4096"),
        ({"resample": 4}, "resample: 4; of PIL's integers"),
        ({"rescale_factor": 0.0}, "rescale_factor: 0 is not"),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, dict) else "",
)
def test_patchify_refuses(change, message):
    arguments = {
        "frames": images_of((30, 40), (50, 60)),
        "target_sizes": [(28, 28), (28, 28)],
        "image_mean": MEAN,
        "image_std": STD,
        "rescale_factor": 1 / 255,
        "resample": 3,
        "patch": 14,
        "merge": 2,
        "temporal": 2,
    } | change
    with pytest.raises(ValueError, match=message):
        cv_utils.resize_normalize_patchify(**arguments)


# ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_on_a_gpu_the_bits_are_those_of_the_cpu():
    images = images_of((97, 131), (340, 250))
    resident = [image.cuda() for image in images]
    wanted = cv_utils.resize_normalize(images, MEAN, STD, 1 / 255, 3, shortest_edge=100, crop_size=90)
    found = cv_utils.resize_normalize(resident, MEAN, STD, 1 / 255, 3, shortest_edge=100, crop_size=90)
    assert found.is_cuda
    assert torch.equal(found.cpu(), wanted)
    arguments = ([(56, 28)] * 2, MEAN, STD, 1 / 255, 3, 14, 2, 2, [[0, 1], [0]])
    tokens, grid = cv_utils.resize_normalize_patchify(images, *arguments)
    found, found_grid = cv_utils.resize_normalize_patchify(resident, *arguments)
    assert found.is_cuda and torch.equal(found.cpu(), tokens) and torch.equal(found_grid.cpu(), grid)
