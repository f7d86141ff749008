"""Between transformers and a plan: a call's arguments as a configuration, and outputs as a class returns them."""

from __future__ import annotations

import enum
import functools
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy
import torch
from torch import Tensor
from torchvision.transforms.v2.functional import InterpolationMode  # type: ignore[import-untyped]
from transformers.image_processing_base import BatchFeature
from transformers.image_utils import SizeDict, torch_pil_interpolation_mapping

from . import _ops

Outputs = Mapping[str, Tensor | list[Tensor]]


class Unplanned(ValueError):
    """A class, or an argument of a call, that no plan honours."""


# ----------------------------------------------------------------------------------------------------------------------
# Arguments to a configuration

# Not part of a configuration: where tensors come from and go to, and what only steers the class's own loops. What the
# class has done before `_preprocess` (the header of Pix2Struct's is_vqa). The colour clusters of a step that no plan
# has (do_color_quantize). Idefics' image_size is an older name of its `size`.
_NOT_OF_THE_CONFIG = frozenset(
    {
        "return_tensors",
        "device",
        "disable_grouping",
        "data_format",
        "input_data_format",
        "image_seq_length",
        "default_to_square",
        "clusters",
        "image_size",
        "is_vqa",
        "boxes",
        "do_reduce_labels",
        "video_metadata",
    }
)


# What a file may hold, and torchvision's names.
_RESAMPLE = (type(None), int, float, str, list, dict, InterpolationMode)


def config_json(class_name: str, values: Mapping[str, Any]) -> str:
    """The text of the `preprocessor_config.json` that says what the merged arguments of a call say.

    Raises Unplanned for an argument that a plan cannot honour, ValueError for a number that is not finite.
    """
    config = {f"{'video' if class_name.endswith('VideoProcessor') else 'image'}_processor_type": class_name}
    for key, value in values.items():
        if key == "boxes" and value is not None:
            raise Unplanned("boxes: crops of persons are not planned; None is allowed")
        if key == "do_reduce_labels" and value:
            raise Unplanned("do_reduce_labels: True changes levels before the resize; False is allowed")
        if key == "resample" and not isinstance(value, _RESAMPLE):
            value = repr(value)  # which the plan refuses, as the class refuses such a type, where it resizes
        if key not in _NOT_OF_THE_CONFIG:
            config[key] = plain(key, value)
    return json.dumps(config)


def config_of(processor: Any) -> str:
    """The text of the configuration that a processor has now, for its images."""
    names = [name for name in processor._valid_kwargs_names if name != "do_reduce_labels"]  # of segmentation maps
    return config_json(type(processor).__name__, {name: getattr(processor, name, None) for name in names})


@dataclass(frozen=True)
class Facts:
    """What a class does with a configuration, as far as its outputs' form depends on it."""

    class_name: str
    writes: str
    """How the pixels stand in the outputs: "images", "rows" of tokens, ..."""
    returns: str
    """"features", "pixels" (the pixel values alone), "pair" (they and the resized sizes), "stacked" (one tensor a key)
    or "samples" (numbers in lists)."""
    resizes_levels: bool
    """Whether it resizes uint8, and not floats."""


@functools.lru_cache(maxsize=256)
def facts_of(config: str) -> Facts:
    """The facts of a text that config_json made. Raises ValueError for a wrong value in it."""
    info = _ops.processor_info(config)
    return Facts(str(info["class_name"]), str(info["writes"]), str(info["returns"]), bool(info["resizes_levels"]))


def check_planned(config: str, numerics: str) -> None:
    """Raises Unplanned, with the reason, when no plan can be made whatever the images; ValueError for a wrong value."""
    info = _ops.processor_info(config)
    reasons = "unsupported_by_pillow" if numerics.startswith("pillow") else "unsupported"
    name, reason = str(info["class_name"]), str(info[reasons])
    if reason:
        raise Unplanned(reason if reason.startswith(name) else f"{name}: {reason}")


_AS_JSON_HAS_IT = frozenset({type(None), bool, int, str})


def plain(key: str, value: Any) -> Any:
    """A configuration's value as JSON has it, where the class computes with it as with Python's own number.

    Raises Unplanned for other types, ValueError for a number that is not finite.
    """
    kind = type(value)
    if kind in _AS_JSON_HAS_IT:
        return value
    if kind is float or isinstance(value, float):  # numpy.float64 is one
        if not math.isfinite(value):
            raise ValueError(f"{key}: {value}; finite numbers are allowed")
        return float(value)
    if isinstance(value, (list, tuple)):
        return [plain(key, part) for part in value]
    if isinstance(value, SizeDict):
        return plain(key, _sides(value))
    if isinstance(value, Mapping):
        return {_name(key, name): plain(key, part) for name, part in value.items()}
    if isinstance(value, InterpolationMode):
        return _pillow_number(value)
    if isinstance(value, enum.Enum):
        return plain(key, value.value)
    if isinstance(value, (numpy.integer, numpy.bool_)):
        return value.item()
    # torch makes tensors of these, where float32 stays itself. Elsewhere it would be the type of a result.
    if key in ("image_mean", "image_std"):
        if isinstance(value, numpy.float32):
            return plain(key, value.item())
        if isinstance(value, numpy.ndarray):
            return plain(key, list(value) if value.ndim else value[()])
    if isinstance(value, (int, str)):
        return int(value) if isinstance(value, int) else str(value)
    raise Unplanned(f"{key}: {_named(value)} is not planned; Python's numbers, text, lists and dictionaries are")


_PARTNERS = {"height": "width", "max_height": "max_width", "min_pixels": "max_pixels"}
_PARTNERS |= {second: first for first, second in _PARTNERS.items()}


