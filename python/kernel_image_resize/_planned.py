"""A transformers image processor whose pixel work is a plan of this package.

`preprocess` of transformers' torchvision processors merges the arguments of a call with the processor's own values,
turns every image into a channels-first tensor, and hands both to `_preprocess`, which does the pixel work and nothing
else. Here that one method is replaced, in a subclass made for the purpose. So what an argument means, and how PIL
images, arrays and nested lists become tensors, stays transformers' own code.
"""

from __future__ import annotations

import contextvars
import enum
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import transformers
from torch import Tensor
from torchvision.transforms.v2.functional import InterpolationMode  # type: ignore[import-untyped]
from transformers.image_processing_backends import TorchvisionBackend
from transformers.image_processing_base import BatchFeature
from transformers.image_utils import SizeDict, torch_pil_interpolation_mapping

from . import _ops

logger = logging.getLogger(__package__)

NUMERICS = ("processor", "float32", "torch_cpu", "torch_cuda", "pillow12", "pillow13")


class Unplanned(ValueError):
    """A class, or an argument of a call, that no plan honours."""


@dataclass(frozen=True)
class Settings:
    """How a planned processor computes."""

    numerics: str = "processor"
    """"processor": as the class does on the CPU, which is torch_cpu for all torchvision classes; or one of NUMERICS."""
    backend: str = "separable"
    """The CUDA kernel that runs; the CPU has one."""
    falls_back: bool = False
    """What no plan honours: True, the class itself computes it, and the reason is logged once; False, an error."""

    def __post_init__(self) -> None:
        if self.numerics not in NUMERICS:
            raise ValueError(f"numerics: {self.numerics!r} is not one of {', '.join(NUMERICS)}")


# ----------------------------------------------------------------------------------------------------------------------
# The subclass


class Planned:
    """Mixed in before a processor class, by planned_class alone."""

    _kir_class: ClassVar[type]  # the class that transformers has
    _kir_settings: ClassVar[Settings]
    _kir_logged: ClassVar[set[str]]

    def _preprocess_image_like_inputs(self, images: Any, *args: Any, **kwargs: Any) -> Any:
        call = _Call(kwargs.get("return_tensors"))
        # The op copies images to the device, while it resamples. What other inputs need of `device` is the class's.
        if kwargs.get("device") is not None and all(arg is None for arg in args):
            call = _Call(call.return_tensors, torch.device(kwargs["device"]))
            kwargs["device"] = None
        with _current(call):
            return super()._preprocess_image_like_inputs(images, *args, **kwargs)  # type: ignore[misc]

    def _preprocess(self, images: Any, *args: Any, **kwargs: Any) -> Any:
        call = _call.get()
        try:
            return _run(self._kir_class.__name__, self._kir_settings, call, images, args, kwargs)
        except (ValueError, TypeError) as refusal:
            if not self._kir_settings.falls_back:
                raise
            log_once(self._kir_logged, f"{self._kir_class.__name__}: transformers computes this call: {refusal}")
        if call.device is not None:
            images = [_moved(image, call.device) for image in images]
        return super()._preprocess(images, *args, **kwargs)  # type: ignore[misc]

    def __reduce_ex__(self, protocol: Any) -> Any:  # a class made at run time cannot be found by its name
        return _restored, (self._kir_class, self._kir_settings, self.__dict__)


def planned_class(cls: type, settings: Settings) -> type:
    """A subclass of a processor class, by the same name, that computes by plans.

    Raises Unplanned for a class that is not one of transformers' own torchvision processors.
    """
    cls = getattr(cls, "_kir_class", cls)
    check_class(cls)
    members: dict[str, Any] = {
        "_kir_class": cls,
        "_kir_settings": settings,
        "_kir_logged": set(),
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__doc__": cls.__doc__,
    }
    return type(cls.__name__, (Planned, cls), members)


def check_class(cls: type) -> None:
    """Raises Unplanned unless `cls` is one of transformers' own torchvision processors."""
    name = cls.__name__
    if name.endswith("ImageProcessorPil"):
        raise Unplanned(
            f"{name} computes with Pillow's arithmetic, which is not built yet; {name[:-3]} is torchvision's"
        )
    if not issubclass(cls, TorchvisionBackend):
        raise Unplanned(f"{name} is not a torchvision processor (transformers' TorchvisionBackend)")
    if getattr(transformers, name, None) is not cls:
        raise Unplanned(f"{cls.__module__}.{name} is not a class of transformers; what it changes is not known here")


def _restored(cls: type, settings: Settings, state: dict[str, Any]) -> Any:
    made = planned_class(cls, settings)
    processor: Any = object.__new__(made)
    processor.__dict__.update(state)
    return processor


def log_once(logged: set[str], reason: str) -> None:
    if reason not in logged:
        logged.add(reason)
        logger.warning(reason)


# ----------------------------------------------------------------------------------------------------------------------
# One call


@dataclass(frozen=True)
class _Call:
    """What `_preprocess` needs to know of the call that it serves, and not every class tells it."""

    return_tensors: str | None = None
    device: torch.device | None = None


_NO_CALL = _Call()
_call: contextvars.ContextVar[_Call] = contextvars.ContextVar("kernel_image_resize_call", default=_NO_CALL)


@contextmanager
def _current(call: _Call) -> Iterator[None]:
    token = _call.set(call)
    try:
        yield
    finally:
        _call.reset(token)


