"""Bad input: which error, that it names the argument, and that nothing is written."""

import kernel_image_resize as kir
import numpy
import pytest
import torch
from torchvision_reference import MEAN, STD

NAN, INFINITY = float("nan"), float("inf")


@pytest.fixture
def images(noise):
    return [noise(3, 40, 56), noise(3, 61, 33)]


def refused(error, match, images, size=24, mean=MEAN, std=STD, **options):
    with pytest.raises(error, match=match) as caught:
        kir.resize_normalize(images, size, mean, std, **options)
    assert caught.type is error


# ----------------------------------------------------------------------------------------------------------------------
# Images


def test_empty_list():
    refused(ValueError, r"^images: the list is empty", [])


def test_not_a_list():
    refused(TypeError, r"^images: None; a list of tensors is allowed, or one stacked tensor$", None)
    refused(TypeError, r"^images: an int; a list of tensors is allowed", 3)
    refused(TypeError, r"^images: a numpy.ndarray; .*torch.from_numpy", numpy.zeros((1, 3, 8, 8), numpy.uint8))


def test_not_tensors(images):
    refused(TypeError, r"^images\[1\]: an int; a torch.Tensor is allowed$", [images[0], 3])
    refused(TypeError, r"^images\[1\]: None; a torch.Tensor is allowed$", [images[0], None])
    refused(TypeError, r"^images\[0\]: a numpy.ndarray; .*torch.from_numpy", [images[0].numpy()])
    picture = pytest.importorskip("PIL.Image").new("RGB", (8, 8))
    refused(TypeError, r"^images\[2\]: a PIL.Image.Image; a torch.Tensor is allowed", [*images, picture])


def test_mixed_dtypes(images):
    refused(TypeError, r"^images\[1\]: is of dtype float32; uint8 is allowed", [images[0], images[1].float()])


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float64, torch.int8, torch.int64, torch.bool, torch.complex64], ids=str
)
def test_not_uint8(images, dtype):
    refused(TypeError, r"^images\[0\]: is of dtype .*; uint8 is allowed", [images[0].to(dtype)])


def test_mixed_devices(images):
    refused(ValueError, r"^images\[1\]: is on meta, images\[0\] on cpu", [images[0], images[1].to("meta")])


def test_wrong_number_of_dimensions(images):
    refused(
        ValueError,
        r"^images\[1\]: has 2 dimensions, shape \(61, 33\); \(C, H, W\) is allowed",
        [images[0], images[1][0]],
    )
    refused(ValueError, r"^images\[0\]: has 4 dimensions", [images[0][None]])
    refused(ValueError, r"^images: has 3 dimensions, .* \(N, C, H, W\) is allowed", images[0])


def test_channels_at_the_end(images):
    refused(ValueError, r'^images\[0\]: has 40 channels.*input_layout="HWC"', [images[0].permute(1, 2, 0)])


@pytest.mark.parametrize("shape", [(0, 5, 5), (5, 5, 5), (3, 0, 5), (3, 5, 0)], ids=str)
def test_sides_that_are_not_allowed(shape):
    refused(ValueError, r"^images\[0\]: has (a|\d)", [torch.empty(shape, dtype=torch.uint8)])


def test_too_long_a_side():
    refused(
        ValueError,
        r"^images\[0\]: has a width of 1048577; 1 to 1048576",
        [torch.zeros(1, 1, 1, dtype=torch.uint8).expand(1, 1, 2**20 + 1)],
    )


def test_channels_that_do_not_fit_a_tensor(images, noise):
    refused(ValueError, r"^images: have different numbers of channels", [images[0], noise(2, 9, 9)], mean=0.5, std=0.5)


def test_requires_grad(images):
    refused(TypeError, r"^images\[0\]: .*requires_grad=True", [images[0].float().requires_grad_()])


def test_sparse(images):
    refused(TypeError, r"^images\[0\]: is sparse", [images[0].to_sparse()])
    refused(TypeError, r"^images\[0\]: is sparse", [images[0][0].to_sparse_csr()])


def test_quantized(images):
    quantized = torch.quantize_per_tensor(images[0].float(), 1.0, 0, torch.quint8)
    refused(TypeError, r"^images\[0\]: is of dtype number 13 \(quantized", [quantized])


# ----------------------------------------------------------------------------------------------------------------------
# Sizes


@pytest.mark.parametrize("size", [0, -1, (24, 0), 2**20 + 1, {"height": 0, "width": 3}], ids=str)
def test_size_out_of_range(images, size):
    refused(ValueError, r"^size: -?\d+ is not an integer in 1\.\.1048576", images, size)


