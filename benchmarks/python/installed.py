"""What kernel_image_resize.install gains or costs on the CPU: a processor of transformers beside an installed copy.

Both are verified before they are timed: outputs that differ in a bit, or a call that was left to transformers, get no
time. Then both take turns in one process, so that a slow minute of the machine is a slow minute of both.
"""

from __future__ import annotations

import copy
import logging
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from benchmarks.python import photographs

ROUNDS = 31
LEAST_ROUNDS = 11
SEED = 20261201
THREADS = (1, 2)


@dataclass(frozen=True)
class Workload:
    name: str
    about: str
    processor: str  # a class of transformers, with the sizes that it has by itself unless given
    arguments: dict
    sizes: tuple[tuple[int, int], ...]


RAGGED = tuple(photographs.ragged_sizes(32, 384, 1024, SEED))
SQUARE = {"size": {"height": 384, "width": 384}}
WORKLOADS = (
    Workload("siglip", "to 384 x 384, bicubic", "SiglipImageProcessor", SQUARE, RAGGED),
    Workload("clip", "shortest edge to 224, bicubic, and the centre 224 x 224", "CLIPImageProcessor", {}, RAGGED),
    Workload("vit", "to 224 x 224, bilinear", "ViTImageProcessor", {}, RAGGED),
    Workload("big", "3000 x 4000 to 384 x 384, bicubic", "SiglipImageProcessor", SQUARE, ((3000, 4000),) * 2),
)


def channels_first(arrays: list) -> list[Tensor]:
    return [torch.from_numpy(array).permute(2, 0, 1).contiguous() for array in arrays]


def channels_last(arrays: list) -> list[Tensor]:
    """What transformers makes of a PIL image, and torchvision of a JPEG: a (C, H, W) view of (H, W, C) memory."""
    return [torch.from_numpy(array).permute(2, 0, 1) for array in arrays]


LAYOUTS: dict[str, Callable[[list], list[Tensor]]] = {"chw": channels_first, "hwc": channels_last}


class Complaint(Exception):
    """Why a pair gets no time."""


