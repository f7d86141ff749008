"""Writes golden_pillow.json: sums of what several versions of Pillow make of images that a formula gives.

    python make_golden_pillow.py numerics=folder ...

Each folder holds an unpacked wheel of the Pillow that the numerics is named after. The file is the proof of a version
where that one cannot be installed; test_sweeps.py compares with fresh images. A case is
[filter, seed, height, width, new height, new width, sum, box], the box (y0, x0, y1, x1) in eighths of a pixel, or none.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy

FILTERS = ("nearest-exact", "lanczos3", "bilinear", "bicubic", "box", "hamming")  # as Pillow numbers them
CASES = 60


def mixed(values):
    """Bits of 32-bit integers, mixed."""
    values = values.astype(numpy.uint32)
    values = (values ^ (values >> 16)) * numpy.uint32(0x85EBCA6B)
    values = (values ^ (values >> 13)) * numpy.uint32(0xC2B2AE35)
    return values ^ (values >> 16)


def image_of(seed, height, width):
    """H x W x 3 levels."""
    counts = numpy.arange(height * width * 3, dtype=numpy.uint32) + numpy.uint32(seed * 0x9E3779B1 & 0xFFFFFFFF)
    return (mixed(counts) >> 24).astype(numpy.uint8).reshape(height, width, 3)


def sum_of(levels):
    """A sum of 32 bits that every level and place is in; levels are H x W x 3."""
    flat = levels.reshape(-1).astype(numpy.uint32) + 1
    return int((flat * mixed(numpy.arange(flat.size))).sum(dtype=numpy.uint32))


def cases_of(numerics):
    from PIL import Image

    random = numpy.random.default_rng(12)
    cases = []
    for number, name in enumerate(FILTERS):
        for case in range(CASES):
            height, width, rows, columns = (int(random.choice([1, 2, *random.integers(3, 150, 8)])) for _ in range(4))
            if case % 6 == 0:
                height, width = 40 * rows, max(1, width // 8)
            if case % 6 == 1:
                height, width = 101 * width // 8 + 101, max(1, width // 8)
            if case % 6 == 2:
                height, width = max(1, height // 8), 40 * columns
            pixels = image_of(case, height, width)
            box, picture, part = None, Image.fromarray(pixels), None
            if numerics == "pillow11" and case % 2 == 1 and name != "nearest-exact":  # the other orders follow the size
                y0, y1 = sorted(random.choice(8 * height + 1, 2, replace=False).tolist())
                x0, x1 = sorted(random.choice(8 * width + 1, 2, replace=False).tolist())
                box = [y0, x0, y1, x1]
                top, left = y0 // 8, x0 // 8
                picture = picture.crop((left, top, -(-x1 // 8), -(-y1 // 8)))
                part = (x0 / 8 - left, y0 / 8 - top, x1 / 8 - left, y1 / 8 - top)
            resized = numpy.asarray(picture.resize((columns, rows), Image.Resampling(number), box=part))
            cases.append([name, case, height, width, rows, columns, sum_of(resized), box])
    return cases


def main():
    if sys.argv[1:2] == ["--cases"]:
        import PIL

        print(json.dumps({"version": PIL.__version__, "cases": cases_of(sys.argv[2])}))
        return
    golden = {}
    for argument in sys.argv[1:]:
        numerics, folder = argument.split("=")
        command = [sys.executable, __file__, "--cases", numerics]
        run = subprocess.run(command, env={"PYTHONPATH": folder}, capture_output=True, text=True, check=True)
        golden[numerics] = json.loads(run.stdout)
    rows = [
        f'"{name}": {{"version": "{made["version"]}", "cases": [\n' + ",\n".join(map(json.dumps, made["cases"])) + "]}"
        for name, made in golden.items()
    ]
    Path(__file__).with_name("golden_pillow.json").write_text("{\n" + ",\n".join(rows) + "\n}\n")


main()
