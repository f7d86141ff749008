"""Fused resize, rescale and normalize of uint8 images of any sizes, on the CPU and on CUDA.

The rules are those of torchvision and of the image processors of transformers.

    import kernel_image_resize as kir

    pixel_values = kir.resize_normalize(images, 384, [0.5] * 3, [0.5] * 3)    # (N, 3, 384, 384) float32
"""

from ._build import CUDA as has_cuda
from ._build import VERSION as __version__
from ._library import ops
from ._resize_normalize import resize_normalize, resize_normalize_ragged

__all__ = ["__version__", "has_cuda", "ops", "resize_normalize", "resize_normalize_ragged"]
