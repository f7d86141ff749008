"""The one picture of the README: photograph, what the model sees, where we differ from libtorch, and the times."""

from __future__ import annotations

from pathlib import Path

from reports import pictures, pixels, showcase, style
from reports.words import error, seconds

TIMED = ["cpu_float", "libtorch_float", "libtorch_uint8"]


def draw_times(axes, read: dict) -> None:
    """Bars of the seed suite's contenders; an empty panel says so when there is none."""
    case = next((case for case in read["bench"] if case["suite"] == "seed"), None)
    rows = [row for row in case["rows"] if row["contender"] in TIMED and row["seconds"]] if case else []
    if not rows:
        axes.text(0.5, 0.5, "not timed", ha="center")
        return
    rows.sort(key=lambda row: -row["seconds"])
    for y, row in enumerate(rows):
        ours = row["contender"].startswith("cpu")
        axes.barh(y, row["seconds"], height=0.6, color=style.ACCENT if ours else style.SECOND)
        axes.text(row["seconds"], y, "  " + seconds(row["seconds"]), va="center")
    axes.set_yticks(range(len(rows)), [row["words"] for row in rows])
    axes.set_xlim(0, rows[0]["seconds"] * 1.35)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    axes.set_box_aspect(0.8)
    axes.set_title(f"time of {case['images']} images, {rows[0]['workers']} thread")
    axes.set_xlabel("median, verified before it was timed")


def draw(data: Path, read: dict, path: Path) -> None:
    folders = pictures.Folders(data, path.parent)
    shown = showcase.README
    found = pictures.compare(shown, folders)
    _, height, width = found["shape"]
    figure, axes = pictures.panels(4, width=14.0, height=3.3)
    pictures.draw_source(axes[0], shown, folders)
    pictures.show(axes[1], pixels.to_picture(found["levels"]), f"{shown.config}: {width} × {height}")
    title = f"cpu − libtorch: at most {error(float(found['error'].max()))}"
    pictures.show_heat(figure, axes[2], found["error"], title, "normalized units")
    draw_times(axes[3], read)
    style.save(figure, path)
