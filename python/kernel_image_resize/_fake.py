"""Shapes without pixels: what torch.compile, torch.export and the meta device know of the ops."""

from __future__ import annotations

import itertools
import json
import math
import struct
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import unset_fake_temporarily

from ._build import NAMESPACE

_MAX_PATCH = 4096
_MAX_EDGE = 2**20


def _check_images(images: list[Tensor], stacked: bool, input_layout: str) -> None:
    """What a stand-in on the CPU would not have, and what shapes are read from."""
    if not images:
        raise ValueError("images: the list is empty; give at least one image")
    needed = 4 if stacked else 3
    allowed = ("(N, " if stacked else "(") + ("H, W, C)" if input_layout == "HWC" else "C, H, W)")
    for i, image in enumerate(images):
        name = "images" if stacked else f"images[{i}]"
        if image.layout != torch.strided:
            raise TypeError(f"{name}: is sparse or of another layout that is not dense; torch.strided is allowed")
        if image.dtype != torch.uint8:
            raise TypeError(f"{name}: is of dtype {_dtype_name(image)}; uint8 is allowed")
        if image.dim() != needed:
            raise ValueError(
                f"{name}: has {image.dim()} dimensions, shape {_shape_text(image.shape)}; {allowed} is allowed"
                f"{', or a list of images' if stacked else ''}"
            )
        if image.device != images[0].device:  # a real tensor beside one of the meta device, which comes first
            raise ValueError(
                f"{name}: is on {image.device}, images[0] on {images[0].device}; all must be on one device"
            )