def _sides(size: SizeDict) -> dict[str, Any]:
    """The members as a file has them: of a pair both, where one of them has no value."""
    sides: dict[str, Any] = dict(size)
    if len(sides) == 1:
        (side,) = sides
        if side in _PARTNERS:
            sides[_PARTNERS[side]] = None
    return sides


def _name(key: str, name: Any) -> str:
    if not isinstance(name, str):
        raise Unplanned(f"{key}: has the key {name!r}; names are allowed")
    return str(name)


def _named(value: Any) -> str:
    kind = type(value)
    return f"a {kind.__name__}" if kind.__module__ == "builtins" else f"a {kind.__module__}.{kind.__qualname__}"


def _pillow_number(mode: InterpolationMode) -> int:
    """Pillow's number, which a configuration has."""
    if mode not in torch_pil_interpolation_mapping:
        raise Unplanned(f"resample: {mode} is not planned; {InterpolationMode.NEAREST_EXACT} is, Pillow's NEAREST")
    return int(torch_pil_interpolation_mapping[mode])


# ----------------------------------------------------------------------------------------------------------------------
# Outputs as the class's own `_preprocess` returns them

# Made by torch.tensor without a device: torch's default device is where they are, whatever the images' is.
_ON_THE_DEFAULT_DEVICE = (
    "image_grid_thw",
    "image_merge_sizes",
    "num_crops",
    "padding_mask_videos",
    "video_grid_thw",
    "video_merge_sizes",
)
# Made by torch.tensor on the images' device.
_ON_THE_IMAGES_DEVICE = ("aspect_ratio_ids", "aspect_ratio_mask", "target_sizes")


# What a class has as Python's numbers until return_tensors makes a tensor of them.
_IN_PYTHON: dict[str, Callable[[Any], Any]] = {
    "grids": lambda value: value.tolist(),
    "num_soft_tokens_per_image": lambda value: value.tolist(),
    "spatial_shapes": lambda value: [tuple(row) for row in value.tolist()],
}

# Shapes of images in a list, whatever their pixels are in.
_SIZES = frozenset({"image_sizes", "reshaped_input_sizes"})

# Of calls that give none of their own.
_TEXTS = {"OneFormerImageProcessor": {"task_inputs": ["the task is panoptic"]}}


def check_returnable(facts: Facts, values: Mapping[str, Any], return_tensors: str | None, arrays: bool = False) -> None:
    """Raises Unplanned where as_returned could not give what the class gives. `arrays`: as as_returned has it."""
    if arrays and return_tensors is None:
        raise Unplanned(
            "return_tensors: None gives numpy's arrays nested as each class does; 'pt' and 'np' are planned"
        )
    if facts.returns == "samples" and not values.get("do_pad") and return_tensors != "pt":
        raise Unplanned(
            f"do_pad: False gives nested lists of tiles; {facts.class_name} is planned with return_tensors='pt'"
        )


def _moved(value: Any, like: Any) -> Any:
    """A tensor, or a list of them, on the device of another."""
    if isinstance(value, list):
        return [_moved(each, like) for each in value]
    return value.to(like[0].device if isinstance(like, list) else like.device)


def as_returned(
    facts: Facts, outputs: Outputs, groups: list[int] | None, return_tensors: str | None, arrays: bool = False
) -> Any:
    """What `_preprocess` of the class returns. `groups`: how many images each sample has, of classes with samples.

    `arrays`: it is a class of Pillow's, which works on numpy's arrays.
    """
    if arrays and return_tensors == "np":
        outputs = {key: _as_arrays(value) for key, value in outputs.items()}
    stacked = return_tensors == "pt" or facts.returns in ("stacked", "samples")
    nested = ("rows", "cols") if facts.returns == "samples" else ()
    lists = {key: _nested(value, groups) for key, value in outputs.items() if key in nested}
    lists |= {key: [row.tolist() for row in value] for key, value in outputs.items() if key == "num_tiles"}
    data = {key: value if stacked else _listed(value) for key, value in outputs.items() if key not in lists}
    if return_tensors != "pt":
        data |= {key: as_python(outputs[key]) for key, as_python in _IN_PYTHON.items() if key in outputs}
    for key in _ON_THE_DEFAULT_DEVICE + (("pixel_attention_mask",) if facts.writes == "rows" else ()):
        value = data.get(key)
        if isinstance(value, Tensor) and not value.is_meta:
            data[key] = value.to(torch.get_default_device())
    for key in _ON_THE_IMAGES_DEVICE:
        if key in data:
            data[key] = _moved(data[key], data["pixel_values"])
    for key in _SIZES & data.keys():
        data[key] = [torch.Size(size) for size in outputs[key].tolist()]
    if facts.returns == "pixels":  # of which the class itself makes a BatchFeature
        return data["pixel_values"]
    if facts.returns == "pair":
        return _listed(outputs["pixel_values"]), data["reshaped_input_sizes"]
    features = BatchFeature(data=data, tensor_type=return_tensors)
    features.update(lists)
    features.update(_TEXTS.get(facts.class_name, {}))
    return features


def _as_arrays(value: Tensor | list[Tensor]) -> Any:
    return [part.numpy() for part in value] if isinstance(value, list) else value.numpy()


def _listed(value: Tensor | list[Tensor]) -> list[Any]:
    """One entry an image: its tensor, or its number."""
    if isinstance(value, list):
        return value
    return value.tolist() if len(value.shape) == 1 else list(value)


def _nested(value: Any, groups: list[int] | None) -> list[list[int]]:
    """A list of numbers a sample, as Idefics3 gives its rows and columns: not for samples without images at the end."""
    numbers = iter(value.tolist())
    lists = [[next(numbers) for _ in range(count)] for count in groups or [len(value)]]
    while lists and not lists[-1]:
        lists.pop()
    return lists
