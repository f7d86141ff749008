"""The extension: loaded once, its ops, and how their errors become Python's."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from . import _fake
from ._build import NAMESPACE


def _load() -> Any:
    """The ops of this build. Another copy of the same build may have registered them already: its ops serve both."""
    namespace = getattr(torch.ops, NAMESPACE)
    if not hasattr(namespace, "resize_normalize"):
        torch.ops.load_library(Path(__file__).with_name("_kernel_image_resize.so"))  # type: ignore[no-untyped-call]
        _fake.register()
    return namespace


#: torch.ops of this build.
ops: Any = _load()

# What an op's message may begin with, csrc/errors.hpp.
_CLASSES: dict[str, type[Exception]] = {
    "ValueError": ValueError,
    "TypeError": TypeError,
    "OSError": OSError,
    "OutOfMemoryError": torch.OutOfMemoryError,
}


def translated(error: Exception, tensors: Any) -> Exception:
    """The error that a user should see for one that an op raised."""
    name, separator, text = str(error).partition(": ")
    if separator and name in _CLASSES:
        if name == "TypeError":
            text += _grad_note(tensors)
        return _CLASSES[name](text)
    if "Expected a value of type" in str(error):  # torch's own, for an argument that its schema refuses
        return TypeError(_schema_text(str(error), tensors))
    return error


_SCHEMA_ERROR = re.compile(
    r"Expected a value of type '(.*?)' for argument '(\w+)'[^\n]*\n(?:[^\n]*\n)*?Value: ([^\n]*)"
)


def _schema_text(text: str, tensors: Any) -> str:
    """torch's sentence names the op by its namespace, and no element of a list."""
    found = _SCHEMA_ERROR.search(text)
    if found is not None:
        wanted, argument, value = found.groups()
        if argument in ("images", "frames") and (fault := tensors_fault(tensors)):
            return fault
        if wanted in ("int", "List[int]"):  # Python's integers have no end
            return f"{argument}: {value}; integers of 64 bits are allowed"
    return text.splitlines()[0]


def tensors_fault(images: Any, name: str = "images") -> str:
    """What is no list of tensors, or which of its elements is no tensor; "" where all are."""
    if not isinstance(images, Sequence) or isinstance(images, (str, bytes)):
        return f"{name}: {_kind(images)}; a list of tensors is allowed, or one stacked tensor{_advice(images)}"
    for i, image in enumerate(images):
        if not isinstance(image, torch.Tensor):
            return f"{name}[{i}]: {_kind(image)}; a torch.Tensor is allowed{_advice(image)}"
    return ""


def _kind(value: Any) -> str:
    if value is None:
        return "None"
    name = type(value).__qualname__
    if type(value).__module__ != "builtins":
        name = f"{type(value).__module__}.{name}"
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _advice(value: Any) -> str:
    if type(value).__module__ == "numpy":
        return " (torch.from_numpy makes one of it)"
    if type(value).__module__.startswith("PIL."):
        return " (torchvision's pil_to_tensor makes one of it)"
    return ""


def _grad_note(tensors: Any) -> str:
    if any(isinstance(tensor, torch.Tensor) and tensor.requires_grad for tensor in tensors):
        return "; and it has requires_grad=True: the operation has no gradient"
    return ""


def text_of(words: Sequence[int]) -> str:
    """The text that an op gives as int[] (csrc/text.hpp)."""
    return struct.pack(f"<{len(words)}q", *words).decode().rstrip("\0")


def call(op: Callable[..., Any], tensors: Any, *arguments: Any) -> Any:
    """op(tensors, *arguments), with the class of error that the op's message names."""
    try:
        return op(tensors, *arguments)
    except (RuntimeError, ValueError) as error:
        raised = translated(error, tensors)
        if raised is error:
            raise
        raise raised from None
