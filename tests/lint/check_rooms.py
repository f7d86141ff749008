"""A room includes what its row allows (CONTRIBUTING.md, rule 11): what proves shares nothing with what is proved."""

import re
import sys
from pathlib import Path

from tracked import tracked_files

TORCH = ("ATen/", "c10/", "torch/")
EIGEN = ("Eigen/",)
CUDA = ("cuda", "cub/", "cooperative_groups")
JSON = ("nlohmann/", "json/")
OUTER = ("reference/", "parity/", "benchmarks/", "gate/", "apps/", "python/", "tests/")

# What the files of a room may not include, by the beginning of the name in the include.
FORBIDDEN = {
    "include/kir": (*TORCH, *EIGEN, *CUDA, *JSON, *OUTER, "configuration/", "plan/", "weights/", "kernels/"),
    "configuration": (*TORCH, *EIGEN, *CUDA, *OUTER, "plan/", "weights/", "kernels/"),
    "plan": (*TORCH, *EIGEN, *CUDA, *OUTER, "describe/", "weights/", "kernels/"),
    "describe": (*TORCH, *EIGEN, *CUDA, *OUTER, "weights/", "kernels/"),
    "weights": (*TORCH, *EIGEN, *CUDA, *JSON, *OUTER, "configuration/", "kernels/"),
    "kernels": (*TORCH, *EIGEN, *JSON, *OUTER, "configuration/"),
    "reference": (*CUDA, *JSON, "kernels/", "weights/", "parity/", "benchmarks/", "gate/", "apps/", "tests/"),
    "python/csrc": ("ATen/", "c10/", *EIGEN, "reference/", "parity/", "benchmarks/", "gate/", "apps/", "tests/"),
}

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def violations(path: Path, forbidden: tuple[str, ...]) -> list[str]:
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if match and match[1].startswith(forbidden):
            found.append(f"{path}:{number}: {match[1]}")
    return found


files = tracked_files(".cpp", ".hpp", ".cu", ".cuh")
found, checked = [], 0
for room, forbidden in FORBIDDEN.items():
    inside = [path for path in files if path.as_posix().startswith(room + "/")]
    if not inside:
        sys.exit(f"no file in {room}: the check would prove nothing")
    checked += len(inside)
    for path in inside:
        found += violations(path, forbidden)
print(*found, f"{checked} files of {len(FORBIDDEN)} rooms, {len(found)} includes that their rows forbid", sep="\n")
sys.exit(bool(found))
