"""The README's tables of what a user gains, from the recorded evidence: python -m reports.readme_gains

Everything between the two markers of README.md is written anew; --check writes nothing, and ends with 1 where README.md
says something else than the evidence.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- gains: written by reports/readme_gains.py -->\n", "<!-- end of gains -->\n"
TIE = 0.1  # times that differ by less say nothing
LAYOUTS = {"hwc": "as decoded", "chw": "planar"}


def readable(milliseconds: float) -> str:
    return f"{milliseconds:.3g}" if milliseconds < 100 else f"{milliseconds:.0f}"


def verdict(before: float, after: float) -> str:
    """How two times compare: "1.4 x faster", "2 x slower"."""
    if abs(after - before) <= TIE * max(before, after):
        return "the same"
    return f"{before / after:.2g} × faster" if after < before else f"**{after / before:.2g} × slower**"


def cell(own: dict, ours: dict) -> str:
    """ "4.06 → 4.9, 1.2 x slower": milliseconds an image, its own and installed."""
    if "wall_us" not in ours:
        return ours.get("wrong") or ours["absent"]
    before, after = (row["wall_us"]["median"] / row["images"] / 1000 for row in (own, ours))
    rounds = ours["ratio_to_own"]
    said = "the same" if rounds["low"] <= 1 <= rounds["high"] else verdict(before, after)
    return f"{readable(before)} → {readable(after)}, {said}"


def cpu_table(evidence: dict) -> list[str]:
    rows = {(row["suite"], row["contender"]): row for row in evidence["calls"]}
    places = list(dict.fromkeys((row["layout"], row["threads"]) for row in evidence["calls"]))
    places.sort(key=lambda place: (list(LAYOUTS).index(place[0]), place[1]))
    heads = [f"{LAYOUTS[layout]}, {threads} thread{'s' if threads > 1 else ''}" for layout, threads in places]
    lines = [f"| {' | '.join(['processor', *heads])} |", "|---" * (len(places) + 1) + "|"]
    for suite in dict.fromkeys(suite for suite, _ in rows):
        cells = []
        for layout, threads in places:
            place = f"{layout}_{threads}_thread{'s' if threads > 1 else ''}"
            own, ours = rows.get((suite, f"own_{place}")), rows.get((suite, f"installed_{place}"))
            cells.append(cell(own, ours) if own and ours else "–")
        about = next(row for (name, _), row in rows.items() if name == suite)
        lines.append(f"| {about['about']}; {about['images']} photographs | {' | '.join(cells)} |")
    packages = evidence["environment"]["packages"]
    versions = ", ".join(f"{name} {packages[name]}" for name in ("torch", "transformers") if name in packages)
    lines += ["", f"CPU, milliseconds an image, its own → installed: {evidence['device']}, {versions}."]
    return lines


def gpu_lines(evidence: dict) -> list[str]:
    """One line a batch: the processor of transformers on CUDA tensors, and one call of ours."""
    rows = {(row["suite"], row["contender"]): row for row in evidence["calls"]}
    lines = []
    for suite in dict.fromkeys(suite for suite, _ in rows):
        theirs, ours = (rows.get((suite, name), {}) for name in ("transformers_fast", "kernel_image_resize"))
        if "wall_us" in theirs and "wall_us" in ours:
            before, after = (row["wall_us"]["median"] / 1000 for row in (theirs, ours))
            count = suite.removeprefix("python_n")
            images = f"{count} image{'s' if count != '1' else ''}"
            cells = (evidence["device"], images, readable(before), readable(after), verdict(before, after))
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def text(recorded: Path) -> str:
    """What stands between the markers."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(recorded.glob("python_*.json"))]
    lines: list[str] = []
    for evidence in found:
        if evidence["command"] == "make record-cpu":
            lines += [*cpu_table(evidence), ""]
    if not lines:
        lines = ["CPU: not recorded for these sources yet (`make record-cpu`).", ""]
    on_gpus = [line for one in found if one["command"] == "make record-python" for line in gpu_lines(one)]
    if not on_gpus:
        lines += ["GPU: not recorded for these sources yet (`make record-python`).", ""]
    else:
        lines += [
            "| GPU | a call on | SiglipImageProcessor, ms | `resize_normalize`, ms | |",
            "|---|---|--:|--:|---|",
            *on_gpus,
            "",
        ]
    return "\n" + "\n".join(lines) + "\n"


def renewed(readme: str, recorded: Path) -> str:
    """README.md with what the evidence says today."""
    if readme.count(BEGIN) != 1 or readme.count(END) != 1:
        raise ValueError(f"README.md: must have the line {BEGIN.strip()!r} once, and {END.strip()!r} once")
    before, rest = readme.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + text(recorded) + END + after


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m reports.readme_gains", description=__doc__.splitlines()[0])
    parser.add_argument("--readme", type=Path, default=SOURCE / "README.md")
    parser.add_argument("--recorded", type=Path, default=SOURCE / "reports" / "recorded", help="folder of the evidence")
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args(arguments)
    old = options.readme.read_text(encoding="utf-8")
    try:
        new = renewed(old, options.recorded)
    except ValueError as error:
        print(f"readme_gains: {error}", file=sys.stderr)
        return 2
    if new == old:
        return 0
    if options.check:
        print(
            f"readme_gains: {options.readme} differs from {options.recorded}: python -m reports.readme_gains",
            file=sys.stderr,
        )
        return 1
    options.readme.write_text(new, encoding="utf-8")
    print(f"wrote {options.readme}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
