"""Batches of photographs for the benchmarks of processors: cut from those of scikit-image, the same for a seed."""

from __future__ import annotations

import random

import numpy
from PIL import Image

from reports import photographs


def of_size(name: str, height: int, width: int, source: random.Random) -> numpy.ndarray:
    """(height, width, 3): a window of a photograph, which is enlarged by Lanczos first where it is too small."""
    with Image.open(photographs.find(name).path) as file:
        picture = file.convert("RGB")
    scale = max(1.0, height / picture.height, width / picture.width)
    if scale > 1:
        size = (max(width, round(picture.width * scale)), max(height, round(picture.height * scale)))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    left, top = source.randint(0, picture.width - width), source.randint(0, picture.height - height)
    return numpy.array(picture.crop((left, top, left + width, top + height)))


def batch(sizes: list[tuple[int, int]], seed: int) -> list[numpy.ndarray]:
    """One of each size, the photographs in turn."""
    source, names = random.Random(seed), sorted(photographs.FILES)
    return [of_size(names[i % len(names)], height, width, source) for i, (height, width) in enumerate(sizes)]


def ragged_sizes(count: int, low: int, high: int, seed: int) -> list[tuple[int, int]]:
    source = random.Random(seed)
    return [(source.randint(low, high), source.randint(low, high)) for _ in range(count)]
