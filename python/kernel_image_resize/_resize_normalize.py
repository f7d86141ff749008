"""resize_normalize: resize, centre crop, rescale and normalize a batch of images of any sizes, in one call."""

from __future__ import annotations

import enum
import functools
import json
import math
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ._library import call, ops

Size = int | Sequence[int] | Mapping[str, int]

# PIL's numbers. 0 is PIL's NEAREST; the API that this one follows takes it for bilinear, and so does this.
_RESAMPLE = {0: "bilinear", 2: "bilinear", 3: "bicubic"}
# The members of PIL's enumeration say what they mean. Its NEAREST takes the pixel whose centre is nearest, as torch's
# nearest-exact does.
_RESAMPLE_MEMBER = {
    "NEAREST": "nearest-exact",
    "BOX": "box",
    "BILINEAR": "bilinear",
    "HAMMING": "hamming",
    "BICUBIC": "bicubic",
    "LANCZOS": "lanczos3",
}
_RESAMPLE_WORD = {
    **{name: name for name in ("nearest", "nearest-exact", "box", "bilinear", "hamming", "bicubic", "lanczos3")},
    "lanczos": "lanczos3",  # PIL's and torchvision's word
}
_RESAMPLE_ALLOWED = f"{', '.join(_RESAMPLE_WORD)}, and of PIL's integers 0 and 2 (bilinear) and 3 (bicubic) are allowed"


