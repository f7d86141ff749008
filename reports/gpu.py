"""What `kir bench` and `kir parity` say of a GPU, as the rows of recorded evidence; the names of its measurements."""

from __future__ import annotations

SAME = ("contender", "backend", "numerics", "images", "bytes", "verified_against", "max_abs", "bound")
TIMES = ("us", "isolated_us", "host_us", "wall_us", "calls", "host_limited", "megahertz")


def is_device_row(row: dict) -> bool:
    """Whether a row of Google Benchmark's is of a contender on a device, or of one that should have been."""
    return "isolated_us" in row or str(row.get("backend", "")).startswith(("cuda-", "libtorch-cuda"))


def _short(value):
    """Five significant digits: more are noise."""
    return float(f"{value:.5g}") if isinstance(value, float) else value


def bench_rows(found: dict) -> list[dict]:
    """One row a contender, its median times in microseconds or the error that refused it. `suite` is SUITE_CASE."""
    rows = [row for row in found["benchmarks"] if is_device_row(row)]
    spreads = {row["run_name"]: row["real_time"] for row in rows if row.get("aggregate_name") == "cv"}
    made = []
    for row in rows:
        failed = bool(row.get("error_occurred"))
        if not failed and row.get("aggregate_name") != "median":
            continue
        line = {"suite": f"{row['suite']}_{row['case']}"} | {key: _short(row[key]) for key in SAME if key in row}
        if failed:
            line["error"] = row.get("error_message", "no reason given")
        else:
            line |= {key: _short(row[key]) for key in TIMES if key in row}
            line["spread"] = _short(spreads.get(row["run_name"]))
            line |= {key: _short(value) for key, value in row.items() if key.startswith("ratio_to_")}
        made.append(line)
    return made


def parity_row(found: dict) -> dict:
    """A parity table in one line, with the configuration that is closest to its bound."""
    compared = [config for config in found["configs"] if config["cases"]]
    margins = [config["margin"] for config in compared if config.get("margin") is not None]
    kept = ("backend", "oracle", "numerics", "seed", "quick", "cases", "failed", "skipped", "max_abs", "worst")
    row = {key: found[key] for key in kept if key in found}
    row["compared"] = len(compared)
    row["equal"] = sum(1 for config in compared if not config["share_differing"])
    row["margin"] = min(margins, default=None)
    row["failures"] = found["failures"][:5]
    return row


def measurements(rows: list[dict], parity: list[dict]) -> list[dict]:
    """Every value that configs/gate.json may accept, by the name that the gate looks for."""
    made = []
    for row in parity:
        pair = f"{row['backend']} vs {row['oracle']}, {row['numerics']}"
        for of, key, unit in (
            ("largest error", "max_abs", "normalized units"),
            ("failed cases", "failed", "cases"),
            ("configurations compared", "compared", "configurations"),
        ):
            made.append({"name": f"{pair}: {of}", "value": row[key], "unit": unit})
    for row in rows:
        for key, value in row.items():
            unit = "us" if key in ("us", "host_us") else "ratio of times" if key.startswith("ratio_to_") else None
            if unit and key != f"ratio_to_{row['contender']}":
                made.append({"name": f"{row['suite']} {row['contender']}: {key}", "value": value, "unit": unit})
    return made
