"""Shapes without pixels: what torch.compile, torch.export and the meta device know of the ops."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import unset_fake_temporarily

from ._build import NAMESPACE


def _check_images(images: list[Tensor], stacked: bool) -> None:
    if not images:
        raise ValueError("images: the list is empty; give at least one image")
    needed = 4 if stacked else 3
    for i, image in enumerate(images):
        if image.dim() != needed:
            raise ValueError(f"images[{i}]: has {image.dim()} dimensions; {needed} are allowed")
        if image.device != images[0].device:  # a real tensor beside one of the meta device, which comes first
            raise ValueError(
                f"images[{i}]: is on {image.device}, images[0] on {images[0].device}; one device is allowed"
            )


def _result_shape(images: list[Tensor], stacked: bool, request: dict[str, Any]) -> list[int | torch.SymInt]:
    """(N, C, height, width) or (N, height, width, C). One channel becomes as many as there are means."""
    _check_images(images, stacked)
    height, width = request["crop_size"] or request["size"]
    count = images[0].shape[0] if stacked else len(images)
    channels = images[0].shape[-1 if request["input_layout"] == "HWC" else -3]
    means = max(len(request["image_mean"]), len(request["image_std"]))
    if channels == 1:
        channels = means
    return [count, height, width, channels] if request["layout"] == "NHWC" else [count, channels, height, width]


def _target(images: list[Tensor], device: torch.device | None) -> torch.device:
    if images[0].is_meta and device is not None and device.type != "meta":
        raise ValueError(f"device: is {device}; images of the meta device have no pixels that could be computed there")
    return device or images[0].device


def _resize_normalize(
    images: list[Tensor], stacked: bool, request: str, dtype: torch.dtype | None, device: torch.device | None
) -> Tensor:
    shape = _result_shape(images, stacked, json.loads(request))
    return torch.empty(shape, dtype=dtype or torch.float32, device=_target(images, device))


def _resize_normalize_out(images: list[Tensor], stacked: bool, request: str, out: Tensor) -> None:
    shape = _result_shape(images, stacked, json.loads(request))
    if out.is_meta != images[0].is_meta:  # real memory cannot be written from shapes, nor the other way round
        raise ValueError(f"out: is on {out.device}, images[0] on {images[0].device}; one device is allowed")
    if list(out.shape) != shape:
        raise ValueError(f"out: has shape {tuple(out.shape)}; {tuple(shape)} is allowed")


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
    grid: list[int] = []
    tokens = begin = 0
    for length in item_lengths:
        height, width = target_sizes[2 * items[begin] : 2 * items[begin] + 2]
        grid += [-(-length // temporal), height // patch, width // patch]
        tokens += math.prod(grid[-3:])
        begin += length
    values = frames[0].shape[-3] * temporal * patch * patch
    return (
        torch.empty((tokens, values), dtype=torch.float32, device=_target(frames, device)),
        _known(grid, [len(item_lengths), 3], torch.int64),
    )


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

    _check_images(images, stacked)
    for i, image in enumerate(images):
        if image.dtype != torch.uint8:  # what an installed processor leaves to its class
            raise TypeError(f"images[{i}]: is of dtype {str(image.dtype).removeprefix('torch.')}; uint8 is allowed")
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
