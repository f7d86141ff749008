"""pip wheel: what `pip install .` puts into an environment; loaded beside this build's copy, which is another build."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("scikit_build_core", "0.11", reason="scikit-build-core 0.11 or newer is not installed")
pytest.importorskip("pip", reason="pip is not installed")

ROOT = Path(__file__).resolve().parents[2]

TWO_COPIES = """
import importlib.util, sys
from pathlib import Path
import torch
import kernel_image_resize as wheel  # first in PYTHONPATH

spec = importlib.util.spec_from_file_location("another_copy", Path(sys.argv[1]) / "__init__.py")
other = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = other
spec.loader.exec_module(other)
assert wheel.ops is not other.ops, (wheel.ops, other.ops)

images = [torch.randint(0, 256, (3, 40, 50), dtype=torch.uint8), torch.randint(0, 256, (3, 31, 60), dtype=torch.uint8)]
results = [copy.resize_normalize(images, 24, [0.5] * 3, [0.5] * 3) for copy in (wheel, other, wheel)]
assert all(torch.equal(result, results[0]) for result in results)
assert not wheel.has_cuda
print("two copies,", wheel.__file__, wheel.ops.__name__, other.ops.__name__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel of the CPU variant: quick to compile without optimization, and so surely another build than this one."""
    folder = tmp_path_factory.mktemp("wheel")
    environment = dict(os.environ)
    if ccache := shutil.which("ccache"):
        environment["CMAKE_CXX_COMPILER_LAUNCHER"] = ccache
    options = ["cmake.define.KIR_CUDA=OFF", "cmake.build-type=Debug", f"build-dir={folder / 'build'}"]
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation", "--no-deps", "--no-index"]
    command += [part for option in options for part in ("-C", option)]
    result = subprocess.run(
        [*command, "-w", folder, ROOT], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    (path,) = folder.glob("kernel_image_resize-*.whl")
    return path


def test_content(wheel):
    assert wheel.name.endswith("-py3-none-linux_x86_64.whl") or "-py3-none-linux_" in wheel.name
    names = {Path(name).name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("kernel_image_resize/")}
    sources = {path.name for path in (ROOT / "python" / "kernel_image_resize").iterdir() if path.is_file()}
    assert names == sources | {"_build.py", "_kernel_image_resize.so"}


def test_beside_this_builds_copy(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    build = Path(os.environ["KIR_BUILD"]) / "python" / "kernel_image_resize"
    result = subprocess.run(
        [sys.executable, "-c", TWO_COPIES, build],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0 and result.stdout.startswith(f"two copies, {tmp_path}"), result.stdout + result.stderr
