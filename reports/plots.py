"""The plots of the report, from what reports.measured read."""

from __future__ import annotations

from pathlib import Path

from matplotlib import pyplot
from matplotlib.ticker import FuncFormatter

from reports import style
from reports.words import seconds as seconds_text

COLOURS = {"copy": style.SOFT, "cpu": style.ACCENT, "libtorch": style.SECOND, "plan": style.ACCENT}


def coverage(kinds: list[dict], path: Path) -> None:
    """Supported and other configurations by what they write, stacked."""
    figure, axes = pyplot.subplots(figsize=(8.6, 0.3 * len(kinds) + 0.9), layout="constrained")
    names = [kind["name"] for kind in kinds][::-1]
    supported = [kind["supported"] for kind in kinds][::-1]
    others = [kind["total"] - kind["supported"] for kind in kinds][::-1]
    axes.barh(names, supported, color=style.ACCENT, height=0.66, label="supported")
    axes.barh(names, others, left=supported, color=style.FAINT, height=0.66, label="refused by name")
    for y, (done, rest) in enumerate(zip(supported, others, strict=True)):
        axes.text(done + rest, y, f"  {done} of {done + rest}", va="center", color=style.SOFT)
    axes.set_xlabel("configurations")
    axes.tick_params(axis="y", length=0)
    axes.legend(frameon=False, loc="lower right")
    style.save(figure, path)


def parity(rows: list[dict], path: Path) -> bool:
    """A dot a configuration that differs at all, below its bound, on a log axis; one column a pair of backends."""
    errors = [sorted(c["max_abs"] for c in row["configs"] if c.get("max_abs")) for row in rows]
    every = [error for column in errors for error in column]
    if not every:
        return False
    bounds = sorted({c["bound"] for row in rows for c in row["configs"] if c.get("bound")})
    figure, axes = pyplot.subplots(figsize=(8.6, 3.6), layout="constrained")
    for x, column in enumerate(errors):
        spread = [x + 0.7 * (i + 0.5) / len(column) - 0.35 for i in range(len(column))]
        axes.semilogy(spread, column, ".", color=style.ACCENT, markersize=4.5)
    for bound in bounds:
        axes.axhline(bound, color=style.WARN, linewidth=1)
        axes.annotate(
            f" bound {bound:.0e}", (1, bound), xycoords=("axes fraction", "data"), va="center", color=style.WARN
        )
    labels = [
        f"{row['backend']} against {row['oracle']}\n{row['numerics']}\n{row['equal']} of {row['compared']} all equal"
        for row in rows
    ]
    axes.set_xticks(range(len(rows)), labels)
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-0.5, len(rows) - 0.5)
    axes.set_ylim(min(every) / 3, max([*bounds, *every]) * 4)
    axes.set_ylabel("largest error, normalized units")
    axes.grid(axis="y", color=style.FAINT, linewidth=0.5)
    style.save(figure, path)
    return True


def speed(case: dict, path: Path) -> bool:
    """Median time of each contender that was verified, with its ratio to the copy floor."""
    rows = sorted((row for row in case["rows"] if row["seconds"]), key=lambda row: -row["seconds"])
    if not rows:
        return False
    figure, axes = pyplot.subplots(figsize=(8.6, 0.34 * len(rows) + 0.9), layout="constrained")
    longest = rows[0]["seconds"]
    for y, row in enumerate(rows):
        axes.barh(y, row["seconds"], color=COLOURS.get(row["contender"].split("_")[0], style.THIRD), height=0.62)
        text = f"  {seconds_text(row['seconds'])}"
        if "copy" in row["ratios"] and row["contender"] != "copy":
            text += f",  {row['ratios']['copy']:.3g} × copy"
        axes.text(row["seconds"], y, text, va="center", color=style.INK)
    axes.set_yticks(range(len(rows)), [row["words"] for row in rows])
    axes.set_xlim(0, longest * 1.32)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: seconds_text(value)))
    axes.set_xlabel(f"median time of one batch, {case['images']} images")
    axes.tick_params(axis="y", length=0)
    style.save(figure, path)
    return True


def gpu(table: dict, path: Path) -> bool:
    """Times over that of the plain copy, by suite: ours, libtorch's, and what the gate accepts, on a log axis."""
    suites = [
        (suite["suite"], [row for row in suite["rows"] if "ratio_to_copy" in row and row["contender"] != "copy"])
        for suite in table["suites"]
    ]
    suites = [(name, rows) for name, rows in suites if rows][::-1]
    if not suites:
        return False
    colours = {"cuda-separable": style.ACCENT, "cuda-fused": style.THIRD, "libtorch-cuda": style.SECOND}
    marks = {"float32": "o", "torch_cpu": "s"}
    figure, axes = pyplot.subplots(figsize=(8.6, 0.32 * len(suites) + 1.5), layout="constrained")
    axes.axvline(1, color=style.SOFT, linewidth=1)
    named = {}
    for y, (_, rows) in enumerate(suites):
        for row in rows:
            for bound in row["accepted"]:
                if bound["value"] == "ratio_to_copy":
                    (line,) = axes.plot(bound["at_most"], y, "|", color=style.WARN, markersize=14)
                    named["accepted at most"] = line
            colour = colours.get(row["backend"], style.SOFT)
            mark = marks.get(row["numerics"], "o")
            (dot,) = axes.semilogx(row["ratio_to_copy"], y, mark, color=colour, markersize=6)
            named[row["words"]] = dot
    axes.set_yticks(range(len(suites)), [name for name, _ in suites])
    axes.set_ylim(-0.6, len(suites) - 0.4)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
    axes.set_xlabel("device time a call, over a plain copy of the needed bytes in the same run")
    axes.grid(axis="x", color=style.FAINT, linewidth=0.5)
    figure.legend(named.values(), named.keys(), frameon=False, loc="outside lower center", ncols=3)
    style.save(figure, path)
    return True
