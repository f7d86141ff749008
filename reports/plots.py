"""The plots of the report, from what reports.measured read."""

from __future__ import annotations

from pathlib import Path

from matplotlib import pyplot
from matplotlib.ticker import FuncFormatter

from reports import style
from reports.words import seconds as seconds_text

COLOURS = {"copy": style.SOFT, "cpu": style.ACCENT, "libtorch": style.SECOND, "plan": style.ACCENT}


def coverage(families: list[dict], path: Path) -> None:
    """Supported and other configurations of each family, stacked."""
    figure, axes = pyplot.subplots(figsize=(8.6, 0.3 * len(families) + 0.9), layout="constrained")
    names = [family["name"] for family in families][::-1]
    supported = [family["supported"] for family in families][::-1]
    others = [family["total"] - family["supported"] for family in families][::-1]
    axes.barh(names, supported, color=style.ACCENT, height=0.66, label="supported")
    axes.barh(names, others, left=supported, color=style.FAINT, height=0.66, label="refused by name")
    for y, (done, rest) in enumerate(zip(supported, others, strict=True)):
        axes.text(done + rest, y, f"  {done} of {done + rest}", va="center", color=style.SOFT)
    axes.set_xlabel("configurations")
    axes.tick_params(axis="y", length=0)
    axes.legend(frameon=False, loc="lower right")
    style.save(figure, path)


def parity(rows: list[dict], path: Path) -> bool:
    """Each configuration's largest error below its bound, on a log axis; one panel a pair that has any error."""
    shown = [row for row in rows if any(config.get("max_abs") for config in row["configs"])]
    if not shown:
        return False
    figure, grid = pyplot.subplots(1, len(shown), figsize=(4.6 * len(shown), 3.0), layout="constrained", squeeze=False)
    for axes, row in zip(grid[0], shown, strict=True):
        errors = sorted(config["max_abs"] for config in row["configs"] if config.get("max_abs"))
        bounds = {config["bound"] for config in row["configs"] if config.get("bound")}
        axes.semilogy(range(1, len(errors) + 1), errors, ".", color=style.ACCENT, markersize=5)
        for bound in bounds:
            axes.axhline(bound, color=style.WARN, linewidth=1)
            axes.annotate(
                f"bound {bound:.0e}", (0.01, bound), xycoords=("axes fraction", "data"), va="bottom", color=style.WARN
            )
        axes.set_ylim(min(errors) / 3, max([*bounds, *errors]) * 4)
        axes.set_title(f"{row['backend']} against {row['oracle']}, {row['numerics']}")
        axes.set_xlabel("configurations with any difference, by error")
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
    axes.set_xlabel(f"median time of one batch of {case['images']} images")
    axes.tick_params(axis="y", length=0)
    style.save(figure, path)
    return True
