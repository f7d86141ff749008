"""An image processor that transformers made, made to use plans for its pixel work, and back."""

from __future__ import annotations

from typing import Any, TypeVar

from transformers.image_processing_utils import BaseImageProcessor

from ._planned import Planned, Settings, check_methods, logger, planned_class, planned_numerics
from ._translation import check_planned, config_of

__all__ = ["install", "is_installed", "uninstall"]

P = TypeVar("P")


def install(processor: P, *, numerics: str = "processor", backend: str = "separable", any_version: bool = False) -> P:
    """Makes a processor use this package's kernels for its pixel work; everything else of it stays as it is.

    What no plan honours is computed by the processor itself, as before: float images, annotations, a class that is not
    planned, an argument that a plan cannot carry, an arithmetic that no plan has (another default dtype of torch,
    bilinear on a CPU without AVX2), a class whose source is another in the installed transformers, a method set on the
    object itself, and whatever else is refused. The reason is logged as a warning of the logger "kernel_image_resize":
    once, whatever the values in it, and up to 64 reasons. With `numerics="processor"` a call on CPU images gives the
    same bits as before. torch.compile ends its graph before a call and begins another behind it; fake and meta images
    give outputs of their kind.

    Args:
        processor: an image or video processor of transformers, or a processor that has one for images
            (`CLIPProcessor`). Changed in place.
        numerics, backend, any_version: as Preprocessor.from_config has them.

    Returns:
        The same object.

    Raises:
        ValueError: unknown numerics or backend. TypeError: an object that is no image processor and has none.
    """
    settings = Settings(numerics, backend, falls_back=True, any_version=any_version)
    inner = _image_processor_of(processor)
    uninstall(inner)
    cls = type(inner)
    try:
        planned = planned_class(cls, settings)
        check_methods(inner)
        check_planned(config_of(inner), planned_numerics(cls, settings))
    except ValueError as reason:
        logger.warning("%s: not installed, transformers computes every call: %s", cls.__name__, reason)
    else:
        inner.__class__ = planned
    return processor


def uninstall(processor: P) -> P:
    """Undoes install: the processor is again what it was. One that is not installed is left alone.

    Raises TypeError for an object that is no image processor and has none.
    """
    inner = _image_processor_of(processor)
    if isinstance(inner, Planned):
        inner.__class__ = type(inner)._kir_class
    return processor


def is_installed(processor: Any) -> bool:
    """Whether install took effect: it does not on a class that is not planned."""
    return isinstance(_image_processor_of(processor), Planned)


def _image_processor_of(processor: Any) -> Any:
    inner = getattr(processor, "image_processor", processor)
    if not isinstance(inner, BaseImageProcessor):
        raise TypeError(f"processor: {type(processor).__name__} is no image processor of transformers, and has none")
    return inner
