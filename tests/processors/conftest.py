"""The seed of a run, its images, and the table of achieved errors at its end."""

import collections
import math
import os
import secrets
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest


def pytest_configure():
    os.environ.setdefault("KIR_TEST_SEED", str(secrets.randbits(32)))  # before pytest-xdist starts its workers


def pytest_report_header():
    return f"noise: KIR_TEST_SEED={os.environ['KIR_TEST_SEED']} (set it to repeat a run)"


@dataclass(frozen=True)
class Images:
    """Image files. `photographs` are bundled with scikit-image; the others are noise, fresh in every run."""

    photographs: list[Path]
    noise: list[Path]  # odd sizes
    edges: list[Path]  # one pixel, one row, one column, long and flat
    extreme: list[Path]  # a ratio above 200, which some classes refuse
    grey: list[Path]  # one channel, .npy


@pytest.fixture(scope="session")
def images(tmp_path_factory):
    import numpy
    import skimage
    from PIL import Image

    folder = tmp_path_factory.mktemp("images")
    seed = int(os.environ["KIR_TEST_SEED"])

    def noise(name, height, width, channels=3):
        # Each file has its own stream, so that it is the same in every worker.
        random = numpy.random.default_rng([seed, zlib.crc32(name.encode())])
        pixels = random.integers(0, 256, (height, width, channels), dtype=numpy.uint8)
        path = folder / f"{name}_{height}x{width}.{'png' if channels == 3 else 'npy'}"
        if channels == 3:
            Image.fromarray(pixels).save(path)
        else:
            numpy.save(path, pixels.transpose(2, 0, 1))
        return path

    odd = [int(v) | 1 for v in numpy.random.default_rng(seed).integers(30, 340, 4)]
    data = Path(skimage.__file__).parent / "data"
    return Images(
        photographs=[data / name for name in ("chelsea.png", "coffee.png", "rocket.jpg", "astronaut.png")],
        noise=[noise("noise", odd[0], odd[1]), noise("noise", odd[2], odd[3])],
        edges=[noise("edge", *size) for size in ((1, 1), (1, 17), (17, 1), (5, 40), (64, 3))],
        extreme=[noise("extreme", 2, 401), noise("extreme", 401, 2)],
        grey=[noise("grey", 97, 131, 1), noise("grey", 60, 45, 1)],
    )


# ----------------------------------------------------------------------------------------------------------------------
# The table. Tests hand their results over by record_property, which pytest-xdist carries from its workers:
# "achieved" [processor, check, max_abs, elements], "refused" and "not_on_cpu" a text each.


def pytest_terminal_summary(terminalreporter):
    properties = [
        item
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for item in report.user_properties
    ]
    rows = {}
    for name, value in properties:
        if name == "achieved":
            processor, check, max_abs, elements = value
            largest, count = rows.setdefault(processor, {}).get(check, (0.0, 0))
            larger = max_abs if math.isnan(max_abs) else max(largest, max_abs)
            rows[processor][check] = (larger, count + elements)
    if not rows:
        return

    write = terminalreporter.write_line
    checks = sorted({check for row in rows.values() for check in row})
    width = max(map(len, rows))
    terminalreporter.section("largest absolute error against the installed transformers processors")
    write(" ".join(["".ljust(width), *(check.rjust(max(len(check), 9)) for check in checks), "elements"]))
    for processor in sorted(rows):
        row = rows[processor]
        cells = [(f"{row[c][0]:.2e}" if c in row else "-").rjust(max(len(c), 9)) for c in checks]
        write(" ".join([processor.ljust(width), *cells, str(sum(count for _, count in row.values()))]))
    for name, meaning in (
        ("refused", "runs that the processor and kir both refuse"),
        ("not_on_cpu", "runs that the cpu backend does not support yet"),
    ):
        found = collections.Counter(value for key, value in properties if key == name)
        if found:
            write(
                f"{found.total()} {meaning}: {', '.join(f'{text} x{count}' for text, count in sorted(found.items()))}"
            )