@pytest.mark.parametrize("size", ["24", 24.0, None, (24, 24.5), (24, None)], ids=repr)
def test_size_of_another_type(images, size):
    refused(TypeError, r"^size: ", images, size)


@pytest.mark.parametrize("size", [(24,), (24, 24, 24), ()], ids=str)
def test_size_of_another_length(images, size):
    refused(ValueError, r"^size: \d numbers", images, size)


def test_size_with_other_keys(images):
    refused(ValueError, r"^size: the keys \['shortest_edge'\]", images, {"shortest_edge": 24})


@pytest.mark.parametrize("crop", [0, -3, (5, 0)], ids=str)
def test_crop_out_of_range(images, crop):
    refused(ValueError, r"^crop_size: -?\d+ is not an integer in", images, crop_size=crop)


def test_crop_larger_than_the_resized_image(images, noise):
    refused(
        ValueError, r"^crop_size: \(25, 24\) is larger than images\[0\] resized, \(24, 24\)", images, crop_size=(25, 24)
    )
    wide = [noise(3, 48, 48), noise(3, 48, 72)]  # short side 24: 24 x 24 and 24 x 36
    refused(
        ValueError,
        r"^crop_size: \(24, 36\) is larger than images\[0\]",
        wide,
        crop_size=(24, 36),
        resize_mode="shortest_edge",
    )


def test_shortest_edge_without_a_crop(images):
    refused(ValueError, r"^crop_size: None", images, resize_mode="shortest_edge")


def test_shortest_edge_of_two_numbers(images):
    refused(ValueError, r"^size: \(24, 25\)", images, (24, 25), resize_mode="shortest_edge", crop_size=5)


# ----------------------------------------------------------------------------------------------------------------------
# Names


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("resample", "bicubic"),
        ("resize_mode", "shortest_edge"),
        ("backend", "separable"),
        ("numerics", "float32"),
        ("layout", "NCHW"),
        ("input_layout", "CHW"),
    ],
)
def test_unknown_names(images, name, allowed):
    refused(ValueError, rf'^{name}: "nonsense".*{allowed}', images, **{name: "nonsense"})
    allowed_type = "nearest.*bicubic.*PIL's integers" if name == "resample" else "a string is allowed"
    refused(TypeError, rf"^{name}: 2.5; {allowed_type}", images, **{name: 2.5})


@pytest.mark.parametrize("number", [1, 4, 5, -1, 99])
def test_pil_integers_without_a_counterpart(images, number):
    refused(ValueError, rf"^resample: {number}; of PIL's integers", images, resample=number)


@pytest.mark.parametrize("numerics", ["torch_cuda"])
def test_numerics_that_are_not_built(images, numerics):
    refused(ValueError, rf"^numerics: {numerics} is not built", images, numerics=numerics)


@pytest.mark.parametrize("dtype", [torch.float64, torch.int32, torch.bool], ids=str)
def test_dtype(images, dtype):
    refused(ValueError, r"^dtype: .* is not one of float32, float16, bfloat16, uint8", images, dtype=dtype)


# ----------------------------------------------------------------------------------------------------------------------
# Numbers: NaN fails everywhere


@pytest.mark.parametrize("mean", [[0.5, 0.5], [0.5] * 4, [0.5] * 5, []], ids=str)
def test_length_of_mean(images, mean):
    refused(ValueError, r"^image_(mean|std): \d values", images, mean=mean)


def test_means_that_do_not_fit_the_channels(images):
    refused(ValueError, r"^images\[0\]\.channels: 3 channels", images, mean=[0.5, 0.5], std=[0.5, 0.5])


@pytest.mark.parametrize("value", [NAN, INFINITY, -INFINITY], ids=str)
def test_mean_that_is_not_finite(images, value):
    refused(ValueError, r"^image_mean\[1\]: -?(nan|inf)", images, mean=[0.5, value, 0.5])
    refused(ValueError, r"^image_mean(\[0\])?: -?(nan|inf)", images, mean=value, std=0.5)


@pytest.mark.parametrize("value", [0.0, -0.0, -1.0, NAN, INFINITY, 1e-60], ids=str)
def test_std_that_is_not_positive(images, value):
    refused(ValueError, r"^image_std\[2\]: ", images, std=[0.5, 0.5, value])


