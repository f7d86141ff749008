"""A model's whole image preprocessing, from its processor's configuration: one planned, fused pass over the pixels."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Collection, Mapping
from typing import Any

import transformers
from transformers.image_processing_backends import PilBackend
from transformers.image_processing_base import BatchFeature
from transformers.image_utils import SizeDict
from transformers.models.auto import image_processing_auto

from . import _ops
from ._arithmetic import numerics_of, reason_for
from ._planned import NUMERICS, Settings, check_methods, planned_class, planned_numerics
from ._translation import Unplanned, check_planned, config_of

__all__ = ["NUMERICS", "Preprocessor", "Unplanned"]


class Preprocessor:
    """Does what one image or video processor of transformers does, with plans instead of its pixel work.

    Made by from_config. Calls are independent of each other: one Preprocessor may serve several threads. torch.compile
    ends its graph before a call and begins another behind it. Fake and meta images give outputs of their kind; beside
    meta images grids and sizes are real.
    """

    def __init__(self, processor: Any) -> None:
        self._processor = processor  # of a planned class

    @classmethod
    def from_config(
        cls,
        config: Mapping[str, Any] | str | os.PathLike[str] | Any,
        *,
        numerics: str = "processor",
        backend: str = "separable",
        any_version: bool = False,
    ) -> Preprocessor:
        """The preprocessor of a configuration.

        Args:
            config: a `preprocessor_config.json` or `processor_config.json` as a dict, its path, or the path of the
                folder that holds it, for the processor that AutoImageProcessor makes of such a folder without remote
                code; where it names no class, the folder's config.json says the model. Or a
                `video_preprocessor_config.json`, for the video processor. Or an image or video processor of
                transformers, or a processor that has one for images (`CLIPProcessor`), as it is now: later changes of
                it are not seen.
            numerics: whose arithmetic. "processor": as the processor has it on this machine's CPU, to the bit, which is
                torch_cpu, or for a Pillow processor that of the installed Pillow; where it has another (a CPU without
                AVX2, another default dtype of torch) that is an error. On CUDA the bits are those of torch_cpu, where
                the processor itself would compute others. "torch_cpu": as torchvision's processor of that name has it
                on a CPU with AVX2, on every machine. "float32": as the processor has it for float images, without
                rounding to levels. Others: NUMERICS, as far as they are built.
            backend: "separable" or "fused", the CUDA kernel that runs. On the CPU both run the cpu backend. "pil": the
                Pillow processor, as AutoImageProcessor's argument of that name has it, of a configuration.
            any_version: the plans have the rules of one version of transformers. A class whose pixel work has another
                source in the installed version is an error, unless this is True.

        Raises:
            ValueError: a missing or wrong key, with its value and what is allowed; Unplanned, which is a ValueError,
                for a class or a switch that no plan has, with the reason.
            OSError: a path that cannot be read.
        """
        pil = backend == "pil"
        settings = Settings(numerics, "separable" if pil else backend, any_version=any_version)
        processor = _processor_of(config, settings, pil)
        planned = planned_class(type(processor), settings)
        check_methods(processor)
        check_planned(config_of(processor), planned_numerics(type(processor), settings))
        own = copy.deepcopy(processor)
        own.__class__ = planned
        return cls(own)

    @property
    def class_name(self) -> str:
        """The class of transformers, as "CLIPImageProcessor"."""
        return type(self._processor).__name__

    @property
    def config(self) -> dict[str, Any]:
        """The configuration in use, as the processor would write it."""
        values: dict[str, Any] = json.loads(self._processor.to_json_string())
        return values

    def __repr__(self) -> str:
        cls = type(self._processor)
        settings, numerics = cls._kir_settings, repr(cls._kir_settings.numerics)
        if settings.numerics == "processor":
            numerics += f" ({numerics_of(cls)}: {reason_for(cls)})"
        return f"Preprocessor({self.class_name}, numerics={numerics}, backend={settings.backend!r})"

    def __call__(self, images: Any, *args: Any, return_tensors: str | None = "pt", **kwargs: Any) -> BatchFeature:
        """The processor's outputs for one image, a list, or nested lists where the processor takes them.

        Args:
            images: PIL images, numpy arrays or torch tensors, uint8, (H, W), (H, W, C) or (C, H, W) as transformers
                infers, of any sizes. Tensors all on one device, or on several when `device` names a CUDA device. Of a
                video processor videos: (T, H, W, C) or (T, C, H, W) arrays or tensors, lists of frames, lists of these.
                Its own code samples frames (do_sample_frames).
            args, kwargs: what the processor's own call takes. `size`, `do_resize`, ... override the configuration's
                values in this call; `device="cuda"` sends the outputs there, images of the CPU being copied while the
                first are resampled.
            return_tensors: "pt" (the default), "np", or None for lists. "pt" needs outputs of one shape, as it does in
                transformers.

        Returns:
            A BatchFeature with the processor's keys, shapes and types: `pixel_values` (N, C, H, W) float32, ...

        Raises:
            TypeError: images that are not uint8; an argument that the processor does not know.
            ValueError: images or arguments that the processor refuses, or that no plan honours (Unplanned).
        """
        result = self._processor(images, *args, return_tensors=return_tensors, **kwargs)
        # IdeficsImageProcessor returns its pixel values alone.
        return result if isinstance(result, BatchFeature) else BatchFeature({"pixel_values": result})


# ----------------------------------------------------------------------------------------------------------------------
# From a configuration to a processor


def _processor_of(config: Any, settings: Settings, pil: bool) -> Any:
    if isinstance(config, (str, os.PathLike)):
        read = _ops.load_configuration(os.fsdecode(config))
        return _built(read, read["values"], settings, pil)
    if isinstance(config, Mapping):
        read = _ops.read_configuration(json.dumps(dict(config), default=_json_of))
        return _built(read, dict(config[_nested_in(config)] if read["nested"] else config), settings, pil)
    made = getattr(config, "image_processor", config)
    if pil and not isinstance(made, PilBackend):
        raise ValueError(f"backend: 'pil' is not the backend of a {type(made).__name__}; a configuration is allowed")
    return made


def _nested_in(config: Mapping[str, Any]) -> str:
    """Where the values of a nested configuration are: a video processor's, where no image processor is."""
    return "image_processor" if config.get("image_processor") is not None else "video_processor"


