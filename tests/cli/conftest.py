"""The command under test, small configurations and images, and the seed of a run."""

import json
import os
import secrets
import subprocess
from pathlib import Path

import numpy
import pytest

ROOT = Path(__file__).resolve().parents[2]

# A whole configuration in the real vocabulary, small enough to be read in a test.
CLIP = {
    "image_processor_type": "CLIPImageProcessor",
    "do_resize": True,
    "size": {"shortest_edge": 32},
    "resample": 3,
    "do_center_crop": True,
    "crop_size": {"height": 24, "width": 24},
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}

# Pixels in, the same pixels out.
IDENTITY = {
    "image_processor_type": "ViTImageProcessor",
    "do_resize": False,
    "do_rescale": False,
    "do_normalize": False,
}


def pytest_configure():
    os.environ.setdefault("KIR_TEST_SEED", str(secrets.randbits(32)))


def pytest_report_header():
    return f"noise: KIR_TEST_SEED={os.environ['KIR_TEST_SEED']} (set it to repeat a run)"


@pytest.fixture(scope="session")
def random():
    """Fresh in every run; the seed is in the header of the report."""
    return numpy.random.default_rng(int(os.environ["KIR_TEST_SEED"]))


@pytest.fixture(scope="session")
def kir():
    """Calls the command: kir("list", "--json", "-") gives the finished process, its output as text."""
    command = Path(os.environ.get("KIR", ROOT / "build" / "kir"))
    if not command.is_file():
        raise FileNotFoundError(f"{command} is not built; set KIR to the kir executable")

    def call(*arguments, cwd=ROOT, **environment):
        return subprocess.run(
            [command, *map(str, arguments)],
            capture_output=True,
            text=True,
            errors="replace",  # messages repeat what a file holds
            check=False,
            cwd=cwd,
            env=os.environ | environment,
            timeout=120,
        )

    call.command = [command]
    return call


@pytest.fixture
def clip_with(tmp_path):
    """A file with the CLIP configuration, changed: clip_with(resample=9), clip_with(without=["size"])."""

    def write(without=(), **changes):
        values = {key: value for key, value in (CLIP | changes).items() if key not in without}
        path = tmp_path / "preprocessor_config.json"
        path.write_text(json.dumps(values))
        return path

    return write


@pytest.fixture(scope="session")
def identity(tmp_path_factory):
    """A file with a configuration that changes nothing."""
    path = tmp_path_factory.mktemp("identity") / "identity.json"
    path.write_text(json.dumps(IDENTITY))
    return path


@pytest.fixture
def image(tmp_path, random):
    """A .npy file of 40 x 50 noise, three channels last."""
    path = tmp_path / "image.npy"
    numpy.save(path, random.integers(0, 256, (40, 50, 3), dtype=numpy.uint8))
    return path