def resize_normalize(
    images: Sequence[Tensor] | Tensor,
    size: Size,
    image_mean: float | Sequence[float],
    image_std: float | Sequence[float],
    rescale_factor: float = 1 / 255,
    resample: str | int = "bicubic",
    antialias: bool = True,
    crop_size: Size | None = None,
    resize_mode: str = "square",
    backend: str = "separable",
    *,
    out: Tensor | None = None,
    dtype: torch.dtype | None = None,
    numerics: str = "float32",
    layout: str = "NCHW",
    input_layout: str = "CHW",
    device: torch.device | str | None = None,
) -> Tensor:
    """Resizes, crops, rescales and normalizes images of any sizes into one batch, in one fused pass over uint8 pixels.

    Each channel c of each image becomes `(resized * rescale_factor - image_mean[c]) / image_std[c]`, evaluated as
    torchvision's fused form `(resized - mean / rescale_factor) / (std / rescale_factor)` in float32. Weights are those
    of torch.nn.functional.interpolate (aten's UpSampleKernel): antialiased bicubic with a = -0.5, otherwise a = -0.75;
    the antialias window is cut at the image's edge and its weights divided by their sum, on every axis.

    Args:
        images: uint8 tensors (C, H, W) of any sizes, C in 1..4, H and W in 1..2**20; or one stacked (N, C, H, W)
            tensor, N >= 0. Any strides: views, crops and channels-last are read in place. All on one device: on the CPU
            the cpu backend runs with torch's threads, on a CUDA device its kernels on the current stream.
        size: pixels, 1..2**20: an int (square), (height, width), {"height": h, "width": w}, or anything that has
            `height` and `width`. With resize_mode="shortest_edge" an int, the short side.
        image_mean: one value, or one a channel; finite. A one-channel image with three values becomes three channels.
        image_std: the same; finite and > 0.
        rescale_factor: finite and > 0.
        resample: "bicubic", "bilinear", "nearest", "nearest-exact", "box", "hamming" or "lanczos3" ("lanczos" is the
            same); a member of torchvision's InterpolationMode or of PIL.Image.Resampling, whose NEAREST is
            nearest-exact; or a PIL integer: 0 and 2 are bilinear, 3 is bicubic.
        antialias: widens the kernel where the image shrinks; nearest has none.
        crop_size: the centre window that is kept, as `size`; nothing outside it is computed. Its first row is
            (height - crop) // 2, as in transformers (torchvision rounds half to even). It must fit into each resized
            image. Needed with "shortest_edge".
        resize_mode: "square" resizes to `size`; "shortest_edge" makes the short side `size`, the long side
            int(size * long / short), and needs `crop_size`.
        backend: "separable" (two passes fused in one launch) or "fused" (one two-dimensional pass, the readable kernel,
            slower): the CUDA kernel. On the CPU both run the cpu backend.
        out: a contiguous tensor of the result's shape on the target device; its dtype is the result's. It shares no
            memory with an image.
        dtype: of the result: float32 (default), float16 or bfloat16 (rounded to nearest even), or uint8 (rounded,
            clamped).
        numerics: "float32", weights and sums in float32 as torch on float images; "torch_cpu", the bits of torch on
            uint8 images on the CPU (levels rounded after each pass); or "pillow11" (Pillow up to 12.1), "pillow12"
            (12.2 and 12.3), "pillow13", the bits of Pillow's resize, which antialiases always and takes no alpha.
        layout: "NCHW" or "NHWC", of the result.
        input_layout: "CHW", or "HWC" for images (H, W, C) and stacks (N, H, W, C).
        device: where the result goes; by default where the images are. CPU images and a CUDA device: the images are
            copied in pieces while the first of them are resampled already, best from pinned memory.

    Returns:
        (N, C, height, width) of `dtype`, or (N, height, width, C); `out` if it was given.

    Raises:
        TypeError: an image that is not a dense uint8 tensor or requires grad; `out` of a dtype that is not allowed.
        ValueError: an argument out of range, named, with its value and what is allowed: an empty list, images on
            several devices, a crop larger than a resized image, unknown names, numbers of means that do not fit the
            channels, `out` of another shape or device; CUDA in a build without CUDA.

    Thread-safe; the GIL is released while it runs. It never waits for the device (CPU images in pageable memory are
    read before it returns), can be captured in a CUDA graph, and is traced by torch.compile without a graph break
    where its numbers are plain ones (a tensor as `image_std`, say, breaks the graph). It has no gradient.
    """
    stacked = type(images) is not list and isinstance(images, Tensor)
    arguments: tuple[Any, ...] = (
        _sides(size, "size"),
        None if crop_size is None else _sides(crop_size, "crop_size"),
        _values(image_mean, "image_mean"),
        _values(image_std, "image_std"),
        rescale_factor,
        resample,
        antialias,
        resize_mode,
        backend,
        numerics,
        layout,
        input_layout,
    )
    if torch.compiler.is_compiling():
        arguments = _constant(arguments)
    request: str = _request(*arguments)
    tensors = [images] if stacked else images
    if out is not None:
        _check_out(out, dtype, device)
        call(ops.resize_normalize_out.default, tensors, stacked, request, out)
        if not torch.compiler.is_compiling():
            torch.autograd.graph.increment_version(out)  # as torch's own operations do with what they write
        return out
    if dtype is not None and not isinstance(dtype, torch.dtype):
        raise TypeError(f"dtype: {dtype!r}; a torch.dtype is allowed")
    if device is not None:
        device = _device(device)
    result: Tensor = call(ops.resize_normalize.default, tensors, stacked, request, dtype, device)
    return result


def resize_normalize_ragged(
    images: Sequence[Tensor],
    size: Size,
    image_mean: float | Sequence[float],
    image_std: float | Sequence[float],
    rescale_factor: float = 1 / 255,
    resample: str | int = "bicubic",
    antialias: bool = True,
    crop_size: Size | None = None,
    resize_mode: str = "square",
    backend: str = "separable",
    **options: Any,
) -> Tensor:
    """resize_normalize for a list of images only: a stacked tensor raises TypeError.

    `options` are the keyword arguments of resize_normalize.
    """
    if isinstance(images, Tensor):
        raise TypeError("images: a tensor; a list of tensors is allowed (resize_normalize takes both)")
    return resize_normalize(
        images,
        size,
        image_mean,
        image_std,
        rescale_factor,
        resample,
        antialias,
        crop_size,
        resize_mode,
        backend,
        **options,
    )


