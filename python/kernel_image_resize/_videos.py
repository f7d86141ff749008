"""What the video processors of transformers do otherwise than its image processors, beside their pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from transformers.image_processing_base import BatchFeature

from ._translation import Facts, Outputs, Unplanned, as_returned

# Read from the processor, not from the arguments of a call.
_OF_THE_PROCESSOR = ("max_image_size", "max_video_tokens")

# Their `preprocess` gives `pixel_values_videos` this name, behind `_preprocess`.
_RENAMED_BEHIND = frozenset({"TimesformerVideoProcessor", "VideoMAEVideoProcessor", "VivitVideoProcessor"})

_SIZES = ("original_sizes", "reshaped_input_sizes")


def video_values(processor: Any, class_name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a class computes with, of the merged arguments of a call.

    Raises Unplanned for a size of VJEPA2VideoProcessor that is not what its constructor makes of `crop_size`.
    """
    own = {key: getattr(processor, key) for key in _OF_THE_PROCESSOR if key in values}
    if class_name == "VJEPA2VideoProcessor":
        size, crop = values.get("size"), values.get("crop_size")
        if not (size and crop and size == type(size)(shortest_edge=int(crop.height * 256 / 224))):
            raise Unplanned(f"size: {size}; a plan has the size that {class_name} makes of crop_size, {crop}")
    return {**values, **own}


def videos_as_returned(facts: Facts, outputs: Outputs, frames: list[int], return_tensors: str | None) -> Any:
    """What `_preprocess` of a video class returns. `frames`: how many each video has."""
    data: dict[str, Any] = dict(outputs)
    if facts.class_name in _RENAMED_BEHIND:
        data["pixel_values_videos"] = data.pop("pixel_values")
    if facts.class_name == "PeVideoVideoProcessor" and return_tensors is None:  # which pads for tensors alone
        videos = zip(data["pixel_values_videos"], frames, strict=True)
        data = {"pixel_values_videos": [video[:count] for video, count in videos]}
    if return_tensors == "pt" or _SIZES[0] not in data:
        return as_returned(facts, data, None, return_tensors)
    original, reshaped = ([tuple(size) for size in data.pop(key).tolist()] for key in _SIZES)
    features = as_returned(facts, data, None, None)
    sizes = {"original_sizes": [torch.Size(size) for size in original], "reshaped_input_sizes": reshaped}
    return BatchFeature(data={**sizes, **features}, tensor_type=return_tensors)
