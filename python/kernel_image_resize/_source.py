"""Whether the installed transformers computes a class's pixels as the version does whose rules the plans have.

A plan takes the place of `_preprocess` alone (_planned.py). So a class is what that method reaches: its own methods and
those of its bases, functions and numbers of transformers. The hash of their source, without comments and blanks, is the
fingerprint of the class; _fingerprints.py has those of the version that the plans are of.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
import io
import textwrap
import tokenize
import types
from collections.abc import Iterator
from typing import Any

import transformers

from ._fingerprints import FINGERPRINTS, TRANSFORMERS
from ._translation import Unplanned

_NOT_PIXELS = ("transformers.utils", "transformers.image_processing_base", "transformers.feature_extraction_utils")


def check_source(cls: type) -> None:
    """Raises Unplanned where the class is not what TRANSFORMERS has."""
    if FINGERPRINTS.get(cls.__name__) == fingerprint(cls):
        return
    raise Unplanned(
        f"{cls.__name__}: its source in transformers {transformers.__version__} is not that of {TRANSFORMERS}, whose "
        f"rules the plans have; any_version=True plans it all the same"
    )


@functools.cache
def fingerprint(cls: type) -> str:
    """16 hex digits; another text for a class whose source is not there."""
    try:
        pieces = sorted(_reached(cls))
    except (OSError, TypeError) as error:
        return f"no source: {error}"
    return hashlib.sha256("\n".join(pieces).encode()).hexdigest()[:16]


def _reached(cls: type) -> Iterator[str]:
    """ "NAME: SOURCE" of all that `_preprocess` reaches."""
    seen: set[types.FunctionType] = set()
    pending: list[Any] = list(_methods(cls, "_preprocess"))
    while pending:
        function = inspect.unwrap(pending.pop())
        if not inspect.isfunction(function) or function in seen:
            continue
        seen.add(function)
        yield f"{function.__module__}.{function.__qualname__}: {_source(function)}"
        for name in _names(function.__code__):
            pending += _methods(cls, name)
            value = function.__globals__.get(name)
            if inspect.isfunction(value) and _is_of_pixels(value.__module__):
                pending.append(value)
            elif isinstance(value, (bool, int, float, str)):
                yield f"{name} = {value!r}"


def _methods(cls: type, name: str) -> Iterator[Any]:
    """The class's method of a name, and those of its bases, which super() may mean."""
    for base in cls.__mro__:
        method = vars(base).get(name)
        if _is_of_pixels(base.__module__) and method is not None:
            yield getattr(method, "fget", None) or getattr(method, "__func__", method)


def _is_of_pixels(module: str) -> bool:
    return module.startswith("transformers.") and not module.startswith(_NOT_PIXELS)


def _names(code: types.CodeType) -> set[str]:
    """Of globals and attributes, in nested functions too."""
    nested = [_names(constant) for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return set(code.co_names).union(*nested)


@functools.cache  # most classes reach the same functions of their bases
def _source(function: types.FunctionType) -> str:
    """The text of a function without its docstring, comments and blanks: the same whatever Python reads it."""
    source = textwrap.dedent(inspect.getsource(function))
    lines = source.splitlines()
    body = ast.parse(source).body[0]
    first = getattr(body, "body", [None])[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines[first.lineno - 1 : first.end_lineno] = [""] * ((first.end_lineno or first.lineno) - first.lineno + 1)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        row, column = token.start
        if token.type == tokenize.COMMENT and lines[row - 1]:
            lines[row - 1] = lines[row - 1][:column]
    return "".join("".join(lines).split())
