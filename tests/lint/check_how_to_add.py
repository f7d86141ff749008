"""CONTRIBUTING.md, "How to add", is true: its paths, commands and names are there.

In each entry what stands in backquotes is a path of the tree (NAME stands for any name), a command (`make test`,
`kir plan --explain`, or words of which one is a path), or a name that a file of the same entry has.
"""

import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path

from tracked import tracked_files

PAGE = Path("CONTRIBUTING.md")
ENTRIES = (
    "class",
    "size rule",
    "stage",
    "filter",
    "output type",
    "numerics",
    "arithmetic",
    "backend",
    "gpu architecture",
    "benchmark contender",
    "suite",
    "bound",
    "published configuration",
    "op",
    "test",
)

files = [path.as_posix() for path in tracked_files()]
SUFFIXES = {".cpp", ".hpp", ".cu", ".cuh", ".py", ".json", ".tsv", ".md", ".sh", ".txt"}
folders = {parent.as_posix() for path in files for parent in Path(path).parents}
targets = set(re.findall(r"^([a-z][\w-]*):", Path("Makefile").read_text(encoding="utf-8"), re.M))


def has(paths: list[str], name: str) -> bool:
    """Whether one of the files has the name as a word of its own."""
    word = re.compile(rf"(?<![\w-]){re.escape(name)}(?!\w)")
    return any(word.search(Path(path).read_text(encoding="utf-8", errors="ignore")) for path in paths)


def under(folder: str) -> list[str]:
    return [path for path in files if path.startswith(folder)]


def found_at(text: str) -> list[str]:
    """The tracked files that a path names: a file, a folder, or a pattern."""
    pattern = re.sub(r"\bNAME\b", "*", text).rstrip("/")
    if pattern in folders:
        return under(pattern + "/")
    return [path for path in files if fnmatchcase(path, pattern)]


def is_path(word: str) -> bool:
    return "/" in word or Path(word).suffix in SUFFIXES


def faults_of(entry: str) -> list[str]:
    faults, named, names = [], [], []
    for span in re.findall(r"`([^`]+)`", entry):
        command, *words = span.split()
        if command == "make":
            faults += [span] if words[0] not in targets else []
        elif command == "kir" and words:
            faults += [f"{span}: {word}" for word in words if not has(under("apps/"), word)]
        else:
            names += [word.split("=")[0] for word in (command, *words) if not is_path(word)]
            for path in filter(is_path, (command, *words)):
                hits = found_at(path.removeprefix("build/") + "*" if path.startswith("build/") else path)
                faults += [] if hits else [path]
                named += hits
    return faults + [name for name in names if not has(named, name)]


section = PAGE.read_text(encoding="utf-8").split("## How to add\n", 1)[1].split("\n## ", 1)[0]
entries = re.findall(r"^- \*\*(.+?)\*\*(.*?)(?=^- \*\*|\Z)", section, re.M | re.S)
titles = [re.sub(r"^An? ", "", title).lower() for title, _ in entries]
found = [f"{PAGE}: no entry tells how to add: {wanted}" for wanted in ENTRIES if wanted not in titles]
for title, text in entries:
    found += [f"{PAGE}: {title}: {fault} is not there" for fault in faults_of(text)]
print(*found, f"{len(entries)} entries, {len(found)} faults", sep="\n")
sys.exit(bool(found) or not entries)
