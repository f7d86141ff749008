"""Every filter of Pillow and of torch on uint8, to the bit: sizes of all kinds, whole results and windows of them.

A numerics is compared with the resize that it is named after: pillow13 and the older ones with a Pillow of that version
(the installed one, or one in an environment of its own), torch_cpu with torchvision's resize of uint8.
"""

import json
import os
import secrets
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

import numpy
import PIL
import pytest
import torch
from packaging.version import Version
from safetensors.numpy import load_file
from torchvision.transforms.v2.functional import InterpolationMode, resize

ROOT = Path(__file__).resolve().parents[2]
KIR = Path(os.environ.get("KIR", ROOT / "build" / "kir"))
BACKENDS = ("reference", "cpu")
TARGETS, IMAGES = 20, 26  # 520 pairs of sizes a filter
PILLOW = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
TORCH = {"nearest": 0, "bilinear": 2, "bicubic": 3}
VERSIONS = {"pillow11": "<12.2", "pillow12": ">=12.2,<13", "pillow13": ">=13,<14"}

torch.set_num_threads(1)


@dataclass(frozen=True)
class Batch:
    """Images that become one size, and the window of it."""

    images: list[numpy.ndarray]  # H x W x 3
    height: int
    width: int
    crop: tuple[int, int]


def batches(random):
    """Sides of one pixel, ratios of 40, sides that stay, very tall and very wide images, and ordinary ones."""

    def side():
        return int(random.choice([1, 2, random.integers(3, 40), random.integers(40, 260), random.integers(260, 700)]))

    for _ in range(TARGETS):
        height, width = side(), side()
        sizes = [(side(), side()) for _ in range(IMAGES - 6)]
        sizes += [(height, side()), (side(), width), (height, width)]
        sizes += [(min(40 * height, 8000), max(1, width // 2)), (max(1, height // 3), min(40 * width, 8000))]
        sizes += [(int(random.integers(201, 900)), 2)]
        images = [random.integers(0, 256, (*size, 3), dtype=numpy.uint8) for size in sizes]
        crop = int(random.integers(1, height + 1)), int(random.integers(1, width + 1))
        yield Batch(images, height, width, crop)


def levels_of(batch, resample, numerics, backend, cropped, antialias, folder):
    """What `kir run` makes of a batch: N x H x W x 3 levels."""
    config = {
        "image_processor_type": "ViTImageProcessor" if antialias else "PPDocLayoutV2ImageProcessor",
        "size": {"height": batch.height, "width": batch.width},
        "resample": resample,
        "do_rescale": False,
        "do_normalize": False,
        "do_center_crop": cropped,
        "crop_size": dict(zip(("height", "width"), batch.crop, strict=True)),
    }
    (folder / "config.json").write_text(json.dumps(config))
    paths = []
    for i, image in enumerate(batch.images):
        paths.append(folder / f"{i}.npy")
        numpy.save(paths[-1], numpy.ascontiguousarray(image.transpose(2, 0, 1)))
    out = folder / "out.safetensors"
    arguments = ["--numerics", numerics, "--backend", backend, "--dtype", "u8"]
    run = subprocess.run(
        [KIR, "run", folder / "config.json", *paths, "-o", out, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert run.returncode == 0, run.stderr
    return load_file(out)["pixel_values"].transpose(0, 2, 3, 1)


def check(title, resample, numerics, wanted_of, tmp_path, antialias=True):
    """Both backends give every byte of `wanted_of(batch)`, whole and in the window in its middle."""
    seed = int(os.environ.get("KIR_TEST_SEED", secrets.randbits(32)))
    random = numpy.random.default_rng([seed, resample])
    pairs = values = 0
    faults = []
    for batch in batches(random):
        wanted = wanted_of(batch)
        top, left = (batch.height - batch.crop[0]) // 2, (batch.width - batch.crop[1]) // 2
        windows = wanted[:, top : top + batch.crop[0], left : left + batch.crop[1]]
        pairs += len(batch.images)
        for backend in BACKENDS:
            for cropped, expected in ((False, wanted), (True, windows)):
                got = levels_of(batch, resample, numerics, backend, cropped, antialias, tmp_path)
                values += got.size
                for image, mine, theirs in zip(batch.images, got, expected, strict=True):
                    if not numpy.array_equal(mine, theirs):
                        count = int((mine != theirs).sum())
                        faults.append(f"{backend}: {image.shape} -> {batch.height}x{batch.width}: {count} differ")
    print(f"{title}: {pairs} pairs of sizes, {values - len(faults)} of {values} bytes equal, seed {seed}")
    assert pairs >= 500
    assert not faults, f"KIR_TEST_SEED={seed}: {faults[:10]}"


# ----------------------------------------------------------------------------------------------------------------------
# Pillow


def environment_of(specifier):
    """A Python of its own, kept in the build folder, that has such a Pillow; None where PyPI cannot be reached."""
    folder = KIR.parent / "pillow" / specifier.translate(str.maketrans("<>=,", "____"))
    python = folder / "bin" / "python"
    if not (folder / "done").is_file():
        venv.create(folder, with_pip=True, clear=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"pillow{specifier}"]
        if subprocess.run([*pip, "--retries", "1"], capture_output=True, check=False).returncode != 0:
            return None
        (folder / "done").touch()
    return python


@pytest.fixture(scope="module", params=VERSIONS)
def pillow(request):
    """(numerics, a Python with a Pillow that it stands for)."""
    from packaging.specifiers import SpecifierSet

    specifier = VERSIONS[request.param]
    if Version(PIL.__version__) in SpecifierSet(specifier):
        return request.param, sys.executable
    python = environment_of(specifier)
    if python is None:
        pytest.skip(f"pillow{specifier} is not installed, and PyPI cannot be reached")
    return request.param, python


@pytest.mark.parametrize("filter_name", PILLOW)
def test_pillow(pillow, filter_name, tmp_path):
    numerics, python = pillow
    resample = PILLOW[filter_name]
    versions = set()

    def wanted_of(batch):
        calls = []
        for i, image in enumerate(batch.images):
            source = tmp_path / f"{i}.raw"
            source.write_bytes(image.tobytes())
            result = f"{source}.resized"
            calls.append([str(source), *image.shape[:2], resample, batch.height, batch.width, result])
        script = Path(__file__).with_name("pillow_resize.py")
        run = subprocess.run([python, script], input=json.dumps(calls), capture_output=True, text=True, check=True)
        versions.add(run.stdout.strip())
        results = [numpy.frombuffer(Path(call[-1]).read_bytes(), numpy.uint8) for call in calls]
        return numpy.stack(results).reshape(-1, batch.height, batch.width, 3)

    check(f"{numerics} {filter_name}", resample, numerics, wanted_of, tmp_path)
    print(f"of Pillow {', '.join(versions)}")


# ----------------------------------------------------------------------------------------------------------------------
# torch


@pytest.mark.parametrize("antialias", [True, False], ids=["antialias", "plain"])
@pytest.mark.parametrize("filter_name", TORCH)
def test_torch(filter_name, antialias, tmp_path):
    mode = InterpolationMode.NEAREST_EXACT if filter_name == "nearest" else InterpolationMode(filter_name)

    def wanted_of(batch):
        results = []
        for image in batch.images:
            pixels = torch.from_numpy(image).permute(2, 0, 1)
            results.append(resize(pixels, [batch.height, batch.width], mode, antialias=antialias).permute(1, 2, 0))
        return torch.stack(results).numpy()

    title = f"torch_cpu {filter_name}{'' if antialias else ', no antialias'}"
    check(title, TORCH[filter_name], "torch_cpu", wanted_of, tmp_path, antialias)
