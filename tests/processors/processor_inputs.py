"""Images as users hand them to a processor: PIL, numpy, torch, of many sizes; noise is fresh in every run."""

import importlib.util
import os
import secrets
import zlib
from pathlib import Path

import numpy
import torch
from PIL import Image

SEED = int(os.environ.setdefault("KIR_TEST_SEED", str(secrets.randbits(32))))  # before pytest-xdist starts its workers


def noise(name, height, width, channels=3):
    """An (H, W, C) array, the same in every worker of a run."""
    random = numpy.random.default_rng([SEED, zlib.crc32(f"{name} {height} {width}".encode())])
    return random.integers(0, 256, (height, width, channels), dtype=numpy.uint8)


def chw(array):
    return torch.from_numpy(array).permute(2, 0, 1)


def photograph(name):
    """One that is bundled with scikit-image, RGB; smooth noise of its kind where that package is not there."""
    if importlib.util.find_spec("skimage") is None:
        return Image.fromarray(noise(name, 24, 32)).resize((451, 300), Image.Resampling.BICUBIC)
    import skimage

    return Image.open(Path(skimage.__file__).parent / "data" / name).convert("RGB")


def mixed():
    """A ragged list of all kinds: a PIL photograph, (H, W, C) and (C, H, W) arrays, tensors with any strides."""
    a, b, c = noise("mixed", 141, 97), noise("mixed", 60, 211), noise("mixed", 200, 160)
    return [
        photograph("chelsea.png"),
        a,
        numpy.ascontiguousarray(b.transpose(2, 0, 1)),
        chw(c),
        chw(noise("mixed", 90, 90)).flip(2).contiguous()[:, 5:, 3:],
    ]


def tensors(images):
    """The same images as (C, H, W) tensors."""
    made = []
    for image in images:
        if isinstance(image, torch.Tensor):
            made.append(image)
            continue
        array = numpy.array(image)
        made.append(torch.from_numpy(array) if array.shape[0] == 3 else chw(array))
    return made
