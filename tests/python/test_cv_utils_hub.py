"""cv_utils in the place of kernels-community/cv-utils: LOCAL_KERNELS names the layout that `make hub` makes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import kernel_image_resize as kir
import pytest
import torch

from kernels import get_local_kernel

LAYOUT = Path(os.environ["KIR_BUILD"]).resolve() / "hub" / "cv-utils"
# kernels takes the variant of torch's backend; a CPU build beside a CUDA torch has to be asked for.
BACKENDS = ["cpu", *(["cuda"] if kir.has_cuda and torch.cuda.is_available() else [])]

# As code that was written for that kernel has it.
PROGRAM = """
import sys

import torch
from kernels import get_kernel

backend = sys.argv[1]
cv_utils = get_kernel("kernels-community/cv-utils", version=2, backend=backend)
images = [torch.full((3, 20, 30), 51, dtype=torch.uint8), torch.zeros(3, 9, 9, dtype=torch.uint8)]
images = [image.to(backend) for image in images]
mean, std = [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]
pixel_values = cv_utils.resize_normalize(images, mean, std, 1 / 255, 3, size=4)
assert pixel_values.shape == (2, 3, 4, 4) and pixel_values.device.type == backend
tokens, grid_thw = cv_utils.resize_normalize_patchify(images, [(4, 8), (4, 4)], mean, std, 1 / 255, 3, 2, 2, 2)
assert tokens.shape == (12, 24) and grid_thw.tolist() == [[1, 2, 4], [1, 2, 2]]
try:
    cv_utils.resize_normalize(images, mean, std, 1 / 255, 3)
except ValueError as error:
    print(error)
print([round(value, 4) for value in (*pixel_values.mean(dim=(1, 2, 3)).tolist(), tokens[:8].mean().item())])
print(cv_utils.__file__)
"""


@pytest.mark.parametrize("backend", BACKENDS)
def test_local_kernels_puts_it_in_place(backend, tmp_path):
    """A process with no other copy of the package on its path."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"HF_HUB_OFFLINE": "1", "LOCAL_KERNELS": f"kernels-community/cv-utils={LAYOUT}"}
    run = [sys.executable, "-c", PROGRAM, backend]
    done = subprocess.run(run, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    message, numbers, file = done.stdout.splitlines()
    assert message == "size, shortest_edge: neither given; exactly one of them is allowed"
    assert json.loads(numbers) == [-0.6, -1.0, -0.6]  # 51 / 255 = 0.2
    assert Path(file).is_relative_to(LAYOUT)


def test_without_it_the_kernel_is_not_found_offline(tmp_path):
    """What the test above would be, were LOCAL_KERNELS not read."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "LOCAL_KERNELS")}
    environment |= {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    run = [sys.executable, "-c", PROGRAM, "cpu"]
    done = subprocess.run(run, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "cv-utils" in done.stderr


def test_metadata():
    folders = sorted((LAYOUT / "build").glob("torch-stable-abi210-*"))
    assert folders, f"make hub has made no layout in {LAYOUT}"
    for folder in folders:
        metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
        assert (metadata["name"], metadata["version"]) == ("cv-utils", 2)
        assert metadata["backend"]["type"] == ("cpu" if "-cpu-" in folder.name else "cuda")


def test_it_has_only_what_it_promises():
    """A name of the kernel that is not here is an AttributeError, not another function."""
    cv_utils = get_local_kernel(LAYOUT, backend="cpu")
    assert sorted(cv_utils.__all__) == ["resize_normalize", "resize_normalize_patchify"]
    assert not hasattr(cv_utils, "generic_nms")
