"""What the numbers were measured with: processor, memory, operating system, compiler, packages, GPU, sources."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import re
import subprocess
from pathlib import Path

PACKAGES = ["torch", "torchvision", "transformers", "numpy", "pillow", "scikit-image", "safetensors", "matplotlib"]


def _first_line(command: list[str], folder: Path | None = None) -> str | None:
    """The first line that a command prints; None when it is not there or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, cwd=folder)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip().splitlines()[0] if done.returncode == 0 and done.stdout.strip() else None


def _field(path: str, pattern: str) -> str | None:
    try:
        found = re.search(pattern, Path(path).read_text(), re.M)
    except OSError:
        return None
    return found.group(1).strip().strip('"') if found else None


def _package_versions() -> dict[str, str]:
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def _gpus() -> list[str]:
    """Names of the GPUs that the driver shows; empty without a driver."""
    try:
        done = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return re.findall(r"^GPU \d+: (.*?) \(UUID", done.stdout, re.M) if done.returncode == 0 else []


def describe(kir: Path, source: Path) -> dict:
    flags = (_field("/proc/cpuinfo", r"^flags\s*:\s*(.*)$") or "").split()
    memory_kib = _field("/proc/meminfo", r"^MemTotal:\s*(\d+)")
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": _field("/proc/cpuinfo", r"^model name\s*:\s*(.*)$") or platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "simd": [flag for flag in ("avx2", "fma", "f16c", "avx512f", "avx512vnni", "asimd") if flag in flags],
        "memory_gib": round(int(memory_kib) / 2**20, 1) if memory_kib else None,
        "system": _field("/etc/os-release", r"^PRETTY_NAME=(.*)$") or platform.system(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "kir": _first_line([str(kir), "--version"]),
        "commit": _first_line(["git", "describe", "--always", "--dirty", "--abbrev=12"], source),
        "packages": _package_versions(),
        "gpus": _gpus(),
    }