def _device(device: torch.device | str) -> torch.device:
    try:
        return torch.device(device)
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"device: {device!r} is no device: {str(error).splitlines()[0]}") from None


_TEXTS = (str, bytes, bytearray)  # sequences whose elements, or numbers whose digits, nobody means


def _sides(size: Size, name: str) -> tuple[int, ...]:
    """(height, width), whatever `size` says it with. The usual types come first: abstract classes take long to ask."""
    if type(size) is int:
        return (size, size)
    if isinstance(size, (list, tuple)):
        if len(size) == 2 and type(size[0]) is int and type(size[1]) is int:
            return (size[0], size[1])
        return _integers(size, name)
    if isinstance(size, (dict, Mapping)):
        if set(size) != {"height", "width"}:
            raise ValueError(f"{name}: the keys {list(size)}; 'height' and 'width' are allowed")
        return _sides((size["height"], size["width"]), name)
    if isinstance(size, Sequence) and not isinstance(size, _TEXTS):
        return _integers(size, name)
    if hasattr(size, "tolist"):  # numpy's integers and arrays, and tensors
        numbers = _numbers(size)
        return _sides(numbers.tolist() if hasattr(numbers, "tolist") else numbers, name)
    if hasattr(size, "__index__") and not isinstance(size, bool):
        return _integers((size, size), name)
    height, width = getattr(size, "height", None), getattr(size, "width", None)  # transformers' SizeDict
    if height is not None and width is not None:
        return _integers((height, width), name)
    raise TypeError(f"{name}: {size!r}; an int, (height, width) or {{'height': h, 'width': w}} is allowed")


def _integers(sides: Sequence[Any], name: str) -> tuple[int, ...]:
    """Python's own integers alone: of them, two keys of the cache are equal only where the sizes are."""
    return tuple([_integer(_numbers(side), name) for side in sides])


def _values(values: float | Sequence[float], name: str) -> tuple[float, ...]:
    if isinstance(values, (list, tuple)):
        return tuple(values)
    if isinstance(values, (int, float)):
        return (values,)
    if isinstance(values, Sequence) and not isinstance(values, _TEXTS):
        return tuple(values)
    if hasattr(values, "tolist"):  # numpy's numbers and arrays, and tensors
        return _values(values.tolist(), name)
    raise TypeError(f"{name}: {values!r}; a number or one number a channel is allowed")


def _constant(value: Any) -> Any:
    """The value itself, where torch.compile may have a symbol for any number: compiled code is then for this one alone.

    The key of a dictionary is what it makes a constant of.
    """
    if isinstance(value, tuple):
        return tuple([_constant(part) for part in value])
    return next(iter({value: None}))


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def _request(*arguments: Any) -> str:
    """_request_text. A function of its own, since torch.compile looks through lru_cache, and json cannot be traced."""
    try:
        return _request_text(*arguments)
    except TypeError:  # no key of a dictionary, or a wrong type
        pass
    return _request_text.__wrapped__(*_numbers(arguments))


def _numbers(value: Any) -> Any:
    """The value with numbers in place of tensors, which are no keys: they may change."""
    if isinstance(value, tuple):
        return tuple([_numbers(part) for part in value])
    return value.item() if isinstance(value, Tensor) and value.numel() == 1 else value


@functools.lru_cache(maxsize=1024, typed=True)  # 3.0 is not 3; inside a tuple it is, so _integers makes those alike
def _request_text(
    size: tuple[int, ...],
    crop_size: tuple[int, ...] | None,
    image_mean: tuple[float, ...],
    image_std: tuple[float, ...],
    rescale_factor: float,
    resample: str | int,
    antialias: bool,
    resize_mode: str,
    backend: str,
    numerics: str,
    layout: str,
    input_layout: str,
) -> str:
    """The op's argument `request`: csrc/request.hpp. Values are checked there, types here."""
    names = {
        "resample": _resample_name(resample),
        "resize_mode": resize_mode,
        "backend": backend,
        "numerics": numerics,
        "layout": layout,
        "input_layout": input_layout,
    }
    for name, value in names.items():
        if not isinstance(value, str):
            raise TypeError(f"{name}: {value!r}; a string is allowed")
    if numerics == "torch_cpu":
        _check_filter(resample, names["resample"], 'numerics="torch_cpu"')
    return json.dumps(
        {
            "size": size,
            "crop_size": crop_size,
            "image_mean": [_json_number(value, "image_mean") for value in image_mean],
            "image_std": [_json_number(value, "image_std") for value in image_std],
            "rescale_factor": _json_number(rescale_factor, "rescale_factor"),
            "antialias": _flag(antialias, "antialias"),
            **names,
        }
    )


