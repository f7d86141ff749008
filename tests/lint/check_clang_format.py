"""Every C++ and CUDA file is formatted as .clang-format says; `make format` does it."""

import subprocess
import sys

from tracked import need_tool, skip, tracked_files

VERSION = "14.0.6"  # as scripts/requirements.txt pins it: other versions format differently

tool = need_tool("clang-format")
answer = subprocess.run([tool, "--version"], capture_output=True, check=True, text=True).stdout.strip()
if VERSION not in answer:
    skip(f"clang-format {VERSION} is needed, this is '{answer}'")
files = tracked_files(".cpp", ".hpp", ".cu", ".cuh")
print(f"{len(files)} files, {answer}")
sys.exit(subprocess.run([tool, "--dry-run", "-Werror", *files]).returncode)
