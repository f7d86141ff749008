"""What resize_normalize must give: torchvision's own functions on float32 images, one image after the other."""

import torch
import torchvision.transforms.v2.functional as tv
from torchvision.transforms import InterpolationMode

MODES = {"bilinear": InterpolationMode.BILINEAR, "bicubic": InterpolationMode.BICUBIC}
MEAN, STD = [0.481, 0.457, 0.408], [0.268, 0.261, 0.275]


def expected(images, size, resample, antialias=True, crop_size=None, mean=MEAN, std=STD, rescale_factor=1 / 255):
    """`size` as torchvision takes it: [height, width], or [short side]."""
    results = []
    for image in images:
        resized = tv.resize(image.float(), size, MODES[resample], antialias=antialias)
        if crop_size is not None:
            # As TorchvisionBackend.center_crop of transformers; torchvision's center_crop rounds half to even.
            top, left = (resized.shape[1] - crop_size[0]) // 2, (resized.shape[2] - crop_size[1]) // 2
            resized = tv.crop(resized, top, left, *crop_size)
        shape = (-1, 1, 1)
        scaled_mean = torch.tensor(mean).view(shape) / rescale_factor
        scaled_std = torch.tensor(std).view(shape) / rescale_factor
        results.append((resized - scaled_mean) / scaled_std)
    return torch.stack(results)


def difference(a, b):
    """The largest difference; NaN when there is one anywhere."""
    assert a.shape == b.shape, (a.shape, b.shape)
    return (a.double() - b.double()).abs().max().item()
