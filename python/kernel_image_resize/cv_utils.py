"""The image functions of kernels-community/cv-utils, version 2: the same names, arguments and errors, by this package.

Code that was written for that kernel runs unchanged:

    cv_utils = get_kernel("kernels-community/cv-utils", version=2)  # with LOCAL_KERNELS, this module
    pixel_values = cv_utils.resize_normalize(images, mean, std, 1 / 255, 3, size=384)

Unlike there, `round_to_uint8` gives the bits of torch on uint8 images on the CPU, on every device. Only the functions
below are here, no other of that kernel. All errors are ValueError, naming the argument, its value and what is allowed.
"""

from __future__ import annotations

import enum
import operator
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from torch import Tensor

from . import _resize_normalize
from ._library import call, ops, tensors_fault
from ._resize_normalize import _check_filter, _flag, _integer, _number, _resample_name, _values

__all__ = ["resize_normalize", "resize_normalize_patchify"]

Size = int | Sequence[int] | Mapping[str, int]
_MAX_EDGE = 2**20


def resize_normalize(
    images: Sequence[Tensor] | Tensor,
    image_mean: float | Sequence[float],
    image_std: float | Sequence[float],
    rescale_factor: float,
    resample: str | int,
    *,
    size: Size | None = None,
    shortest_edge: int | None = None,
    crop_size: Size | None = None,
    antialias: bool = True,
    round_to_uint8: bool = True,
) -> Tensor:
    """Resizes, crops, rescales and normalizes images of any sizes into one batch.

    Args:
        images: uint8 tensors (C, H, W) of any sizes, or a stacked (N, C, H, W) one, all on one device.
        image_mean, image_std: one value, or one a channel; std > 0.
        rescale_factor: > 0, as 1 / 255.
        resample: a PIL integer (0 and 2 are bilinear, 3 is bicubic), or "bilinear", "bicubic", ...
        size: pixels, an int (square), (height, width) or {"height": h, "width": w}. Exactly one of `size` and
            `shortest_edge` is given.
        shortest_edge: pixels; the short side becomes this, the long side int(shortest_edge * long / short). Needs
            `crop_size`.
        crop_size: the centre window that is kept, as `size`. It must fit into each resized image.
        antialias: widens the kernel where the image shrinks.
        round_to_uint8: True rounds to levels after each pass, as torch does for uint8 images on the CPU, to the bit;
            False never rounds, as torch for float images.

    Returns:
        (N, C, height, width) float32 on the images' device.
    """
    if (size is None) == (shortest_edge is None):
        given = "both" if size is not None else "neither"
        raise ValueError(f"size, shortest_edge: {given} given; exactly one of them is allowed")
    if shortest_edge is not None and crop_size is None:
        raise ValueError("crop_size: None; shortest_edge needs it, one number or (height, width)")
    _check_channels(images, "images", image_mean, image_std)
    with _value_errors("images"):
        if shortest_edge is not None:
            shortest_edge = _integer(shortest_edge, "shortest_edge")
            if not 1 <= shortest_edge <= _MAX_EDGE:
                raise ValueError(f"shortest_edge: {shortest_edge}; 1..{_MAX_EDGE} is allowed")
        return _resize_normalize.resize_normalize(
            images,
            shortest_edge if size is None else size,  # type: ignore[arg-type]
            image_mean,
            image_std,
            rescale_factor,
            _filter(resample, round_to_uint8),
            antialias,
            crop_size,
            "square" if shortest_edge is None else "shortest_edge",
            numerics=_numerics(round_to_uint8),
        )


