"""No tracked text file names a folder that exists on one machine only."""

import re
import sys

from tracked import tracked_files

# Put together here, so that this file does not find itself.
FOLDERS = "|".join(("work/", "root/", r"home/[a-z]", "Users/[A-Za-z]", "mnt/[a-z]"))
MACHINE_PATH = re.compile(rf"(?<![\w.$}}*)/-])/({FOLDERS})")

files = tracked_files()
found = []
for path in files:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        continue  # not text
    for number, line in enumerate(lines, 1):
        if MACHINE_PATH.search(line):
            found.append(f"{path}:{number}: {line.strip()[:160]}")
print(*found, f"{len(files)} files, {len(found)} lines with a machine's path", sep="\n")
sys.exit(bool(found))
