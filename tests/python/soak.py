"""make soak: the package's calls in turn for ten minutes; the process may not grow after the first.

    PYTHONPATH=build/python python tests/python/soak.py [--minutes 10] [--threads 1]

Exit codes: 0 it did not grow, 1 it grew by more than is allowed.
"""

import argparse
import gc
import os
import sys
import time
from pathlib import Path

ALLOWED = 8 << 20  # bytes more than after the first tenth


def resident():
    """Bytes of the process's pages that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def run(calls, seconds, report):
    """Calls in turn for so long; whether the process ended no larger than after the first tenth, plus ALLOWED."""
    begin = shown = time.monotonic()
    first, done, now = None, 0, begin
    while now - begin < seconds:
        for call in calls.values():  # a whole round: the process is measured at the same place of it
            for _ in range(20):
                call()
        done += 20 * len(calls)
        gc.collect()
        now = time.monotonic()
        if first is None and now - begin >= seconds / 10:
            first = resident()
        if now - shown >= report or now - begin >= seconds:
            shown = now
            print(f"{now - begin:6.0f} s  {done:9} calls  {resident() / 2**20:8.1f} MiB", flush=True)
    grown = resident() - first
    print(f"{grown / 2**20:+.2f} MiB after the first tenth; {ALLOWED / 2**20:.0f} are allowed")
    return grown <= ALLOWED


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--threads", type=int, default=1, help="torch's; with one, results share a heap with all else")
    options = parser.parse_args()

    import calls as package
    import kernel_image_resize as kir
    import torch

    torch.set_num_threads(options.threads)
    image = lambda *sides: torch.randint(0, 256, sides, dtype=torch.uint8)  # noqa: E731
    ragged, batch = [image(3, 64, 64)], image(4, 3, 224, 224)
    photographs = [image(3, 480, 640), image(3, 333, 500)]
    calls = (
        package.of_ops([image(3, 8, 9)])
        | package.of_hub_copy([image(3, 8, 10)])
        | {
            "one of 64 x 64": lambda: kir.resize_normalize(ragged, 384, 0.5, 0.5),
            "four of 224 x 224": lambda: kir.resize_normalize(batch, 224, 0.5, 0.5),
            "photographs": lambda: kir.resize_normalize(photographs, 384, 0.5, 0.5),
        }
    )
    try:
        calls |= package.of_processors(photographs)
    except ImportError as error:
        print(f"without processors: {error}")
    return 0 if run(calls, 60 * options.minutes, report=30) else 1


if __name__ == "__main__":
    sys.exit(main())
