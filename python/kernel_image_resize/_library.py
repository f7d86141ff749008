"""The extension: loaded once, its ops, and how their errors become Python's."""

from __future__ import annotations

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
        return TypeError(str(error).splitlines()[0])
    return error


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
