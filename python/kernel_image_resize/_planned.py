"""A transformers image processor whose pixel work is a plan of this package.

`preprocess` of transformers' torchvision processors, of images and of videos, merges the arguments of a call with the
processor's own values, turns every image into a channels-first tensor, and hands both to `_preprocess`, which does the
pixel work and nothing else. Here that one method is replaced, in a subclass made for the purpose. So what an argument
means, and how PIL images, arrays and nested lists become tensors, stays transformers' own code.
"""

from __future__ import annotations

import contextvars
import functools
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import transformers
from transformers.image_processing_backends import PilBackend, TorchvisionBackend
from transformers.video_processing_utils import BaseVideoProcessor

from . import _ops
from ._arithmetic import check_arithmetic, numerics_of
from ._source import check_source
from ._translation import Facts, Outputs, Unplanned, as_returned, check_returnable, config_json, facts_of
from ._videos import video_values, videos_as_returned

logger = logging.getLogger(__package__)

NUMERICS = ("processor", "float32", "torch_cpu", "torch_cuda", "pillow11", "pillow12", "pillow13")
BACKENDS = ("separable", "fused")


@dataclass(frozen=True)
class Settings:
    """How a planned processor computes."""

    numerics: str = "processor"
    """"processor": as the class does on the CPU (_arithmetic.numerics_of); or one of NUMERICS."""
    backend: str = "separable"
    """The CUDA kernel that runs; the CPU has one."""
    falls_back: bool = False
    """What no plan honours: True, the class itself computes it, and the reason is logged once; False, an error."""
    any_version: bool = False
    """Whether a class whose source is not that of the version that the plans are of is planned all the same."""

    def __post_init__(self) -> None:
        if self.numerics not in NUMERICS:
            raise ValueError(f"numerics: {self.numerics!r} is not one of {', '.join(NUMERICS)}")
        if self.backend not in BACKENDS:
            raise ValueError(f"backend: {self.backend!r} is not one of {', '.join(BACKENDS)}")


# ----------------------------------------------------------------------------------------------------------------------
# The subclass


class Planned:
    """Mixed in before a processor class, by planned_class alone."""

    _kir_class: ClassVar[type]  # the class that transformers has
    _kir_settings: ClassVar[Settings]
    _kir_logged: ClassVar[set[str]]

    def _preprocess_image_like_inputs(self, images: Any, *args: Any, **kwargs: Any) -> Any:
        call = _Call(kwargs.get("return_tensors"))
        # The op itself copies images to a GPU, while it resamples. What other inputs need of `device` is the class's.
        device = None if by_pillow(self._kir_class) else _device(kwargs.get("device"), self._kir_settings)
        if device is not None and device.type == "cuda" and all(arg is None for arg in args):
            call = _Call(call.return_tensors, device)
            kwargs["device"] = None
        with _current(call):
            return super()._preprocess_image_like_inputs(images, *args, **kwargs)  # type: ignore[misc]

    def _preprocess(self, images: Any, *args: Any, **kwargs: Any) -> Any:
        cls, call = self._kir_class, _call.get()
        groups = [len(group) for group in images] if images and isinstance(images[0], (list, tuple)) else None
        try:
            check_methods(self)
            facts, outputs = _run(cls, self._kir_settings, call, images, groups, args, kwargs)
        except (ValueError, TypeError) as refusal:
            if not self._kir_settings.falls_back:
                raise
            log_once(self._kir_logged, f"{cls.__name__}: transformers computes this call: {refusal}")
        else:
            return as_returned(facts, outputs, groups, call.return_tensors, arrays=by_pillow(cls))
        if call.device is not None:
            images = [_moved(image, call.device) for image in images]
        return super()._preprocess(images, *args, **kwargs)  # type: ignore[misc]

    def __reduce_ex__(self, protocol: Any) -> Any:  # a class made at run time cannot be found by its name
        return _restored, (self._kir_class, self._kir_settings, self.__dict__)


