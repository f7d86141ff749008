"""The pictures of the report: what processors compute on photographs, and where two computations of it differ.

Reads data/tensors, writes figures/*.png and data/pictures.json with the numbers that the captions quote.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib import pyplot
from matplotlib.patches import Rectangle
from safetensors.numpy import load_file
from tqdm import tqdm

from reports import photographs, pixels, showcase, style
from reports.collect import COMPUTED, PROGRESS_SECONDS, tensor_file, write_json
from reports.showcase import Shown


@dataclass(frozen=True)
class Folders:
    data: Path
    figures: Path

    def config(self, shown: Shown) -> dict:
        return json.loads((self.data / f"config_{shown.config}.json").read_text())

    def plan(self, shown: Shown) -> dict:
        return json.loads((self.data / f"plan_{shown.config}.json").read_text())

    def result_tensors(self, shown: Shown) -> dict[str, np.ndarray]:
        return load_file(self.data / tensor_file(shown, "reference", "torch_cpu", "safetensors"))


# ---------------------------------------------------------------------------------------------------------------------
# Panels


def show(axes, picture: np.ndarray, title: str) -> None:
    axes.imshow(picture, interpolation="antialiased")
    axes.set_title(title)
    axes.set_xlabel("x, pixels")
    axes.set_ylabel("y, pixels")
    axes.tick_params(length=2)


def show_heat(figure, axes, values: np.ndarray, title: str, unit: str) -> None:
    """A heat map with its scale. All zeros is drawn as such, on a scale of one."""
    top = float(values.max()) or 1.0
    image = axes.imshow(values, cmap=style.HEAT, vmin=0, vmax=top, interpolation="nearest")
    axes.set_title(title)
    axes.set_xlabel("x, pixels")
    axes.tick_params(length=2)
    bar = figure.colorbar(image, ax=axes, fraction=0.046, pad=0.03)
    bar.set_label(unit)
    bar.formatter.set_powerlimits((-2, 3))
    bar.outline.set_linewidth(0.4)


def show_matrix(axes, tokens: np.ndarray, title: str) -> None:
    """The tensor as the model receives it: one row a token."""
    axes.imshow(tokens, cmap="gray", aspect="auto", interpolation="antialiased")
    axes.set_title(title)
    axes.set_xlabel("value within the token")
    axes.set_ylabel("token")
    axes.tick_params(length=2)


def source_window(plan: dict) -> tuple[float, float, float, float] | None:
    """The part of the photograph that the first job's window covers: y0, x0, height, width in source pixels."""
    job = plan["levels"][0]["jobs"][0]
    sides = []
    for axis in (job["y"], job["x"]):
        per_pixel = axis["in"] / axis["out"]
        sides.append((axis["first"] * per_pixel, axis["count"] * per_pixel))
    (y0, height), (x0, width) = sides
    whole = height >= job["y"]["in"] and width >= job["x"]["in"]
    return None if whole else (y0, x0, height, width)


def panels(count: int, width: float = 13.0, height: float = 3.5):
    return pyplot.subplots(1, count, figsize=(width, height), layout="constrained")


# ---------------------------------------------------------------------------------------------------------------------
# One processor: photograph, result, error against libtorch, what rounding to levels changes


def compare(shown: Shown, folders: Folders) -> dict:
    """The arrays of a processor's picture and the numbers about them."""
    config = folders.config(shown)
    ours, oracle, rounded = (
        np.load(folders.data / tensor_file(shown, backend, numerics, "npy"))[0] for backend, numerics in COMPUTED
    )
    levels = pixels.to_levels(ours, config)
    error = np.abs(ours.astype(np.float64) - oracle).max(axis=0)
    rounding = np.abs(levels - pixels.to_levels(rounded, config)).max(axis=0)
    return {"shape": list(ours.shape), "levels": levels, "error": error, "rounding": rounding}


def draw_source(axes, shown: Shown, folders: Folders) -> None:
    photograph = photographs.find(shown.photographs[0])
    picture = pixels.photograph(photograph.path)
    show(axes, picture, f"source: {photograph.name}, {picture.shape[1]} × {picture.shape[0]}")
    window = source_window(folders.plan(shown))
    if window:
        y0, x0, height, width = window
        axes.add_patch(Rectangle((x0, y0), width, height, fill=False, edgecolor="white", linewidth=2.2))
        axes.add_patch(Rectangle((x0, y0), width, height, fill=False, edgecolor=style.WARN, linewidth=1.1))


def draw_processor(shown: Shown, folders: Folders) -> dict:
    found = compare(shown, folders)
    _, height, width = found["shape"]
    figure, axes = panels(4)
    draw_source(axes[0], shown, folders)
    show(axes[1], pixels.to_picture(found["levels"]), f"{shown.config}: {width} × {height}, un-normalised")
    show_heat(figure, axes[2], found["error"], "|cpu − libtorch|, float32", "normalized units")
    show_heat(figure, axes[3], found["rounding"], "|float32 − torch_cpu|", "levels of 255")
    path = folders.figures / f"processor_{shown.config}.png"
    style.save(figure, path)
    return {
        "config": shown.config,
        "words": shown.words,
        "photographs": list(shown.photographs),
        "figure": f"figures/{path.name}",
        "shape": found["shape"],
        "max_error": float(found["error"].max()),
        "mean_error": float(found["error"].mean()),
        "max_rounding": float(found["rounding"].max()),
        "mean_rounding": float(found["rounding"].mean()),
    }


# ---------------------------------------------------------------------------------------------------------------------
# Beyond one picture in, one picture out


