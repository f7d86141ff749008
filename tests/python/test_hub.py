"""The layout of the kernels hub, by kernels.get_local_kernel and without a network, beside this build's own copy."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import kernel_image_resize as kir
import pytest
import torch
from torchvision_reference import MEAN, STD, difference, expected

from kernels import get_local_kernel

BUILD = Path(os.environ["KIR_BUILD"])
# kernels takes the variant of torch's backend; a CPU build beside a CUDA torch has to be asked for.
BACKENDS = ["cpu", *([None] if kir.has_cuda else [])]
CASES = [(backend, "cpu") for backend in BACKENDS]
if kir.has_cuda and torch.cuda.is_available():
    CASES.append((None, "cuda"))


@pytest.mark.parametrize(("backend", "device"), CASES, ids=str)
def test_seed_example_from_the_hub_layout(noise, achieved, backend, device):
    kir_hub = get_local_kernel(BUILD, backend=backend)
    on_host = [noise(3, 384, 500), noise(3, 1024, 401)]
    images = [image.to(device) for image in on_host]
    pixel_values = kir_hub.resize_normalize(
        images,
        size=384,
        image_mean=[0.5, 0.5, 0.5],
        image_std=[0.5, 0.5, 0.5],
        rescale_factor=1 / 255,
        resample="bicubic",
        antialias=True,
    )
    assert pixel_values.shape == (2, 3, 384, 384) and pixel_values.device.type == device
    assert torch.equal(pixel_values, kir.resize_normalize(images, 384, 0.5, 0.5))
    want = expected(on_host, [384, 384], "bicubic", mean=[0.5] * 3, std=[0.5] * 3)
    achieved(f"hub layout, {device}, from torchvision on float images", difference(pixel_values.cpu(), want), 1e-4)
    mean, std = MEAN, STD
    pv = kir_hub.resize_normalize(
        images, 256, mean, std, resample="bicubic", antialias=True, crop_size=224, resize_mode="shortest_edge"
    )
    assert pv.shape == (2, 3, 224, 224)
    want = expected(on_host, [256], "bicubic", crop_size=(224, 224))
    achieved(f"hub layout, {device}, with a crop", difference(pv.cpu(), want), 1e-4)


@pytest.mark.parametrize("backend", BACKENDS, ids=str)
def test_the_copies_are_two_modules(backend):
    """One process, two copies: each has its files, and ops of its own build."""
    kir_hub = get_local_kernel(BUILD, backend=backend)
    assert kir_hub is not kir and kir_hub.resize_normalize is not kir.resize_normalize
    folder = Path(kir_hub.__file__).parent
    assert folder.parent == BUILD and folder.name.startswith("torch-stable-abi210-")
    same_build = (folder / "_build.py").read_text() == Path(kir.__file__).with_name("_build.py").read_text()
    assert (kir_hub.ops is kir.ops) == same_build


def test_metadata():
    folders = sorted(BUILD.glob("torch-stable-abi210-*"))
    assert folders, "make hub has made no layout"
    for folder in folders:
        metadata = json.loads((folder / "metadata.json").read_text())
        assert metadata["name"] == "kernel-image-resize"
        assert metadata["backend"]["type"] == ("cpu" if "-cpu-" in folder.name else "cuda")
        assert (folder / "__init__.py").is_file()


def test_a_layout_that_was_copied_away(tmp_path):
    """It holds no path of where it was built, and needs nothing but torch."""
    variant = next(BUILD.glob("torch-stable-abi210-cpu-*"))
    shutil.copytree(variant, tmp_path / "copy" / variant.name)
    library = next(variant.rglob("*.so")).read_bytes()
    for place in (BUILD, Path(__file__).resolve().parents[2], Path(torch.__file__).parent):
        assert str(place).encode() not in library, place
    program = (
        "import sys, torch; from pathlib import Path; from kernels import get_local_kernel\n"
        "kir = get_local_kernel(Path(sys.argv[1]), backend='cpu')\n"
        "print(kir.resize_normalize([torch.zeros(3, 5, 5, dtype=torch.uint8)], 4, 0.5, 0.5).sum().item())\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    run = [sys.executable, "-c", program, tmp_path / "copy"]
    result = subprocess.run(run, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, "-48.0\n"), result.stderr
