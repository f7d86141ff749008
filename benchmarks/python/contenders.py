"""What is timed: each contender is made for a device, and then called with a list of images.

One that cannot be had raises Absent with the reason. `bound` is how far its result may be from torchvision on float
images, in normalized units; None where its own arithmetic rounds to levels: its error is shown and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

SIZE = 384  # SigLIP-so400m
MEAN = STD = [0.5, 0.5, 0.5]
PARITY = 1e-4  # what the package promises


class Absent(Exception):
    """The contender is not here, and why."""


@dataclass(frozen=True)
class Contender:
    name: str
    about: str
    make: Callable[[torch.device], Callable[[list[Tensor]], Tensor]]
    bound: float | None


def float_reference(images: list[Tensor]) -> Tensor:
    """torchvision on float images on the CPU, one after the other: what all are compared with."""
    from torchvision.transforms.v2 import functional as tv

    resized = [tv.resize(image.cpu().float(), [SIZE, SIZE], tv.InterpolationMode.BICUBIC) for image in images]
    return (torch.stack(resized) - 127.5) / 127.5


def kernel_image_resize(backend: str) -> Callable[[torch.device], Callable[[list[Tensor]], Tensor]]:
    def make(device: torch.device) -> Callable[[list[Tensor]], Tensor]:
        import kernel_image_resize as kir

        if device.type == "cuda" and not kir.has_cuda:
            raise Absent("the package was built without CUDA")
        return lambda images: kir.resize_normalize(images, SIZE, MEAN, STD, backend=backend)

    return make


def transformers_fast(device: torch.device) -> Callable[[list[Tensor]], Tensor]:
    try:
        from transformers import SiglipImageProcessor
    except ImportError as error:
        raise Absent(f"transformers: {error}") from None
    processor = SiglipImageProcessor(
        size={"height": SIZE, "width": SIZE}, resample=3, image_mean=MEAN, image_std=STD, do_convert_rgb=False
    )
    return lambda images: processor(images, return_tensors="pt", device=device)["pixel_values"]


def torchvision_loop(device: torch.device) -> Callable[[list[Tensor]], Tensor]:
    try:
        from torchvision.transforms.v2 import functional as tv
    except ImportError as error:
        raise Absent(f"torchvision: {error}") from None

    def run(images: list[Tensor]) -> Tensor:
        levels = [tv.resize(image, [SIZE, SIZE], tv.InterpolationMode.BICUBIC) for image in images]
        return tv.normalize(torch.stack(levels).float(), [127.5] * 3, [127.5] * 3)

    return run


def cv_cuda(device: torch.device) -> Callable[[list[Tensor]], Tensor]:
    """HQResize of a batch of any sizes, antialiased cubic, to float; its normalize; channels first."""
    if device.type != "cuda":
        raise Absent("CV-CUDA works on CUDA devices only")
    try:
        import cvcuda
    except ImportError as error:
        raise Absent(f"cvcuda: {error}") from None
    mean = cvcuda.as_tensor(torch.full((1, 1, 1, 3), 127.5, device=device), "NHWC")
    scale = cvcuda.as_tensor(torch.full((1, 1, 1, 3), 127.5, device=device), "NHWC")

    def run(images: list[Tensor]) -> Tensor:
        batch = cvcuda.TensorBatch(len(images))
        batch.pushback([cvcuda.as_tensor(image.permute(1, 2, 0).contiguous(), "HWC") for image in images])
        sizes = [(SIZE, SIZE)] * len(images)
        resized = cvcuda.hq_resize(batch, sizes, antialias=True, interpolation=cvcuda.Interp.CUBIC)
        stacked = torch.stack([torch.as_tensor(one.cuda(), device=device) for one in resized]).float()
        normalized = cvcuda.normalize(
            cvcuda.as_tensor(stacked, "NHWC"), base=mean, scale=scale, flags=cvcuda.NormalizeFlags.SCALE_IS_STDDEV
        )
        return torch.as_tensor(normalized.cuda(), device=device).permute(0, 3, 1, 2)

    return run


CONTENDERS = (
    Contender("kernel_image_resize", "resize_normalize, separable", kernel_image_resize("separable"), PARITY),
    Contender("kernel_image_resize_fused", "resize_normalize, fused", kernel_image_resize("fused"), PARITY),
    Contender(
        "transformers_fast", "SiglipImageProcessor of transformers, torchvision backend", transformers_fast, None
    ),
    Contender(
        "torchvision_loop",
        "torchvision's resize one image after the other, normalize of the stack",
        torchvision_loop,
        None,
    ),
    Contender(
        "cv_cuda", "CV-CUDA HQResize and Normalize, of images brought from CHW to HWC in the call", cv_cuda, None
    ),
)