def _json_of(value: Any) -> Any:
    """A value of a dictionary that JSON does not have: numpy's numbers and arrays, transformers' sizes."""
    if isinstance(value, (Mapping, SizeDict)):
        return dict(value)
    return value.tolist() if hasattr(value, "tolist") else repr(value)


def _built(read: Mapping[str, Any], values: dict[str, Any], settings: Settings, pil: bool) -> Any:
    """The processor of a configuration, built by the class that AutoImageProcessor makes of it."""
    name, named = read["class_name"], read["named"]
    # The name of the Pillow class, and a model's type, stand for torchvision's class all the same.
    stands_for_both = read["named_by"] == "model_type" or named.removesuffix("Fast").endswith("Pil")
    by_choice = settings.numerics == "processor" and name in _computed_by_pillow() and not stands_for_both
    if pil or by_choice:
        name += "Pil"
    cls: Any = getattr(transformers, name, None)
    if not isinstance(cls, type):
        raise ValueError(
            f"config: {read['named_by']}: {named!r}: transformers {transformers.__version__} has no {name}"
        )
    values = {key: copy.deepcopy(value) for key, value in values.items() if key not in _ABOUT_THE_FILE}
    if "size" not in values and values.keys() & {"min_pixels", "max_pixels"}:
        # Qwen2VLImageProcessor.__init__ writes them into the `size` that all processors of the class begin with.
        values["size"] = copy.deepcopy(getattr(cls, "size", None))
    return cls(**values)


_ABOUT_THE_FILE = frozenset({"image_processor_type", "video_processor_type", "feature_extractor_type", "_provenance"})


def _computed_by_pillow() -> Collection[str]:
    """The classes in whose place AutoImageProcessor makes the Pillow ones: of transformers that have such a list."""
    names: Collection[str] = getattr(image_processing_auto, "DEFAULT_TO_PIL_BACKEND_IMAGE_PROCESSORS", ())
    return names
