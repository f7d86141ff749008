"""Fused resize, rescale and normalize of uint8 images of any sizes, on the CPU and on CUDA.

The rules are those of torchvision and of the image processors of transformers.

    import kernel_image_resize as kir

    pixel_values = kir.resize_normalize(images, 384, [0.5] * 3, [0.5] * 3)    # (N, 3, 384, 384) float32
    preprocessor = kir.Preprocessor.from_config("preprocessor_config.json")   # needs transformers, as install does
"""

import importlib
from typing import TYPE_CHECKING, Any

from ._build import CUDA as has_cuda
from ._build import VERSION as __version__
from ._library import ops
from ._resize_normalize import resize_normalize, resize_normalize_ragged

if TYPE_CHECKING:
    from .installation import install, is_installed, uninstall
    from .preprocessor import Preprocessor

__all__ = [
    "Preprocessor",
    "__version__",
    "has_cuda",
    "install",
    "is_installed",
    "ops",
    "resize_normalize",
    "resize_normalize_ragged",
    "uninstall",
]

# What needs transformers is imported when it is asked for: transformers takes seconds, and need not be there.
_MODULE_OF = {
    "Preprocessor": "preprocessor",
    "install": "installation",
    "is_installed": "installation",
    "uninstall": "installation",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
