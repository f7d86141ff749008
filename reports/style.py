"""One look for every figure: the colours of the page's style sheet, thin axes, units on every axis."""

from __future__ import annotations

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot  # after the backend is chosen

INK, SOFT, FAINT, GROUND = "#1f2933", "#616e7c", "#d9e0e6", "#ffffff"
ACCENT, SECOND, THIRD, WARN = "#1d5fa8", "#c7762b", "#3f8f6b", "#b3261e"
HEAT = "magma"

pyplot.rcParams.update(
    {
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "axes.titlesize": 9.5,
        "axes.titlelocation": "left",
        "axes.edgecolor": SOFT,
        "axes.labelcolor": SOFT,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "xtick.color": SOFT,
        "ytick.color": SOFT,
        "text.color": INK,
        "figure.facecolor": GROUND,
        "svg.fonttype": "path",
        "svg.hashsalt": "kernel_image_resize",
    }
)


def save(figure, path) -> None:
    """Writes a figure (SVG or PNG by its suffix) and forgets it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"Date": None} if path.suffix == ".svg" else {}
    figure.savefig(path, dpi=130, bbox_inches="tight", pad_inches=0.06, metadata=metadata)
    pyplot.close(figure)