class Logged(logging.Handler):
    """Collects what the package says: it logs why it leaves a call to transformers."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def differing(ours: Tensor, own: Tensor) -> int:
    """How many values differ in a bit."""
    if (ours.shape, ours.dtype) != (own.shape, own.dtype):
        raise Complaint(f"{ours.dtype} {tuple(ours.shape)}, and its own {own.dtype} {tuple(own.shape)}")
    size = ours.element_size()
    one, other = (value.contiguous().view(torch.uint8).reshape(-1, size) for value in (ours, own))
    return int((one != other).any(dim=1).sum())


def verified(own, images: list[Tensor]):
    """An installed copy of the processor, how many values differ. Raises Complaint where ours did not compute."""
    import kernel_image_resize as kir

    logger, said = logging.getLogger("kernel_image_resize"), Logged()
    logger.addHandler(said)
    try:
        installed = kir.install(copy.deepcopy(own))
        if not kir.is_installed(installed) or kir.is_installed(own):
            raise Complaint("it is not installed")
        with torch.autograd.profiler.profile(use_kineto=False) as profile:
            ours = installed(images, return_tensors="pt")
        wanted = own(images, return_tensors="pt")
    finally:
        logger.removeHandler(said)
    if said.lines:
        raise Complaint("; ".join(said.lines))
    ops = {event.key for event in profile.key_averages()}
    if not any(op.startswith(f"{kir.ops.name}::") for op in ops):
        raise Complaint(f"no op of the package ran, only {', '.join(sorted(ops)) or 'none'}")
    if list(ours) != list(wanted):
        raise Complaint(f"keys {list(ours)}, and its own {list(wanted)}")
    return installed, sum(differing(ours[key], wanted[key]) for key in wanted)


def spread(values: list[float], digits: int) -> dict[str, float]:
    low, median, high = (round(value, digits) for value in statistics.quantiles(values, n=4))
    return {"median": median, "low": low, "high": high}


def times(own, installed, images: list[Tensor], rounds: int) -> tuple[list[float], list[float]]:
    """Microseconds of a call of each, round by round. Who begins changes, and a round that nobody sees comes first."""

    def microseconds(processor) -> float:
        begin = time.perf_counter()
        processor(images, return_tensors="pt")
        return 1e6 * (time.perf_counter() - begin)

    found: dict[int, list[float]] = {0: [], 1: []}
    for number in range(rounds + 1):
        for side in (0, 1) if number % 2 else (1, 0):
            value = microseconds((own, installed)[side])
            if number:
                found[side].append(value)
    return found[0], found[1]


def pair(workload: Workload, layout: str, threads: int, images: list[Tensor], rounds: int) -> list[dict]:
    """Two rows: the processor's own, and the installed one."""
    import transformers

    place = f"{layout}_{threads}_thread{'s' if threads > 1 else ''}"
    row = {"suite": f"install_{workload.name}", "images": len(images), "layout": layout, "threads": threads}
    about = f"{workload.processor}, {workload.about}"
    theirs = row | {"contender": f"own_{place}", "about": about}
    ours = row | {"contender": f"installed_{place}", "about": f"{about}; installed"}
    processor = getattr(transformers, workload.processor)(**workload.arguments)
    try:
        installed, ours["differing"] = verified(processor, images)
        if ours["differing"]:
            raise Complaint(f"{ours['differing']} values differ in a bit from its own")
    except Complaint as reason:
        return [theirs | {"absent": "the installed one is not timed"}, ours | {"wrong": f"{reason}: not timed"}]
    own, mine = times(processor, installed, images, rounds)
    theirs["wall_us"], ours["wall_us"] = spread(own, 1), spread(mine, 1)
    ours["ratio_to_own"] = spread([a / b for a, b in zip(mine, own, strict=True)], 4)
    ours["ratio_to_own"]["of_medians"] = round(statistics.median(mine) / statistics.median(own), 4)
    return [theirs, ours]


def measure(names: list[str], rounds: int) -> Iterator[list[dict]]:
    """The pairs of each workload, one after the other; torch's threads are as before at the end."""
    before = torch.get_num_threads()
    try:
        for workload in WORKLOADS:
            if workload.name not in names:
                continue
            arrays = photographs.batch(list(workload.sizes), SEED)
            for layout, arrange in LAYOUTS.items():
                images = arrange(arrays)
                for threads in THREADS:
                    torch.set_num_threads(threads)
                    yield pair(workload, layout, threads, images, rounds)
    finally:
        torch.set_num_threads(before)


def measurements(rows: list[dict]) -> list[dict]:
    """The flat list that a gate can bound."""
    made = []
    for row in rows:
        values = {
            "wall_us": (row.get("wall_us", {}).get("median"), "us"),
            "ratio_to_own": (row.get("ratio_to_own", {}).get("of_medians"), "ratio of times"),
            "differing": (row.get("differing"), "values"),
        }
        made += [
            {"name": f"{row['suite']} {row['contender']}: {key}", "value": value, "unit": unit}
            for key, (value, unit) in values.items()
            if value is not None
        ]
    return made


def shown(rows: list[dict]) -> str:
    own, ours = rows
    name = f"{ours['suite']:<15} {ours['contender']:<24}"
    if "wrong" in ours:
        return f"{name} {ours['wrong']}"
    each = lambda row: row["wall_us"]["median"] / row["images"] / 1000  # noqa: E731
    ratio = ours["ratio_to_own"]
    return (
        f"{name} own {each(own):7.2f} ms an image, installed {each(ours):7.2f}: {ratio['of_medians']:.3f} of its time, "
        f"rounds {ratio['low']:.3f} .. {ratio['high']:.3f}"
    )
