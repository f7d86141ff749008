"""Evidence files under reports/recorded: written so that a difference shows row by row, stamped by `kir gate`."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

UNFINISHED = ".unfinished"  # ends the name of evidence in which a part is missing


def source_stamp(kir: Path, source: Path, command: str) -> dict:
    """The hashes of the files and plans that evidence of this command depends on, as `kir gate --stamp` writes them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stamp.json"
        file.write_text(json.dumps({"command": command}))
        words = [str(kir), "gate", "--source", str(source), "--stamp", str(file)]
        done = subprocess.run(words, cwd=source, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")
        return json.loads(file.read_text())["sources"]


def is_fresh(sources: dict | None, today: dict) -> bool:
    """Whether a stamp is of today's files, and its plans are what they were. A plan that came since changes nothing."""
    if sources is None or any(sources.get(key) != today.get(key) for key in ("hash", "files")):
        return False
    plans = sources.get("plans", {})
    return bool(plans) == bool(today.get("plans")) and plans.items() <= today.get("plans", {}).items()


def readable(kir: Path, source: Path) -> list[dict]:
    """What a report shows, complete evidence first; "but" says what is the matter with it, if anything.

    Unfinished evidence is shown where it is of today's sources. A kir that cannot say what those are leaves it out.
    """
    folder, stamps = source / "reports" / "recorded", {}

    def is_of_today(one: dict) -> bool | None:
        try:
            if one["command"] not in stamps:
                stamps[one["command"]] = source_stamp(kir, source, one["command"])
            return is_fresh(one["sources"], stamps[one["command"]])
        except (KeyError, RuntimeError):
            return None

    found = []
    for path in sorted(folder.glob("*.json")):
        one = json.loads(path.read_text())
        found.append(one | ({"but": "of other sources"} if is_of_today(one) is False else {}))
    for path in sorted(folder.glob(f"*{UNFINISHED}")):
        one = json.loads(path.read_text())
        if is_of_today(one):
            found.append(one | {"but": "not finished"})
    return found


def text_of(evidence: dict) -> str:
    """JSON with one line for each item of a list of objects."""
    lines = []
    for key, value in evidence.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n".join(f"  {json.dumps(row)}" for row in value)
            lines.append(f" {json.dumps(key)}: [\n{rows}\n ]")
        else:
            lines.append(f" {json.dumps(key)}: " + json.dumps(value, indent=1).replace("\n", "\n "))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def write(path: Path, evidence: dict) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(text_of(evidence))
    part.replace(path)
