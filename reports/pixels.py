"""From a processor's numbers back to something to look at. For viewing only: nothing here is part of a proof."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageOps


def photograph(path) -> np.ndarray:
    """HWC uint8, as the processors receive it."""
    with Image.open(path) as image:
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))


def to_levels(values: np.ndarray, config: dict, channel_axis: int = -3) -> np.ndarray:
    """Undoes the configuration's affine: levels 0..255, not rounded."""
    shape = [1] * values.ndim
    shape[channel_axis] = -1
    levels = values.astype(np.float64)
    if config.get("do_normalize"):
        levels = levels * np.reshape(config["image_std"], shape) + np.reshape(config["image_mean"], shape)
    if config.get("do_rescale"):
        levels = levels / config["rescale_factor"]
    return levels


def to_picture(levels: np.ndarray) -> np.ndarray:
    """CHW levels -> HWC uint8."""
    return np.clip(np.rint(np.moveaxis(levels, -3, -1)), 0, 255).astype(np.uint8)


def montage(pictures: np.ndarray, gap: int, outer_every: int = 0, outer_gap: int = 0) -> np.ndarray:
    """(rows, columns, height, width, 3) pictures on white, `gap` pixels apart, and `outer_gap` more after each
    `outer_every`-th row and column."""
    rows, columns, height, width, channels = pictures.shape

    def place(index: int, side: int) -> int:
        return index * (side + gap) + (index // outer_every * outer_gap if outer_every else 0)

    canvas = np.full((place(rows - 1, height) + height, place(columns - 1, width) + width, channels), 255, np.uint8)
    for row in range(rows):
        for column in range(columns):
            y, x = place(row, height), place(column, width)
            canvas[y : y + height, x : x + width] = pictures[row, column]
    return canvas


def qwen2_vl_patches(tokens: np.ndarray, grid: np.ndarray, config: dict) -> np.ndarray:
    """(tokens, values) -> (rows, columns, 3, patch, patch). Token order: block row, block column, row, column in it."""
    merge, patch, copies = config["merge_size"], config["patch_size"], config["temporal_patch_size"]
    _, rows, columns = (int(n) for n in grid)
    blocks = tokens.reshape(rows // merge, columns // merge, merge, merge, 3, copies, patch, patch)[..., 0, :, :]
    return blocks.transpose(0, 2, 1, 3, 4, 5, 6).reshape(rows, columns, 3, patch, patch)


def pix2struct_patches(flattened: np.ndarray, config: dict) -> np.ndarray:
    """(patches, 2 + values) -> (rows, columns, 3, patch, patch): the first two values are row and column, counted from
    1; a row of zeros is padding."""
    height, width = config["patch_size"]["height"], config["patch_size"]["width"]
    real = flattened[flattened[:, 0] > 0]
    rows, columns = int(real[:, 0].max()), int(real[:, 1].max())
    grid = np.zeros((rows, columns, 3, height, width), flattened.dtype)
    for patch in real:
        grid[int(patch[0]) - 1, int(patch[1]) - 1] = patch[2:].reshape(height, width, 3).transpose(2, 0, 1)
    return grid


def own_statistics(values: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """Undoes a normalisation by the picture's own mean and deviation: levels."""
    return values * picture.std() + picture.mean()