class PlannedVideos(Planned):
    """Mixed in before a video processor class: the frames of a video are images, and a video is a sample of them."""

    def _preprocess(self, videos: Any, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # its keyword there
        cls, call = self._kir_class, _Call(kwargs.get("return_tensors"))
        frames = [len(video) for video in videos]
        try:
            check_methods(self)
            values = video_values(self, cls.__name__, kwargs)
            facts, outputs = _run(cls, self._kir_settings, call, videos, frames, args, values)
        except (ValueError, TypeError) as refusal:
            if not self._kir_settings.falls_back:
                raise
            log_once(self._kir_logged, f"{cls.__name__}: transformers computes this call: {refusal}")
        else:
            return videos_as_returned(facts, outputs, frames, call.return_tensors)
        return super(Planned, self)._preprocess(videos, *args, **kwargs)  # type: ignore[misc]


def _outside_graphs(method: Callable[..., Any]) -> Callable[..., Any]:
    """The method, where torch.compile ends a graph and runs Python: a plan follows from the sizes of a call's images.

    So images of new sizes compile nothing anew. Without torch.compile this is the method and no more.
    """

    @functools.wraps(method)
    def whole(self: Any, *args: Any, **kwargs: Any) -> Any:
        if torch.compiler.is_dynamo_compiling():
            return _uncompiled(method, self, *args, **kwargs)
        return method(self, *args, **kwargs)

    return whole


@torch.compiler.disable(reason="kernel_image_resize plans each call from its images")  # type: ignore[no-untyped-call, untyped-decorator]
def _uncompiled(method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return method(*args, **kwargs)


def planned_class(cls: Any, settings: Settings) -> type:
    """A subclass of a processor class, by the same name, that computes by plans.

    Raises Unplanned for a class that is not one of transformers' own processors of torchvision or Pillow, or that has
    another source than the plans are of.
    """
    cls = getattr(cls, "_kir_class", cls)
    check_class(cls)
    if not settings.any_version:
        check_source(cls)
    members: dict[str, Any] = {
        "_kir_class": cls,
        "_kir_settings": settings,
        "_kir_logged": set(),
        "preprocess": _outside_graphs(cls.preprocess),
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__doc__": cls.__doc__,
    }
    return type(cls.__name__, (PlannedVideos if issubclass(cls, BaseVideoProcessor) else Planned, cls), members)


def planned_numerics(cls: type, settings: Settings) -> str:
    """The numerics of the plans: those that are asked for, or the class's own."""
    return numerics_of(cls) if settings.numerics == "processor" else settings.numerics


def check_class(cls: type) -> None:
    """Raises Unplanned unless `cls` is one of transformers' own processors of torchvision or Pillow."""
    name = cls.__name__
    if not issubclass(cls, (TorchvisionBackend, PilBackend)):
        raise Unplanned(f"{name} is not a torchvision processor (transformers' TorchvisionBackend), nor one of Pillow")
    if getattr(transformers, name, None) is not cls:
        raise Unplanned(f"{cls.__module__}.{name} is not a class of transformers; what it changes is not known here")


def by_pillow(cls: type) -> bool:
    """Whether a class computes with Pillow and numpy: its images are arrays, and so are what it returns."""
    return issubclass(cls, PilBackend)


def check_methods(processor: Any) -> None:
    """Raises Unplanned where a method is set on the object itself, in the place of its class's."""
    cls = type(processor)
    for name, value in vars(processor).items():
        if callable(value) and callable(getattr(cls, name, None)):
            raise Unplanned(f"{name}: is set on this {cls.__name__} itself; what it changes is not known here")


def _restored(cls: type, settings: Settings, state: dict[str, Any]) -> Any:
    made = planned_class(cls, settings)
    processor: Any = object.__new__(made)
    processor.__dict__.update(state)
    return processor


# Numbers, and lists of them, but not those in a name, as float32; and what is quoted.
_VALUES = re.compile(
    r"""(?<![A-Za-z0-9_.])-?\d[\d.]*(?:e[+-]?\d+)?(?:,\s*-?\d[\d.]*(?:e[+-]?\d+)?)*|(?<!\w)'[^']*'|"[^"]*\""""
)
_MOST_REASONS = 64


def log_once(logged: set[str], reason: str) -> None:
    """Logs a reason unless `logged` has one that differs from it in values alone, as the index of an image."""
    kind = _VALUES.sub("#", reason)
    if kind in logged or len(logged) == _MOST_REASONS:
        return
    logged.add(kind)
    logger.warning("%s", reason)
    if len(logged) == _MOST_REASONS:
        logger.warning("%d reasons were logged; others are not", _MOST_REASONS)


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
    cls: type,
    settings: Settings,
    call: _Call,
    images: Any,
    groups: list[int] | None,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> tuple[Facts, Outputs]:
    """The pixel work of one batch, by the arguments that `_preprocess` of the class has."""
    if any(arg is not None and arg is not False for arg in args):
        raise Unplanned(f"annotations: {cls.__name__} transforms them with the pixels; only pixels are planned")
    config = config_json(cls.__name__, kwargs)
    facts = facts_of(config)
    check_returnable(facts, kwargs, call.return_tensors, arrays=by_pillow(cls))
    flat = images if groups is None else [image for group in images for image in group]
    if any(type(image) is not torch.Tensor and _is_symbolic(image) for image in flat):
        raise Unplanned("images: a side is a symbol (torch.export with dynamic_shapes); a plan is made of numbers")
    if by_pillow(cls):
        flat = [torch.from_numpy(image) for image in flat]
    elif settings.numerics == "processor":
        on_cpu = call.device is None and not any(image.is_cuda for image in flat[:1])
        check_arithmetic(facts, kwargs.get("resample"), on_cpu)
    if call.device is not None and any(image.is_cuda for image in flat):  # the op takes images of one device
        flat = [image.to(call.device) for image in flat]
    outputs = _ops.preprocess(
        flat,
        config,
        numerics=planned_numerics(cls, settings),
        backend=settings.backend,
        device=call.device,
        groups=groups,
    )
    return facts, outputs


def _is_symbolic(image: torch.Tensor) -> bool:
    return any(isinstance(side, torch.SymInt) for side in image.shape)


def _device(given: Any, settings: Settings) -> torch.device | None:
    """None for what is no device, where the class itself raises its own error."""
    if given is None:
        return None
    try:
        return torch.device(given)
    except (RuntimeError, TypeError) as error:
        if settings.falls_back:
            return None
        raise ValueError(f"device: {given!r} is no device: {str(error).splitlines()[0]}") from None


def _moved(image: Any, device: torch.device) -> Any:
    return [_moved(each, device) for each in image] if isinstance(image, (list, tuple)) else image.to(device)