def _resample_name(resample: Any) -> str:
    """The filter's name, for a word, a member or an integer."""
    if isinstance(resample, enum.Enum):
        word = resample.value if isinstance(resample.value, str) else _RESAMPLE_MEMBER.get(resample.name)
        if word is None:
            raise ValueError(f"resample: {_said(resample)}; {', '.join(_RESAMPLE_MEMBER)} are allowed")
    elif isinstance(resample, str):
        word = resample
    elif isinstance(resample, (bool, Tensor)) or not hasattr(resample, "__index__"):
        raise TypeError(f"resample: {resample!r}; {_RESAMPLE_ALLOWED}")
    else:
        number = _integer(resample, "resample")
        if number not in _RESAMPLE:
            raise ValueError(f"resample: {number}; of PIL's integers 0 and 2 (bilinear) and 3 (bicubic) are allowed")
        return _RESAMPLE[number]
    if word not in _RESAMPLE_WORD:
        raise ValueError(f"resample: {_said(resample)} is unknown; {_RESAMPLE_ALLOWED}")
    return _RESAMPLE_WORD[word]


def _check_filter(resample: Any, name: str, option: str) -> None:
    """Raises, in words of what was given, where `option` asks for torch's levels and torch has no such filter."""
    if name in ("box", "hamming", "lanczos3"):
        raise ValueError(
            f"resample: {_said(resample)}; with {option} nearest, nearest-exact, bilinear and bicubic are allowed: "
            "torch has no other on uint8 images"
        )


def _said(resample: str | enum.Enum) -> str:
    return f"{type(resample).__name__}.{resample.name}" if isinstance(resample, enum.Enum) else f'"{resample}"'


def _flag(value: Any, name: str) -> bool:
    plain = value.tolist() if hasattr(value, "tolist") and not isinstance(value, Tensor) else value  # numpy's bool
    if isinstance(plain, bool):
        return plain
    raise TypeError(f"{name}: {value!r}; True or False is allowed")


def _integer(value: Any, name: str) -> int:
    try:
        if not isinstance(value, (bool, Tensor)):
            return operator.index(value)
    except TypeError:
        pass
    raise TypeError(f"{name}: {value!r} is not an integer")


def _number(value: Any, name: str) -> float:
    try:
        if not isinstance(value, (*_TEXTS, Tensor)):
            return float(value)
    except (TypeError, ValueError, OverflowError):
        pass
    raise TypeError(f"{name}: {value!r} is not a number")


def _json_number(value: Any, name: str) -> float | str:
    """JSON has no NaN and no infinity: those go as text, for the check that refuses them."""
    number = _number(value, name)
    return number if math.isfinite(number) else str(number)


def _check_out(out: Tensor, dtype: torch.dtype | None, device: torch.device | str | None) -> None:
    """What contradicts `out`; the op checks the tensor itself."""
    if not isinstance(out, Tensor):
        raise TypeError(f"out: a {type(out).__name__}; a tensor is allowed")
    if out.requires_grad:
        raise TypeError("out: requires_grad=True; the operation has no gradient, so False is allowed")
    if dtype is not None and dtype != out.dtype:
        raise TypeError(f"dtype: {dtype}, but out is {out.dtype}; leave one of them out")
    if device is not None and _device(device).type != out.device.type:
        raise ValueError(f"device: {device}, but out is on {out.device}; leave one of them out")
