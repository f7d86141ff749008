"""The processor's op as a Python function: images and a `preprocessor_config.json` in, the processor's tensors out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ._library import call, ops, text_of


def preprocess(
    images: Sequence[Tensor] | Tensor,
    config_json: str,
    *,
    numerics: str = "float32",
    backend: str = "separable",
    device: torch.device | str | None = None,
    groups: Sequence[int] | None = None,
    dtype: torch.dtype | None = None,
    layout: str = "NCHW",
    input_layout: str = "CHW",
) -> dict[str, Tensor | list[Tensor]]:
    """Runs a processor's whole pixel pipeline on a batch: one call, probes, plan and kernels in C++.

    Args:
        images: uint8 tensors (C, H, W) of any sizes and strides, C in 1..4, all on one device; or one stacked
            (N, C, H, W) tensor, N >= 0. With `input_layout="HWC"`: (H, W, C) and (N, H, W, C).
        config_json: the text of a `preprocessor_config.json`. It is parsed once: texts and their parsed form are
            cached.
        numerics: whose arithmetic: "float32" or "torch_cpu", as resize_normalize has them; or the whole computation of
            the class's Pillow twin, with the bits of Pillow: "pillow11" (up to 12.1), "pillow12" (12.2 and 12.3) or
            "pillow13". Others raise ValueError.
        backend: "separable" or "fused", the CUDA kernel that runs. On the CPU both run the cpu backend.
        device: where the tensors go: None, the images' device; or a CUDA device, to which CPU images are copied
            while the first of them are resampled already.
        groups: how many consecutive images belong to each sample, for processors that take lists of lists of images
            (Idefics3, VideoMAE); their sum is len(images). None: one flat list.
        dtype: of the pixel output: float32, float16, bfloat16 or uint8. None: what the processor gives.
        layout: "NCHW" or "NHWC", of image-shaped outputs.
        input_layout: "CHW" or "HWC".

    Returns:
        The processor's keys, in its order, to tensors: "pixel_values", "pixel_mask", "image_grid_thw", ... A key whose
        images (or samples) have different output shapes has a list, one tensor for each. Outputs that follow from sizes
        alone (grids, original sizes) are CPU tensors; the others are on the target device.

    Raises:
        TypeError: a tensor that is not uint8, is not dense, or requires grad.
        ValueError: anything else that is wrong, naming the argument ("images[3]", "config: size"), the value and what
            is allowed; a processor, or numerics, that this version does not build; CUDA without the CUDA build.

    Thread-safe; the GIL is released while it runs. CUDA work goes to the current stream of the target device, and
    nothing waits for it, except for processors that need to know pixels to plan (Pix2Struct).
    """
    stacked = isinstance(images, Tensor)
    tensors, keys, image = call(
        ops.preprocess.default,
        [images] if stacked else images,
        stacked,
        config_json,
        numerics,
        backend,
        None if device is None else torch.device(device),
        [] if groups is None else groups,
        dtype,
        layout,
        input_layout,
    )
    result: dict[str, Tensor | list[Tensor]] = {}
    for tensor, key, index in zip(tensors, text_of(keys).split("\n"), image, strict=True):
        if index < 0:
            result[key] = tensor
        else:
            several = result.setdefault(key, [])
            assert isinstance(several, list)
            several.append(tensor)
    return result


def processor_info(config_json: str) -> dict[str, str | bool | list[str]]:
    """What a configuration is understood as.

    Args:
        config_json: the text of a `preprocessor_config.json`.

    Returns:
        "class_name": "CLIPImageProcessor", ...; "stages": what images go through; "writes": "images", "stack",
        "videos", "samples", "tokens" or "rows"; "returns": "features", "pixels", "pair", "stacked" or "samples";
        "groups": "none", "videos" or "samples"; "resizes_levels": whether uint8 is resized; "unsupported": why this
        version does not build it, or ""; "unknown_keys": keys of the configuration that mean nothing to this class
        here.

    Raises:
        ValueError: "config: KEY: ...", for what is malformed, missing or out of range.
    """
    info: dict[str, str | bool | list[str]] = json.loads(text_of(call(ops.processor_info.default, config_json)))
    return info


def read_configuration(text: str) -> dict[str, Any]:
    """What a configuration says before its class reads it.

    Args:
        text: of a `preprocessor_config.json` or a `processor_config.json`, whose "image_processor" comes first.

    Returns:
        "class_name": torchvision's class, as "CLIPImageProcessor"; "named": what names it, as "CLIPFeatureExtractor",
        or the model's type; "named_by": the key of that, or "model_type"; "nested": whether the values stood under
        "image_processor"; "values": the values.

    Raises:
        ValueError: "config: KEY: ...", for a class that is missing or unknown, and as processor_info does.
    """
    answer: dict[str, Any] = json.loads(text_of(call(ops.read_configuration.default, text)))
    return answer


def load_configuration(path: str) -> dict[str, Any]:
    """read_configuration of a file, or of the folder of a model, as AutoImageProcessor reads it without remote code.

    Raises:
        ValueError: "PATH: KEY: ...", as read_configuration does.
        OSError: a path that cannot be read.
    """
    answer: dict[str, Any] = json.loads(text_of(call(ops.load_configuration.default, path)))
    return answer


def planned_outputs(
    image_sizes: Sequence[tuple[int, int, int]],
    config_json: str,
    *,
    numerics: str = "float32",
    groups: Sequence[int] | None = None,
    dtype: torch.dtype | None = None,
    layout: str = "NCHW",
) -> list[dict[str, Any]]:
    """What preprocess would return for images of these sizes, by the plan alone: no pixels are needed.

    Args:
        image_sizes: (channels, height, width) of each image.
        config_json, numerics, groups, dtype, layout: as preprocess has them.

    Returns:
        For each tensor, in preprocess's order: "key", "image" (-1, or which of the tensors of a key it is), "type"
        ("float32", ...), "shape", and "values": all its numbers where sizes alone decide them, else empty.

    Raises:
        ValueError: as preprocess does; and for a processor whose shapes depend on pixels.
    """
    words = call(
        ops.planned_outputs.default,
        [side for size in image_sizes for side in size],
        config_json,
        numerics,
        [] if groups is None else groups,
        dtype,
        layout,
    )
    outputs: list[dict[str, Any]] = json.loads(text_of(words))
    return outputs
