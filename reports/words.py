"""How numbers are written: enough digits to compare, and their unit."""

from __future__ import annotations

import math


def seconds(value: float | None) -> str:
    """0.00123 -> "1.23 ms"."""
    if value is None:
        return "–"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if abs(value) >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns" if value else "0"


def error(value: float | None) -> str:
    """A difference; NaN was written as null and is never nothing."""
    if value is None or not math.isfinite(value):
        return "not finite"
    return f"{value:.2e}" if value else "0"


def ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}×"


def percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.3g} %"


def count(value: float | None) -> str:
    """12345678 -> "12 345 678" with narrow spaces."""
    return "–" if value is None else f"{value:,}".replace(",", "\u202f")


def bandwidth(value: float | None) -> str:
    return "–" if value is None else f"{value / 2**30:.3g} GiB/s"


def microseconds(value: float | None) -> str:
    """46.812 -> "46.8", 44796.1 -> "44 796": the column says the unit."""
    if value is None:
        return "–"
    return count(round(value)) if value >= 1000 else f"{value:.3g}"


FILTERS = {f.__name__: f for f in (seconds, microseconds, error, ratio, percent, count, bandwidth)}
