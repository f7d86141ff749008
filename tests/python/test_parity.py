"""resize_normalize against torchvision on float images: ragged sizes, crops, extreme ratios and single pixels."""

import kernel_image_resize as kir
import pytest
import torch
from torchvision_reference import MEAN, STD, difference, expected

BOUND = 1e-4  # of normalized units: the parity that the API promises

SIZES = [(1, 1), (1, 17), (23, 1), (2, 401), (401, 2), (64, 64), (97, 131), (240, 180), (224, 224)]


def odd_sizes(random, count, low, high):
    return [tuple(int(v) | 1 for v in torch.randint(low, high, (2,), generator=random)) for _ in range(count)]


@pytest.mark.parametrize("antialias", [True, False], ids=["antialias", "plain"])
@pytest.mark.parametrize("resample", ["bilinear", "bicubic"])
@pytest.mark.parametrize("size", [(1, 1), (7, 300), (64, 64), (225, 131)], ids=str)
def test_ragged_sizes(noise, random, achieved, size, resample, antialias):
    images = [noise(3, *shape) for shape in SIZES + odd_sizes(random, 4, 2, 400)]
    result = kir.resize_normalize(images, size, MEAN, STD, resample=resample, antialias=antialias)
    wanted = expected(images, list(size), resample, antialias)
    achieved(f"torchvision float, {resample}, antialias={antialias}", difference(result, wanted), BOUND)


@pytest.mark.parametrize("crop", [(1, 1), (32, 17), (48, 48)], ids=str)
@pytest.mark.parametrize("resample", ["bilinear", "bicubic"])
def test_shortest_edge_and_crop(noise, random, achieved, crop, resample):
    images = [noise(3, *shape) for shape in [(48, 48), (1, 1), (300, 200), *odd_sizes(random, 6, 20, 300)]]
    result = kir.resize_normalize(images, 48, MEAN, STD, resample=resample, crop_size=crop, resize_mode="shortest_edge")
    wanted = expected(images, [48], resample, crop_size=list(crop))
    achieved(f"torchvision float, shortest edge and crop, {resample}", difference(result, wanted), BOUND)


def test_square_and_crop(noise, random, achieved):
    images = [noise(3, *shape) for shape in odd_sizes(random, 6, 20, 300)]
    result = kir.resize_normalize(images, (96, 64), MEAN, STD, crop_size=(64, 41))
    achieved(
        "torchvision float, resize and crop",
        difference(result, expected(images, [96, 64], "bicubic", crop_size=[64, 41])),
        BOUND,
    )


@pytest.mark.parametrize("rescale_factor", [1 / 255, 1 / 127.5, 1.0])
def test_rescale_factor(noise, achieved, rescale_factor):
    images = [noise(3, 50, 70)]
    scale = rescale_factor * 255
    mean, std = [m * scale for m in MEAN], [s * scale for s in STD]
    result = kir.resize_normalize(images, 32, mean, std, rescale_factor)
    wanted = expected(images, [32, 32], "bicubic", mean=mean, std=std, rescale_factor=rescale_factor)
    achieved("torchvision float, other rescale factors", difference(result, wanted), BOUND)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_channels(noise, achieved, channels):
    images = [noise(channels, 33, 47), noise(channels, 90, 20)]
    mean, std = [0.5, 0.4, 0.3, 0.2][:channels], [0.2, 0.3, 0.4, 0.5][:channels]
    result = kir.resize_normalize(images, 24, mean, std)
    achieved(
        "torchvision float, 1 to 4 channels",
        difference(result, expected(images, [24, 24], "bicubic", mean=mean, std=std)),
        BOUND,
    )


@pytest.mark.parametrize("resample", ["bilinear", "bicubic"])
def test_torch_cpu_numerics_are_torchs_bits(noise, random, resample):
    import torchvision.transforms.v2.functional as tv
    from torchvision_reference import MODES

    images = [noise(3, *shape) for shape in SIZES + odd_sizes(random, 4, 2, 400)]
    result = kir.resize_normalize(images, 64, 0.0, 1.0, 1.0, resample=resample, numerics="torch_cpu", dtype=torch.uint8)
    wanted = torch.stack([tv.resize(image, [64, 64], MODES[resample], antialias=True) for image in images])
    assert torch.equal(result, wanted)


def test_the_comparison_sees_one_wrong_level(noise):
    """The bound is tight enough: a single level more in one pixel of an image breaks it."""
    image = noise(3, 40, 40)
    image[1, 20, 20] = 100
    planted = image.clone()
    planted[1, 20, 20] += 1
    result = kir.resize_normalize([planted], 40, MEAN, STD)
    assert not difference(result, expected([image], [40, 40], "bicubic")) <= BOUND