def resize_normalize_patchify(
    frames: Sequence[Tensor] | Tensor,
    target_sizes: Sequence[Sequence[int]],
    image_mean: float | Sequence[float],
    image_std: float | Sequence[float],
    rescale_factor: float,
    resample: str | int,
    patch: int,
    merge: int,
    temporal: int,
    items: Sequence[Sequence[int]] | None = None,
    round_to_uint8: bool = True,
) -> tuple[Tensor, Tensor]:
    """Resizes, rescales and normalizes frames, and cuts them to the patch tokens of Qwen2-VL.

    Args:
        frames: uint8 tensors (C, H, W) of any sizes, or a stacked (N, C, H, W) one, all on one device.
        target_sizes: (height, width) in pixels for each frame, multiples of patch * merge.
        image_mean, image_std, rescale_factor, resample, round_to_uint8: as resize_normalize has them. It antialiases.
        patch: edge of a patch in pixels.
        merge: tokens stand in blocks of merge x merge; 1 = row by row.
        temporal: frames in a token.
        items: the frames of each image or clip, by index; the frames of an item share a target size. A clip is filled
            up to a multiple of `temporal` with its last frame, an image is repeated. None: each frame is an image.

    Returns:
        pixel_values (tokens, C * temporal * patch * patch) float32 on the frames' device, the tokens of all items one
        after another, inside an item by temporal group, then in Qwen2-VL's order; and grid_thw (items, 3) int64 on the
        CPU: temporal groups, rows and columns of patches.
    """
    _check_channels(frames, "frames", image_mean, image_std)
    stacked = isinstance(frames, Tensor)
    sizes = _integers(target_sizes, "target_sizes")
    for i, size in enumerate(sizes):
        if len(size) != 2:
            raise ValueError(f"target_sizes[{i}]: {len(size)} numbers; two, height and width, are allowed")
    lists = [[i] for i in range(len(frames))] if items is None else _integers(items, "items")
    with _value_errors("frames"):
        pixel_values, grid_thw = call(
            ops.patchify,
            [frames] if stacked else frames,
            stacked,
            [side for size in sizes for side in size],
            [frame for frames_of_item in lists for frame in frames_of_item],
            [len(frames_of_item) for frames_of_item in lists],
            [_number(value, "image_mean") for value in _values(image_mean, "image_mean")],
            [_number(value, "image_std") for value in _values(image_std, "image_std")],
            _number(rescale_factor, "rescale_factor"),
            _filter(resample, round_to_uint8),
            _integer(patch, "patch"),
            _integer(merge, "merge"),
            _integer(temporal, "temporal"),
            _numerics(round_to_uint8),
            "separable",
            None,
        )
    return pixel_values, grid_thw


# ----------------------------------------------------------------------------------------------------------------------


def _filter(resample: Any, round_to_uint8: bool) -> str:
    """The filter's name. Members of PIL's enumeration are integers here: NEAREST is 0, and so bilinear."""
    name = _resample_name(int(resample) if isinstance(resample, enum.IntEnum) else resample)
    if _flag(round_to_uint8, "round_to_uint8"):
        _check_filter(resample, name, "round_to_uint8=True")
    return name


def _numerics(round_to_uint8: bool) -> str:
    return "torch_cpu" if _flag(round_to_uint8, "round_to_uint8") else "float32"


def _check_channels(
    images: Sequence[Tensor] | Tensor, name: str, mean: float | Sequence[float], std: float | Sequence[float]
) -> None:
    """One number of channels, and one value or one a channel: that grey becomes three channels is not of this API."""
    rest: Sequence[Tensor] = ()
    if isinstance(images, Tensor):
        if images.dim() != 4:
            raise ValueError(f"{name}: has {images.dim()} dimensions; (N, C, H, W) is allowed, or a list of images")
        channels = images.shape[1]
    elif fault := tensors_fault(images, name):
        raise ValueError(fault)
    elif len(images) == 0 or any(image.dim() != 3 for image in images):
        return  # refused by the op, by name
    else:
        channels, rest = images[0].shape[0], images
    for i, image in enumerate(rest):
        if image.shape[0] != channels:
            raise ValueError(
                f"{name}[{i}]: {image.shape[0]} channels; {name}[0] has {channels}, and all have one number"
            )
    for argument, values in (("image_mean", mean), ("image_std", std)):
        if isinstance(values, Sequence) and len(values) not in (1, channels):
            raise ValueError(
                f"{argument}: {len(values)} values; {name}[0] has {channels} channels: 1 or {channels} are allowed"
            )


def _integers(lists: Sequence[Sequence[int]], name: str) -> list[list[int]]:
    try:
        return [[operator.index(value) for value in numbers] for numbers in lists]
    except TypeError as error:
        raise ValueError(f"{name}: {lists!r}; a list of lists of integers is allowed ({error})") from None


@contextmanager
def _value_errors(name: str) -> Iterator[None]:
    """Errors as this API has them: ValueError for images of the wrong type too, and its own name for the images."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise ValueError(str(error).replace("images[", f"{name}[").replace("images:", f"{name}:")) from None
