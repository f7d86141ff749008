"""Every Python file passes ruff's check and is formatted as ruff does; `make format` does it."""

import subprocess
import sys

from tracked import need_tool, tracked_files

tool = need_tool("ruff")
files = tracked_files(".py")
check = subprocess.run([tool, "check", *files]).returncode
layout = subprocess.run([tool, "format", "--diff", *files]).returncode
sys.exit(check or layout)
