""".npy and .safetensors results, read by numpy, safetensors and torch themselves."""

import numpy
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load_file as load_numpy
from safetensors.torch import load_file as load_torch

DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16, "u8": torch.uint8}


def run_to(kir, target, *arguments):
    run = kir("run", *arguments, "-o", target)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize("dtype", DTYPES)
def test_safetensors_of_every_pixel_type(kir, clip_with, image, tmp_path, dtype):
    shown = run_to(kir, tmp_path / "x.safetensors", clip_with(), image, "--dtype", dtype)
    tensors = load_torch(tmp_path / "x.safetensors")
    assert list(tensors) == ["pixel_values"]
    assert tensors["pixel_values"].dtype == DTYPES[dtype]
    assert tensors["pixel_values"].shape == (1, 3, 24, 24)
    assert f"pixel_values (1, 3, 24, 24) {str(DTYPES[dtype]).removeprefix('torch.')}\n" in shown


@pytest.mark.parametrize("dtype", ["f32", "f16", "u8"])
@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
def test_npy_holds_what_safetensors_holds(kir, clip_with, image, tmp_path, dtype, layout):
    choices = [clip_with(), image, "--dtype", dtype, "--layout", layout]
    run_to(kir, tmp_path / "x.npy", *choices)
    run_to(kir, tmp_path / "x.safetensors", *choices)
    array = numpy.load(tmp_path / "x.npy")
    tensor = load_numpy(tmp_path / "x.safetensors")["pixel_values"]
    assert array.dtype == tensor.dtype
    assert array.shape == tensor.shape == ((1, 3, 24, 24) if layout == "nchw" else (1, 24, 24, 3))
    assert array.tobytes() == tensor.tobytes()
    assert array.flags.c_contiguous


def test_bf16_is_the_nearest_of_the_f32(kir, clip_with, image, tmp_path):
    run_to(kir, tmp_path / "f32.safetensors", clip_with(), image)
    run_to(kir, tmp_path / "bf16.safetensors", clip_with(), image, "--dtype", "bf16")
    f32 = load_torch(tmp_path / "f32.safetensors")["pixel_values"]
    assert torch.equal(f32.to(torch.bfloat16), load_torch(tmp_path / "bf16.safetensors")["pixel_values"])


def test_all_outputs_with_masks(kir, image, tmp_path):
    run_to(kir, tmp_path / "x.safetensors", "detr", image)
    tensors = load_torch(tmp_path / "x.safetensors")
    assert {name: tensor.dtype for name, tensor in tensors.items()} == {
        "pixel_values": torch.float32,
        "pixel_mask": torch.int64,
    }
    assert tensors["pixel_mask"].shape == tensors["pixel_values"].shape[:1] + tensors["pixel_values"].shape[2:]
    assert tensors["pixel_mask"].min() == tensors["pixel_mask"].max() == 1  # one image fills its canvas


def test_values_that_the_plan_knows(kir, image, tmp_path):
    run_to(kir, tmp_path / "x.safetensors", "qwen2_vl", image, image)
    tensors = load_torch(tmp_path / "x.safetensors")
    grid = tensors["image_grid_thw"]
    assert grid.dtype == torch.int64
    assert grid.shape == (2, 3)
    assert grid.prod(dim=1).sum() == len(tensors["pixel_values"])


@pytest.mark.parametrize("key", ["pixel_values", "pixel_mask"])
def test_one_key_of_many(kir, image, tmp_path, key):
    shown = run_to(kir, tmp_path / "x.npy", "detr", image, "--key", key)
    run_to(kir, tmp_path / "x.safetensors", "detr", image)
    assert numpy.array_equal(numpy.load(tmp_path / "x.npy"), load_numpy(tmp_path / "x.safetensors")[key])
    assert [line.split()[0] for line in shown.splitlines()[1:-1]] == [key]


def test_stacked_when_shapes_agree_and_one_tensor_an_image_when_not(kir, identity, clip_with, random, tmp_path):
    sizes = [(40, 50), (61, 33), (40, 50)]
    images = [random.integers(0, 256, (*size, 3), dtype=numpy.uint8) for size in sizes]
    files = [tmp_path / f"{i}.npy" for i in range(len(images))]
    for file, pixels in zip(files, images, strict=True):
        numpy.save(file, pixels)

    run_to(kir, tmp_path / "stacked.safetensors", clip_with(), *files)
    assert {name: tensor.shape for name, tensor in load_numpy(tmp_path / "stacked.safetensors").items()} == {
        "pixel_values": (3, 3, 24, 24)
    }
    run_to(kir, tmp_path / "ragged.safetensors", identity, *files, "--dtype", "u8", "--layout", "nhwc")
    ragged = load_numpy(tmp_path / "ragged.safetensors")
    assert sorted(ragged) == ["pixel_values.0", "pixel_values.1", "pixel_values.2"]
    for i, pixels in enumerate(images):
        assert numpy.array_equal(ragged[f"pixel_values.{i}"], pixels)


@pytest.mark.parametrize("channels_last", [False, True])
def test_stacked_file_equals_the_list_of_its_images(kir, clip_with, random, tmp_path, channels_last):
    stack = random.integers(0, 256, (4, 3, 40, 50), dtype=numpy.uint8)
    for i, pixels in enumerate(stack):
        numpy.save(tmp_path / f"{i}.npy", pixels)
    numpy.save(tmp_path / "stack.npy", numpy.moveaxis(stack, 1, -1).copy() if channels_last else stack)
    run_to(kir, tmp_path / "stacked.npy", clip_with(), tmp_path / "stack.npy")
    run_to(kir, tmp_path / "listed.npy", clip_with(), *(tmp_path / f"{i}.npy" for i in range(4)))
    stacked, listed = numpy.load(tmp_path / "stacked.npy"), numpy.load(tmp_path / "listed.npy")
    assert stacked.shape == (4, 3, 24, 24)
    assert stacked.tobytes() == listed.tobytes()


@pytest.mark.parametrize("suffix", ["npy", "safetensors"])
def test_data_is_aligned(kir, clip_with, image, tmp_path, suffix):
    target = tmp_path / f"x.{suffix}"
    run_to(kir, target, clip_with(), image)
    header = target.stat().st_size - 3 * 24 * 24 * 4
    assert header % (64 if suffix == "npy" else 8) == 0


def test_safetensors_opens_lazily(kir, image, tmp_path):
    run_to(kir, tmp_path / "x.safetensors", "detr", image)
    with safe_open(tmp_path / "x.safetensors", "pt") as file:
        assert sorted(file.keys()) == ["pixel_mask", "pixel_values"]
        assert file.get_slice("pixel_values").get_dtype() == "F32"


def test_an_existing_file_is_replaced_and_a_link_followed(kir, clip_with, image, tmp_path):
    kept = tmp_path / "elsewhere.npy"
    kept.write_bytes(b"old")
    link = tmp_path / "x.npy"
    link.symlink_to(kept)
    run_to(kir, link, clip_with(), image)
    assert link.is_symlink()
    assert numpy.load(kept).shape == (1, 3, 24, 24)
    assert not list(tmp_path.glob(".kir-*")), "a temporary file was left"
