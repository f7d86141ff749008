"""Shapes without pixels: what torch.compile, torch.export and the meta device know of the ops."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ._build import NAMESPACE


def _result_shape(images: list[Tensor], stacked: bool, request: dict[str, Any]) -> list[int | torch.SymInt]:
    """(N, C, height, width) or (N, height, width, C). One channel becomes as many as there are means."""
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
    height, width = request["crop_size"] or request["size"]
    count = images[0].shape[0] if stacked else len(images)
    channels = images[0].shape[-1 if request["input_layout"] == "HWC" else -3]
    means = max(len(request["image_mean"]), len(request["image_std"]))
    if channels == 1:
        channels = means
    return [count, height, width, channels] if request["layout"] == "NHWC" else [count, channels, height, width]


def _resize_normalize(
    images: list[Tensor], stacked: bool, request: str, dtype: torch.dtype | None, device: torch.device | None
) -> Tensor:
    shape = _result_shape(images, stacked, json.loads(request))
    return torch.empty(shape, dtype=dtype or torch.float32, device=device or images[0].device)


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
    tokens = begin = 0
    for length in item_lengths:
        height, width = target_sizes[2 * items[begin] : 2 * items[begin] + 2]
        tokens += -(-length // temporal) * (height // patch) * (width // patch)
        begin += length
    values = frames[0].shape[-3] * temporal * patch * patch
    return (
        torch.empty((tokens, values), dtype=torch.float32, device=device or frames[0].device),
        torch.empty((len(item_lengths), 3), dtype=torch.int64, device="cpu"),
    )


def register() -> None:
    """Once for each namespace: a second copy of the same build finds them registered.

    Not for `preprocess`, whose shapes may depend on pixels.
    """
    functions: dict[str, Callable[..., Any]] = {
        "resize_normalize": _resize_normalize,
        "resize_normalize_out": _resize_normalize_out,
        "patchify": _patchify,
    }
    for name, function in functions.items():
        torch.library.register_fake(f"{NAMESPACE}::{name}", function)
