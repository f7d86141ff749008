"""The kernel cv-utils, by this project: its functions under its names."""

from .kernel_image_resize.cv_utils import resize_normalize, resize_normalize_patchify

__all__ = ["resize_normalize", "resize_normalize_patchify"]