@pytest.mark.parametrize("value", [0.0, -1.0, NAN, INFINITY], ids=str)
def test_rescale_factor(images, value):
    refused(ValueError, r"^rescale_factor: ", images, rescale_factor=value)


def test_numbers_of_another_type(images):
    refused(TypeError, r"^image_mean: '0.5'", images, mean="0.5")
    refused(TypeError, r"^image_std: None is not a number", images, std=[0.5, 0.5, None])
    refused(TypeError, r"^rescale_factor: None is not a number", images, rescale_factor=None)


# ----------------------------------------------------------------------------------------------------------------------
# out= and device=


def test_out_of_another_shape(images):
    out = torch.full((2, 3, 24, 25), NAN)
    refused(ValueError, r"^out: has shape \(2, 3, 24, 25\); \(2, 3, 24, 24\) is allowed", images, out=out)
    assert out.isnan().all()


def test_out_of_another_dtype(images):
    refused(TypeError, r"^out: is of dtype float64", images, out=torch.empty(2, 3, 24, 24, dtype=torch.float64))
    refused(
        TypeError,
        r"^dtype: torch.float16, but out is torch.float32",
        images,
        out=torch.empty(2, 3, 24, 24),
        dtype=torch.float16,
    )


def test_out_on_another_device(images):
    refused(ValueError, r"^device: cuda, but out is on cpu", images, out=torch.empty(2, 3, 24, 24), device="cuda")


def test_out_that_is_not_contiguous(images):
    refused(ValueError, r"^out: is not contiguous", images, out=torch.empty(2, 3, 24, 48)[..., ::2])


def test_out_that_shares_memory_with_an_image():
    memory = torch.zeros(2 * 3 * 32 * 32, dtype=torch.uint8)
    images = memory.view(2, 3, 32, 32)
    for begin in (0, 3 * 32 * 32 + 5):
        out = memory[begin : begin + 2 * 3 * 16 * 16].view(2, 3, 16, 16)
        refused(ValueError, r"^out: shares memory with images\[", images, size=16, out=out)
    beside = torch.zeros(3 * 32 * 32 + 3 * 16 * 16, dtype=torch.uint8)  # one ends where the other begins
    image, out = beside[: 3 * 32 * 32].view(1, 3, 32, 32), beside[3 * 32 * 32 :].view(1, 3, 16, 16)
    assert kir.resize_normalize(image, 16, MEAN, STD, out=out) is out


def test_out_beside_images_without_memory(images):
    meta = [image.to("meta") for image in images]
    out = torch.full((2, 3, 24, 24), NAN)
    refused(ValueError, r"^out: is on cpu, images\[0\] on meta", meta, out=out)
    refused(ValueError, r"^out: has shape \(9\); \(2, 3, 24, 24\) is allowed", meta, out=torch.empty(9, device="meta"))
    refused(ValueError, r"^images\[0\]: has 2 dimensions, shape \(40, 56\); \(C, H, W\) is allowed", [meta[0][0]])


def test_device_and_dtype_that_are_none(images):
    refused(ValueError, r"^device: 'bogus' is no device", images, device="bogus")
    refused(TypeError, r"^dtype: 3; a torch.dtype is allowed", images, dtype=3)


def test_the_order_of_calls_changes_no_refusal(images):
    kir.resize_normalize(images, 24, MEAN, STD, resample=3)
    with pytest.raises((TypeError, ValueError), match="resample"):
        kir.resize_normalize(images, 24, MEAN, STD, resample=3.0)


def test_out_that_requires_grad(images):
    refused(TypeError, r"^out: requires_grad=True", images, out=torch.empty(2, 3, 24, 24, requires_grad=True))


def test_out_that_is_sparse_or_no_tensor(images):
    refused(TypeError, r"^out: is not dense", images, out=torch.empty(2, 3, 24, 24).to_sparse())
    refused(TypeError, r"^out: a list; a tensor is allowed", images, out=[1])


def test_device_that_is_neither_cpu_nor_cuda(images):
    refused(ValueError, r"^device: is neither the CPU nor a CUDA device", images, device="meta")


@pytest.mark.skipif(kir.has_cuda, reason="this build has CUDA")
def test_cuda_without_the_cuda_build(images):
    refused(ValueError, r"^device: CUDA is asked for.*To get it: .*pip install", images, device="cuda")


def test_failure_leaves_out_alone(images):
    out = torch.full((2, 3, 24, 24), NAN)
    refused(TypeError, r"^images\[1\]", [images[0], images[1].float()], out=out)
    assert out.isnan().all()