def _run(
    class_name: str, settings: Settings, call: _Call, images: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """The pixel work of one batch: what `_preprocess` of the class gives for the same arguments."""
    if any(arg is not None and arg is not False for arg in args):
        raise Unplanned(f"annotations: {class_name} transforms them with the pixels; only pixels are planned")
    if class_name in _TILES and not kwargs.get("do_pad") and call.return_tensors != "pt":
        raise Unplanned(f"do_pad: False gives nested lists of tiles; {class_name} is planned with return_tensors='pt'")
    groups = [len(group) for group in images] if images and isinstance(images[0], (list, tuple)) else None
    outputs = _ops.preprocess(
        images if groups is None else [image for group in images for image in group],
        config_json(class_name, kwargs),
        numerics="torch_cpu" if settings.numerics == "processor" else settings.numerics,
        backend=settings.backend,
        device=call.device,
        groups=groups,
    )
    return _as_returned(class_name, outputs, groups, call.return_tensors)


def _moved(image: Any, device: torch.device) -> Any:
    return [_moved(each, device) for each in image] if isinstance(image, (list, tuple)) else image.to(device)


# ----------------------------------------------------------------------------------------------------------------------
# Arguments to a configuration

# Where tensors come from and go to, and what only steers the class's own loops: not part of a configuration. The colour
# clusters serve a step that no plan has (do_color_quantize); Idefics' image_size is an older name of its `size`.
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
        "boxes",
    }
)


def config_json(class_name: str, values: Mapping[str, Any]) -> str:
    """The text of the `preprocessor_config.json` that says what the merged arguments of a call say.

    Raises Unplanned for an argument that a plan cannot honour.
    """
    config = {"image_processor_type": class_name}
    for key, value in values.items():
        if key == "boxes" and value is not None:
            raise Unplanned("boxes: crops of persons are not planned; None is allowed")
        if key == "do_reduce_labels" and value:
            raise Unplanned("do_reduce_labels: True changes levels before the resize; False is allowed")
        if key not in _NOT_OF_THE_CONFIG:
            config[key] = _plain(value)
    return json.dumps(config)


def config_of(processor: Any) -> str:
    """The text of the configuration that a processor has now."""
    names = processor._valid_kwargs_names
    return config_json(type(processor).__name__, {name: getattr(processor, name, None) for name in names})


def check_planned(config: str) -> None:
    """Raises Unplanned, with the reason, when no plan can be made whatever the images; ValueError for a wrong value."""
    reason = _ops.processor_info(config)["unsupported"]
    if reason:
        raise Unplanned(f"{json.loads(config)['image_processor_type']}: {reason}")


def _plain(value: Any) -> Any:
    """A configuration's value as JSON has it."""
    if isinstance(value, SizeDict):
        return dict(value)
    if isinstance(value, InterpolationMode):
        return int(torch_pil_interpolation_mapping[value])
    if isinstance(value, enum.Enum):
        return value.value
    return value.tolist() if hasattr(value, "tolist") else value  # numpy's numbers and arrays


# ----------------------------------------------------------------------------------------------------------------------
# Outputs as the class's own `_preprocess` returns them

# `_preprocess` gives the pixel values alone; the class makes a BatchFeature of them.
_PIXELS_ALONE = frozenset(
    {
        "BeitImageProcessor",
        "DPTImageProcessor",
        "MobileNetV2ImageProcessor",
        "MobileViTImageProcessor",
        "PromptDepthAnythingImageProcessor",
        "Sam2ImageProcessor",
        "Sam3ImageProcessor",
        "Sapiens2ImageProcessor",
        "SegGptImageProcessor",
        "SegformerImageProcessor",
    }
)
_TILES = frozenset({"Idefics3ImageProcessor", "SmolVLMImageProcessor"})
# Whatever return_tensors says, one tensor a key.
_ALWAYS_STACKED = _TILES | {
    "CohereCompassImageProcessor",
    "ConditionalDetrImageProcessor",
    "DeformableDetrImageProcessor",
    "DetrImageProcessor",
    "GroundingDinoImageProcessor",
    "Qwen2VLImageProcessor",
    "RTDetrImageProcessor",
}


def _as_returned(
    class_name: str,
    outputs: Mapping[str, Tensor | list[Tensor]],
    groups: list[int] | None,
    return_tensors: str | None,
) -> Any:
    stacked = return_tensors == "pt" or class_name in _ALWAYS_STACKED
    lists = {key: _nested(value, groups) for key, value in outputs.items() if key in ("rows", "cols")}
    data = {key: value if stacked else _listed(value) for key, value in outputs.items() if key not in lists}
    if class_name in _PIXELS_ALONE:
        return data["pixel_values"]
    features = BatchFeature(data=data, tensor_type=return_tensors)
    features.update(lists)
    return features


def _listed(value: Tensor | list[Tensor]) -> list[Any]:
    """One entry an image: its tensor, or its number."""
    if isinstance(value, list):
        return value
    return value.tolist() if value.dim() == 1 else list(value)


def _nested(value: Any, groups: list[int] | None) -> list[list[int]]:
    """A list of numbers a sample, as Idefics3 gives its rows and columns: not for samples without images at the end."""
    numbers = iter(value.tolist())
    lists = [[next(numbers) for _ in range(count)] for count in groups or [len(value)]]
    while lists and not lists[-1]:
        lists.pop()
    return lists