def _dtype_name(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _shape_text(shape: Sequence[int | torch.SymInt]) -> str:
    return f"({', '.join(str(side) for side in shape)})"


def _check_request(images: list[Tensor], stacked: bool, request: str, dtype: torch.dtype | None) -> None:
    """All that the op checks before it computes, by its own code: on images of the same shapes that take no memory.

    Where torch.compile or torch.export has symbols for sides, the op itself checks when it runs.
    """
    if any(type(side) is not int for image in images for side in image.shape):
        return
    with unset_fake_temporarily():
        pixel = torch.empty((), dtype=torch.uint8, device="cpu")
        stand_ins = [pixel.expand(image.shape) for image in images]
        getattr(torch.ops, NAMESPACE).workspace_bytes.default(stand_ins, stacked, request, dtype, None)


def _channels(image: Tensor, axis: int, means: int) -> int | torch.SymInt:
    """Of the result. One channel becomes as many as there are means."""
    channels = image.shape[axis]
    return means if channels == 1 else channels


def _result_shape(images: list[Tensor], stacked: bool, request: dict[str, Any]) -> list[int | torch.SymInt]:
    """(N, C, height, width) or (N, height, width, C)."""
    height, width = request["crop_size"] or request["size"]
    count = images[0].shape[0] if stacked else len(images)
    means = max(len(request["image_mean"]), len(request["image_std"]))
    channels = _channels(images[0], -1 if request["input_layout"] == "HWC" else -3, means)
    return [count, height, width, channels] if request["layout"] == "NHWC" else [count, channels, height, width]


def _target(images: list[Tensor], device: torch.device | None) -> torch.device:
    if images[0].is_meta and device is not None and device.type != "meta":
        raise ValueError(f"device: is {device}; images of the meta device have no pixels that could be computed there")
    return device or images[0].device


def _resize_normalize(
    images: list[Tensor], stacked: bool, request: str, dtype: torch.dtype | None, device: torch.device | None
) -> Tensor:
    wanted = json.loads(request)
    _check_images(images, stacked, wanted["input_layout"])
    _check_request(images, stacked, request, dtype)
    shape = _result_shape(images, stacked, wanted)
    return torch.empty(shape, dtype=dtype or torch.float32, device=_target(images, device))


def _resize_normalize_out(images: list[Tensor], stacked: bool, request: str, out: Tensor) -> None:
    wanted = json.loads(request)
    _check_images(images, stacked, wanted["input_layout"])
    if out.layout != torch.strided:
        raise TypeError("out: is not dense; torch.strided is allowed")
    if out.dtype not in (torch.float32, torch.float16, torch.bfloat16, torch.uint8):
        raise TypeError(f"out: is of dtype {_dtype_name(out)}; float32, float16, bfloat16 and uint8 are allowed")
    _check_request(images, stacked, request, out.dtype)
    shape = _result_shape(images, stacked, wanted)
    if out.is_meta != images[0].is_meta:  # real memory cannot be written from shapes, nor the other way round
        raise ValueError(f"out: is on {out.device}, images[0] on {images[0].device}; one device is allowed")
    if list(out.shape) != shape:
        raise ValueError(f"out: has shape {_shape_text(out.shape)}; {_shape_text(shape)} is allowed")
    if not out.is_contiguous():
        raise ValueError("out: is not contiguous, as it must be")


def _patchify(
    frames: list[Tensor],
    stacked: bool,
    target_sizes: list[int],
    items: list[int],
    item_lengths: list[int],
    image_mean: list[float],
    image_std: list[float],
    rescale_factor: float,
    resample: str,
    patch: int,
    merge: int,
    temporal: int,
    numerics: str,
    backend: str,
    device: torch.device | None,
) -> tuple[Tensor, Tensor]:
    from ._resize_normalize import _request_text  # imports this module, by way of _library

    _check_images(frames, stacked, "CHW")
    for name, value in (("patch", patch), ("merge", merge), ("temporal", temporal)):
        if not 1 <= value <= _MAX_PATCH:
            raise ValueError(f"{name}: {value} is not in 1..{_MAX_PATCH}")
    sizes = _checked_sizes(target_sizes, frames[0].shape[0] if stacked else len(frames), patch * merge)
    clips = _checked_items(items, item_lengths, sizes)
    first = clips[0][0]
    if stacked:
        planned = frames
    else:  # a frame of no item may have any number of channels
        used = {frame for clip in clips for frame in clip}
        planned = [frames[i if i in used else first] for i in range(len(frames))]
    epilogue = (tuple(image_mean), tuple(image_std), rescale_factor)
    names = (resample, True, "square", backend, numerics, "NCHW", "CHW")
    _check_request(planned, stacked, _request_text((patch, patch), None, *epilogue, *names), None)

    grid: list[int] = []
    tokens = 0
    for clip in clips:
        height, width = sizes[clip[0]]
        grid += [-(-len(clip) // temporal), height // patch, width // patch]
        tokens += math.prod(grid[-3:])
    channels = _channels(frames[0 if stacked else first], -3, max(len(image_mean), len(image_std)))
    values = channels * temporal * patch * patch
    return (
        torch.empty((tokens, values), dtype=torch.float32, device=_target(frames, device)),
        _known(grid, [len(clips), 3], torch.int64),
    )


def _checked_sizes(target_sizes: list[int], frames: int | torch.SymInt, factor: int) -> list[tuple[int, int]]:
    """(height, width) of each frame, checked as plan_patchify.cpp does."""
    sizes = list(zip(target_sizes[::2], target_sizes[1::2], strict=False))
    if len(sizes) != frames:
        raise ValueError(f"target_sizes: {len(sizes)} sizes; there are {frames} frames, and each has one")
    for i, (height, width) in enumerate(sizes):
        if not all(1 <= side <= _MAX_EDGE and side % factor == 0 for side in (height, width)):
            raise ValueError(
                f"target_sizes[{i}]: {height} x {width}; both must be multiples of patch * merge = {factor} in "
                f"1..{_MAX_EDGE}"
            )
    return sizes


def _checked_items(items: list[int], lengths: list[int], sizes: list[tuple[int, int]]) -> list[list[int]]:
    """The frames of each item, checked as plan_patchify.cpp does."""
    if not lengths:
        raise ValueError("items: the list is empty; give at least one item")
    ends = list(itertools.accumulate(lengths))
    if min(lengths) < 0 or ends[-1] > len(items):
        raise ValueError("item_lengths: their sum is not that of the items")
    clips = [items[end - length : end] for end, length in zip(ends, lengths, strict=True)]
    for i, clip in enumerate(clips):
        if not clip:
            raise ValueError(f"items[{i}]: is empty; an item has at least one frame")
        for frame in clip:
            if not 0 <= frame < len(sizes):
                raise ValueError(f"items[{i}]: frame {frame} is not in 0..{len(sizes) - 1}")
            if sizes[frame] != sizes[clip[0]]:
                (height, width), (other_height, other_width) = sizes[clip[0]], sizes[frame]
                raise ValueError(
                    f"items[{i}]: its frames have the target sizes {height} x {width} and {other_height} x "
                    f"{other_width}; the frames of an item share one"
                )
    return clips


def _preprocess(
    images: list[Tensor],
    stacked: bool,
    config: str,
    numerics: str,
    backend: str,
    device: torch.device | None,
    groups: list[int],
    dtype: torch.dtype | None,
    layout: str,
    input_layout: str,
) -> tuple[list[Tensor], list[int], list[int]]:
    """By the plan, which is made from sizes: a size that torch.export has as a symbol becomes its number."""
    from ._ops import planned_outputs  # imports this module, by way of _library

    _check_images(images, stacked, input_layout)
    target = _target(images, device)
    sizes: list[Any] = [tuple(int(side) for side in image.shape) for image in images]
    if stacked:
        sizes = [sizes[0][1:]] * sizes[0][0]
    if input_layout == "HWC":
        sizes = [(channels, height, width) for height, width, channels in sizes]
    planned = planned_outputs(sizes, config, numerics=numerics, groups=groups, dtype=dtype, layout=layout)
    tensors = [
        _known(output["values"], output["shape"], getattr(torch, output["type"]))
        if output["values"]
        else torch.empty(output["shape"], dtype=getattr(torch, output["type"]), device=target)
        for output in planned
    ]
    return tensors, _words("\n".join(output["key"] for output in planned)), [output["image"] for output in planned]


def _known(values: Sequence[float], shape: list[int], dtype: torch.dtype) -> Tensor:
    """An output that sizes alone decide, on the CPU. Beside images of the meta device it is real, as a processor's own.

    Among fake tensors it is fake too, since torch mixes them with no others. Its numbers are kept: a row of them can be
    made a list.
    """
    mode: Any
    with unset_fake_temporarily() as mode:
        real = torch.tensor(values, dtype=dtype).reshape(shape)
    return real if mode is None else mode.fake_tensor_converter.from_real_tensor(mode, real, make_constant=True)


def _words(text: str) -> list[int]:
    """As csrc/text.hpp: eight bytes a number, filled up with zeros."""
    data = text.encode()
    data += bytes(-len(data) % 8)
    return list(struct.unpack(f"<{len(data) // 8}q", data))


def register() -> None:
    """Once for each namespace: a second copy of the same build finds them registered."""
    functions: dict[str, Callable[..., Any]] = {
        "resize_normalize": _resize_normalize,
        "resize_normalize_out": _resize_normalize_out,
        "patchify": _patchify,
        "preprocess": _preprocess,
    }
    for name, function in functions.items():
        torch.library.register_fake(f"{NAMESPACE}::{name}", function)
