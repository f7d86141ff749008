"""What the checks share: the files under version control, and how a check that cannot run says so."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

SKIPPED = 77  # SKIP_RETURN_CODE of the ctest entries


def skip(reason: str) -> NoReturn:
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def need_tool(name: str) -> str:
    """The path of a program, from beside this interpreter or from PATH; else the check is skipped."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.is_file() else shutil.which(name)
    return found or skip(f"{name} is not installed")


def tracked_files(*suffixes: str) -> list[Path]:
    """Tracked files that exist, with one of the suffixes (all files if none is given). Skips without git."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=True, text=True).stdout
    except OSError:
        skip("git is not installed")
    except subprocess.CalledProcessError as error:
        skip(f"git lists no files here: {error.stderr.strip()}")
    paths = [Path(name) for name in listed.split("\0") if name]
    if not paths:
        skip("git tracks no file here")
    files = [path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes)]
    if not files:
        sys.exit(f"no tracked file with suffix {suffixes}: the check would prove nothing")
    return files
