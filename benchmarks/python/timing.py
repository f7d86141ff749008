"""Three times of a call, in microseconds by the host's clock.

wall: a call in a train of calls, from before the first to when the device is idle again: what a loop over batches pays.
host: until a call is back, on a device that is idle when it begins: what it costs the host's thread.
latency: until the result is there, on an idle device.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor

REPETITIONS = 15
SECONDS_A_TRAIN = 0.05
MOST_CALLS = 500


def _median(values: list[float]) -> dict[str, float]:
    quarters = statistics.quantiles(values, n=4)
    return {"median": round(quarters[1], 2), "low": round(quarters[0], 2), "high": round(quarters[2], 2)}


def times(
    run: Callable[[list[Tensor]], Tensor], batches: list[list[Tensor]], device: torch.device
) -> dict[str, dict[str, float]]:
    """Median and quartiles of each time. The batches take turns, so that they do not stay in a cache."""
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None

    def train(calls: int) -> float:
        wait()
        begin = time.perf_counter()
        for i in range(calls):
            run(batches[i % len(batches)])
        wait()
        return (time.perf_counter() - begin) / calls

    def single(batch: list[Tensor]) -> tuple[float, float]:
        wait()
        begin = time.perf_counter()
        run(batch)
        back = time.perf_counter()
        wait()
        return back - begin, time.perf_counter() - begin

    once = train(3)
    calls = max(3, min(MOST_CALLS, int(SECONDS_A_TRAIN / once)))
    train(calls)
    wall = [train(calls) for _ in range(REPETITIONS)]
    singles = [single(batches[i % len(batches)]) for i in range(4 * REPETITIONS)]
    microseconds = lambda values: _median([1e6 * value for value in values])  # noqa: E731
    return {
        "wall_us": microseconds(wall),
        "host_us": microseconds([back for back, _ in singles]),
        "latency_us": microseconds([whole for _, whole in singles]),
    }