def draw_padding(shown: Shown, folders: Folders) -> tuple:
    """detr: each image on the batch's canvas, the mask's zeros hatched."""
    tensors = folders.result_tensors(shown)
    canvases = pixels.to_levels(tensors["pixel_values"], folders.config(shown))
    figure, axes = panels(2 * len(canvases))
    for i, (name, canvas, mask) in enumerate(zip(shown.photographs, canvases, tensors["pixel_mask"], strict=True)):
        show(axes[2 * i], pixels.photograph(photographs.find(name).path), f"image {i}: {name}")
        show(axes[2 * i + 1], pixels.to_picture(canvas), f"canvas {i} and its mask")
        padded = np.asarray(mask == 0, float)
        if padded.any():
            axes[2 * i + 1].contourf(padded, levels=[0.5, 1.5], colors="none", hatches=["////"])
    return figure, tensors


def draw_patches(shown: Shown, folders: Folders) -> tuple:
    """qwen2_vl: the tokens put back to their places, merged blocks apart."""
    tensors, config = folders.result_tensors(shown), folders.config(shown)
    tokens, grid = tensors["pixel_values"], tensors["image_grid_thw"][0]
    patches = pixels.to_picture(pixels.to_levels(pixels.qwen2_vl_patches(tokens, grid, config), config))
    figure, axes = panels(3, height=3.9)
    show(axes[0], pixels.photograph(photographs.find(shown.photographs[0]).path), f"source: {shown.photographs[0]}")
    back = pixels.montage(patches, gap=1, outer_every=config["merge_size"], outer_gap=4)
    show(axes[1], back, f"{grid[1]} × {grid[2]} patches, merged by {config['merge_size']} × {config['merge_size']}")
    show_matrix(axes[2], tokens, "pixel_values, as the model reads them")
    return figure, tensors


def draw_tiles(shown: Shown, folders: Folders) -> tuple:
    """idefics3: the canvas cut to tiles, and the whole picture as the last tile."""
    tensors = folders.result_tensors(shown)
    tiles = pixels.to_picture(pixels.to_levels(tensors["pixel_values"][0], folders.config(shown)))
    cut, side = len(tiles) - 1, tiles.shape[1]
    shapes = [(canvas["height"] // side, canvas["width"] // side) for canvas in folders.plan(shown)["canvases"]]
    rows, columns = next((shape for shape in shapes if shape[0] * shape[1] == cut), (1, cut))
    figure, axes = panels(3, height=3.4)
    show(axes[0], pixels.photograph(photographs.find(shown.photographs[0]).path), f"source: {shown.photographs[0]}")
    grid = tiles[:cut].reshape(rows, columns, *tiles.shape[1:])
    show(axes[1], pixels.montage(grid, gap=side // 20), f"{rows} × {columns} tiles of {side} × {side}")
    show(axes[2], tiles[cut], "the last tile: the whole picture")
    return figure, tensors


def draw_statistics(shown: Shown, folders: Folders) -> tuple:
    """pix2struct: patches at the row and column that they carry, un-normalised by the picture's own statistics."""
    tensors, config = folders.result_tensors(shown), folders.config(shown)
    flattened = tensors["flattened_patches"][0]
    picture = pixels.photograph(photographs.find(shown.photographs[0]).path)
    patches = pixels.own_statistics(pixels.pix2struct_patches(flattened, config), picture)
    figure, axes = panels(3, height=3.9)
    show(axes[0], picture, f"source: {shown.photographs[0]}")
    show(axes[1], pixels.montage(pixels.to_picture(patches), gap=2), f"{patches.shape[0]} × {patches.shape[1]} patches")
    show_matrix(axes[2], flattened[:, 2:], "flattened_patches without row and column")
    return figure, tensors


DRAW_BEYOND = {
    showcase.PAD.config: draw_padding,
    showcase.PATCHES.config: draw_patches,
    showcase.TILES.config: draw_tiles,
    showcase.STATISTICS.config: draw_statistics,
}


def draw_beyond(shown: Shown, folders: Folders) -> dict:
    figure, tensors = DRAW_BEYOND[shown.config](shown, folders)
    path = folders.figures / f"beyond_{shown.config}.png"
    style.save(figure, path)
    outputs = [{"key": key, "type": str(value.dtype), "shape": list(value.shape)} for key, value in tensors.items()]
    return {
        "config": shown.config,
        "words": shown.words,
        "photographs": list(shown.photographs),
        "figure": f"figures/{path.name}",
        "outputs": outputs,
    }


# ---------------------------------------------------------------------------------------------------------------------


def _attempt(draw, shown: Shown, folders: Folders) -> dict:
    """The picture's record; a missing or unreadable tensor is named in it."""
    try:
        return draw(shown, folders)
    except (OSError, KeyError, ValueError) as error:
        pyplot.close("all")
        return {
            "config": shown.config,
            "photographs": list(shown.photographs),
            "missing": f"{type(error).__name__}: {error}",
        }


def draw_all(data: Path, figures: Path) -> dict:
    folders = Folders(data, figures)
    work = [("processors", draw_processor, shown) for shown in showcase.PROCESSORS]
    work += [("beyond", draw_beyond, shown) for shown in showcase.BEYOND]
    records: dict = {"processors": [], "beyond": []}
    for kind, draw, shown in tqdm(work, desc="pictures", unit="picture", mininterval=PROGRESS_SECONDS):
        records[kind].append(_attempt(draw, shown, folders))
    write_json(data / "pictures.json", records)
    return records
