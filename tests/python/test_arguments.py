"""What can be said in several ways gives one tensor; what the arguments promise of shapes, types and memory."""

import kernel_image_resize as kir
import pytest
import torch
from torchvision_reference import MEAN, STD


@pytest.fixture
def images(noise):
    return [noise(3, 40, 56), noise(3, 61, 33)]


def test_seed_example_word_for_word(images):
    pixel_values = kir.resize_normalize(
        images,
        size=384,
        image_mean=[0.5, 0.5, 0.5],
        image_std=[0.5, 0.5, 0.5],
        rescale_factor=1 / 255,
        resample="bicubic",
        antialias=True,
    )
    assert pixel_values.shape == (2, 3, 384, 384) and pixel_values.dtype == torch.float32
    mean, std = [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]
    pv = kir.resize_normalize(
        images, 256, mean, std, resample="bicubic", antialias=True, crop_size=224, resize_mode="shortest_edge"
    )
    assert pv.shape == (2, 3, 224, 224)


@pytest.mark.parametrize("size", [(24, 24), [24, 24], {"height": 24, "width": 24}, torch.Size((24, 24))], ids=repr)
def test_sizes(images, size):
    assert torch.equal(kir.resize_normalize(images, size, MEAN, STD), kir.resize_normalize(images, 24, MEAN, STD))


def test_height_comes_first(images):
    assert kir.resize_normalize(images, {"width": 7, "height": 5}, MEAN, STD).shape == (2, 3, 5, 7)
    assert kir.resize_normalize(images, 24, MEAN, STD, crop_size=(9, 11)).shape == (2, 3, 9, 11)


@pytest.mark.parametrize(("number", "name"), [(0, "bilinear"), (2, "bilinear"), (3, "bicubic")])
def test_pil_integers(images, number, name):
    by_number = kir.resize_normalize(images, 24, MEAN, STD, resample=number)
    assert torch.equal(by_number, kir.resize_normalize(images, 24, MEAN, STD, resample=name))


def test_pil_enumeration(images):
    resampling = pytest.importorskip("PIL.Image").Resampling
    by_enum = kir.resize_normalize(images, 24, MEAN, STD, resample=resampling.BILINEAR)
    assert torch.equal(by_enum, kir.resize_normalize(images, 24, MEAN, STD, resample="bilinear"))


@pytest.mark.parametrize("resample", ["nearest", "nearest-exact", "box", "hamming", "lanczos3"])
def test_other_filters_run(images, resample):
    result = kir.resize_normalize(images, 24, MEAN, STD, resample=resample)
    assert torch.isfinite(result).all()
    assert not torch.equal(result, kir.resize_normalize(images, 24, MEAN, STD))


def test_scalar_mean_and_std(images):
    one = kir.resize_normalize(images, 24, 0.5, 0.25)
    assert torch.equal(one, kir.resize_normalize(images, 24, [0.5] * 3, (0.25, 0.25, 0.25)))


def test_grey_feeds_every_mean(noise):
    grey = noise(1, 30, 40)
    result = kir.resize_normalize([grey], 24, MEAN, STD)
    assert result.shape == (1, 3, 24, 24)
    assert torch.equal(result, kir.resize_normalize([grey.repeat(3, 1, 1)], 24, MEAN, STD))


def test_stacked_is_the_list(noise):
    stacked = noise(5, 3, 31, 45)
    assert torch.equal(kir.resize_normalize(stacked, 24, MEAN, STD), kir.resize_normalize(list(stacked), 24, MEAN, STD))


def test_no_images_in_a_stack():
    assert kir.resize_normalize(torch.empty(0, 3, 5, 5, dtype=torch.uint8), 24, MEAN, STD).shape == (0, 3, 24, 24)


def test_ragged_is_the_same_for_lists_only(images):
    assert torch.equal(
        kir.resize_normalize_ragged(images, 24, MEAN, STD, crop_size=8),
        kir.resize_normalize(images, 24, MEAN, STD, crop_size=8),
    )
    with pytest.raises(TypeError, match=r"images: a tensor; a list"):
        kir.resize_normalize_ragged(torch.stack([images[0]]), 24, MEAN, STD)


def test_tuple_of_images(images):
    assert torch.equal(kir.resize_normalize(tuple(images), 24, MEAN, STD), kir.resize_normalize(images, 24, MEAN, STD))


def test_strides_are_read_in_place(noise):
    """Views give what their contiguous copies give."""
    whole = noise(4, 90, 80)
    views = [whole[:3, 11:77, 5:70], whole[1:, ::2, ::3], whole[:3].transpose(1, 2), whole[0:1].expand(3, -1, -1)]
    copies = [view.contiguous() for view in views]
    assert torch.equal(kir.resize_normalize(views, 24, MEAN, STD), kir.resize_normalize(copies, 24, MEAN, STD))


def test_channels_last_memory(noise):
    stacked = noise(2, 3, 31, 45)
    last = stacked.contiguous(memory_format=torch.channels_last)
    assert not last.is_contiguous()
    assert torch.equal(kir.resize_normalize(last, 24, MEAN, STD), kir.resize_normalize(stacked, 24, MEAN, STD))


def test_hwc_images(images):
    hwc = [image.permute(1, 2, 0).contiguous() for image in images]
    result = kir.resize_normalize(hwc, 24, MEAN, STD, input_layout="HWC")
    assert torch.equal(result, kir.resize_normalize(images, 24, MEAN, STD))
    stacked = torch.stack([hwc[0], hwc[0]])
    assert torch.equal(kir.resize_normalize(stacked, 24, MEAN, STD, input_layout="HWC")[1], result[0])


def test_nhwc_result(images):
    result = kir.resize_normalize(images, (20, 24), MEAN, STD, layout="NHWC")
    assert result.shape == (2, 20, 24, 3) and result.is_contiguous()
    assert torch.equal(result.permute(0, 3, 1, 2), kir.resize_normalize(images, (20, 24), MEAN, STD))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_types_are_the_rounded_floats(images, dtype):
    result = kir.resize_normalize(images, 24, MEAN, STD, dtype=dtype)
    assert result.dtype == dtype
    assert torch.equal(result, kir.resize_normalize(images, 24, MEAN, STD).to(dtype))


def test_uint8_result_is_rounded_and_clamped(images):
    levels = kir.resize_normalize(images, 24, 0.0, 1.0, 1.0, dtype=torch.uint8)
    floats = kir.resize_normalize(images, 24, 0.0, 1.0, 1.0)
    assert torch.equal(levels, floats.round().clamp(0, 255).to(torch.uint8))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.uint8])
def test_out_is_written_everywhere_and_nowhere_else(images, dtype):
    """The output stands in the middle of poisoned memory."""
    poison = 77 if dtype == torch.uint8 else float("nan")
    memory = torch.full((4, 3, 24, 20), poison, dtype=dtype)
    out = memory[1:3]
    result = kir.resize_normalize(images, (24, 20), MEAN, STD, out=out)
    assert result is out
    assert torch.equal(out, kir.resize_normalize(images, (24, 20), MEAN, STD, dtype=dtype))
    untouched = torch.cat([memory[:1], memory[3:]])
    assert (untouched == 77).all() if dtype == torch.uint8 else untouched.isnan().all()


def test_out_with_its_own_dtype_and_device_said_again(images):
    out = torch.empty(2, 3, 24, 24, dtype=torch.float16)
    kir.resize_normalize(images, 24, MEAN, STD, out=out, dtype=torch.float16, device="cpu")
    assert torch.equal(out, kir.resize_normalize(images, 24, MEAN, STD, dtype=torch.float16))


def test_backends_are_one_on_the_cpu(images):
    assert torch.equal(
        kir.resize_normalize(images, 24, MEAN, STD, backend="fused"), kir.resize_normalize(images, 24, MEAN, STD)
    )


def test_device_cpu_is_where_cpu_images_are(images):
    assert torch.equal(
        kir.resize_normalize(images, 24, MEAN, STD, device="cpu"), kir.resize_normalize(images, 24, MEAN, STD)
    )


def test_thread_counts_give_the_same_bits(images):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = kir.resize_normalize(images, 128, MEAN, STD)
        torch.set_num_threads(3)
        assert torch.equal(one, kir.resize_normalize(images, 128, MEAN, STD))
    finally:
        torch.set_num_threads(before)
