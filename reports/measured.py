"""The data folder as the templates want it: every value is from a JSON file; what is not there is listed as missing."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path

from reports import gpu
from reports.collect import PARITY

# The contenders that every other is put in ratio to.
COMPARED_TO = ["copy", "libtorch_float", "libtorch_uint8"]
TIME_UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}


class Data:
    """Reads data/*.json; remembers what was asked for and is not there."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.missing: list[dict] = []
        self.commands = self._read("commands.json") or []

    def _read(self, name: str):
        path = self.folder / name
        return json.loads(path.read_text()) if path.is_file() else None

    def get(self, name: str):
        """The parsed file, or None, noted with the words of the command that should have written it."""
        value = self._read(name)
        if value is None:
            why = next((c["message"] for c in self.commands if c["result"] == name and c["message"]), "")
            self.missing.append({"file": name, "why": why or "no such file"})
        return value


# ---------------------------------------------------------------------------------------------------------------------


def coverage(listed: dict | None, covered: dict | None) -> dict | None:
    """Counts by what is written, largest first, why what is not supported is not, and what is reproduced."""
    if listed is None or covered is None:
        return None
    tested = {row["model_type"]: {key: row[key] for key in ("reproduced", "modes")} for row in covered["processors"]}
    why = {row["model_type"]: row["reason"] for row in covered["processors"]}
    configs = [{**config, **tested[config["name"]], "why": why[config["name"]]} for config in listed["configs"]]
    kind = [c["writes"] or "not built" for c in configs]
    every, supported = Counter(kind), Counter(k for k, c in zip(kind, configs, strict=True) if c["supported"])
    kinds = [{"name": name, "total": total, "supported": supported[name]} for name, total in every.most_common()]
    refused = Counter((c["class"], c["reason"]) for c in configs if not c["supported"])
    return {
        "total": len(configs),
        "supported": sum(supported.values()),
        "kinds": kinds,
        "reasons": [{"class": c, "reason": r, "count": n} for (c, r), n in sorted(refused.items())],
        "configs": configs,
        "reproduced": sum(1 for c in configs if c["reproduced"]),
        "classes": len({c["class"] for c in configs}),
        "classes_reproduced": len({c["class"] for c in configs if c["reproduced"]}),
    }


def skips_by_reason(skips: list[dict]) -> list[dict]:
    """Each reason with what it kept from being compared."""
    names: dict[str, list[str]] = {}
    for skip in skips:
        whole = skip["what"] == "configuration"
        names.setdefault(skip["reason"], []).append(skip["config"] if whole else f"{skip['config']}, {skip['what']}")
    return [{"reason": reason, "names": names[reason]} for reason in sorted(names)]


def parity_row(found: dict) -> dict:
    """One line of the parity table. The margin is that of the configuration that is closest to its bound."""
    configs = found.get("configs", [])
    margins = [c["margin"] for c in configs if c.get("margin") is not None]
    bounds = [c["bound"] for c in configs if c.get("bound") is not None]
    return {
        **{key: found.get(key) for key in ("backend", "oracle", "numerics", "cases", "failed", "skipped", "worst")},
        "max_abs": found.get("max_abs"),
        "bound_low": min(bounds, default=None),
        "bound_high": max(bounds, default=None),
        "margin": min(margins, default=None),
        "configs": configs,
        "compared": sum(1 for c in configs if c.get("cases")),
        "equal": sum(1 for c in configs if c.get("cases") and not c.get("share_differing")),
        "values": sum(c.get("elements", 0) for c in configs),
        "seed": found.get("seed"),
        "failures": found.get("failures", []),
        "skips": skips_by_reason(found.get("skips", [])),
        "passed": found.get("failed") == 0 and bool(found.get("cases")),
    }


def parity_by_config(rows: list[dict]) -> list[dict]:
    """One line a configuration, one column a pair."""
    cells: dict[str, dict] = {}
    for column, row in enumerate(rows):
        for config in row["configs"]:
            line = cells.setdefault(config["name"], {"name": config["name"], "writes": config["writes"], "pairs": {}})
            line["pairs"][column] = config
    return [
        {**cells[name], "pairs": [cells[name]["pairs"].get(column) for column in range(len(rows))]}
        for name in sorted(cells)
    ]


def words_of(row: dict) -> str:
    """What a row is of: "cpu, float32". The floor and torch's own resize have words of their own."""
    own = {"copy": "copy (floor)", "libtorch_float": "libtorch float", "libtorch_uint8": "libtorch uint8"}
    own["libtorch-cuda_float"] = "libtorch CUDA, image by image"
    if row["contender"] in own or not row.get("numerics"):
        return own.get(row["contender"], row["contender"])
    return f"{row['backend']}, {row['numerics']}"


def bench_row(row: dict, spread: float | None) -> dict:
    failed = bool(row.get("error_occurred"))
    timed = not failed and row.get("real_time") is not None
    seconds = row["real_time"] * TIME_UNITS[row["time_unit"]] if timed else None
    return {
        "contender": row["contender"],
        "words": words_of(row),
        "numerics": row.get("numerics"),
        "images": row.get("images"),
        "workers": row.get("workers"),
        "seconds": seconds,
        "spread": spread if timed else None,
        "bytes_per_second": row["bytes"] / seconds if timed and row.get("bytes") else None,
        "ratios": {k.removeprefix("ratio_to_"): v for k, v in row.items() if k.startswith("ratio_to_")}
        if timed
        else {},
        "error": row.get("error_message", "no reason given") if failed else None,
        "verified_against": row.get("verified_against"),
        "max_abs": row.get("max_abs"),
        "bound": row.get("bound"),
    }


def bench_cases(found: dict) -> list[dict]:
    """Google Benchmark's rows by case: the median of each contender, or why it was not timed."""
    rows = found["benchmarks"]
    spreads = {r["run_name"]: r["real_time"] for r in rows if r.get("aggregate_name") == "cv"}
    chosen = [r for r in rows if r.get("aggregate_name") == "median" or r.get("error_occurred")]
    cases: dict[tuple[str, str], dict] = {}
    for row in chosen:
        case = cases.setdefault((row["suite"], row["case"]), {"suite": row["suite"], "case": row["case"], "rows": []})
        case["rows"].append(bench_row(row, spreads.get(row.get("run_name"))))
    for case in cases.values():
        case["rows"].sort(key=lambda row: (row["seconds"] is None, row["seconds"], row["contender"]))
        case["images"] = case["rows"][0]["images"]
        timed = {row["contender"] for row in case["rows"]}
        case["compared_to"] = [name for name in COMPARED_TO if name in timed]
    return list(cases.values())


def not_run(found: list[dict], timed: set[str]) -> list[dict]:
    """The contenders and cases that this machine cannot run, each once, with the reason; `timed` ones it can."""
    reasons = {one["contender"]: one["reason"] for bench in found for one in bench.get("not_run", [])}
    reasons = {name: reason for name, reason in reasons.items() if name.replace("/", "_") not in timed}
    return [{"contender": name, "reason": reason} for name, reason in sorted(reasons.items())]


def accepted_speed(gate: dict | None) -> dict[tuple[str, str], list[dict]]:
    """What the gate accepts of a recorded row, by suite and contender."""
    found: dict[tuple[str, str], list[dict]] = {}
    for row in ((gate or {}).get("recorded") or {}).get("speed", []):
        bound = {"value": row["value"], "at_most": row["accepted"]["at_most"]}
        found.setdefault((row["suite"], row["contender"]), []).append(bound)
    return found


def gpu_table(title: str, evidence: dict, gate: dict | None) -> dict:
    """The rows of a GPU by suite, in the order of recording, each with what the gate accepts of it."""
    accepted = accepted_speed(gate)
    suites: dict[str, dict] = {}
    for row in evidence["rows"]:
        suite = suites.setdefault(row["suite"], {"suite": row["suite"], "rows": []})
        words = words_of(row)
        bounds = accepted.get((row["suite"], row["contender"]), [])
        suite["rows"].append({**row, "words": words, "accepted": bounds})
    return {
        "title": title,
        "counts": "but" not in evidence,
        "suites": list(suites.values()),
        "parity": evidence.get("parity", []),
        "not_run": evidence.get("not_run", []),
        "recorded": evidence.get("recorded"),
        "command": evidence.get("command"),
        "environment": evidence.get("environment", {}),
    }


def recorded_title(evidence: dict) -> str:
    """The heading of recorded rows, with what is the matter with them (evidence.readable)."""
    return f"Recorded: {evidence['device']}" + (f", {evidence['but']}" if "but" in evidence else "")


def fresh_gpu(data: Data) -> dict | None:
    """What was measured on this machine's GPU for this report; None where nothing was asked."""
    names = [command["result"] for command in data.commands if command["result"].startswith("gpu_")]
    found = [answer for answer in (data.get(name) for name in names) if answer is not None]
    if not found:
        return None
    benches = [answer for answer in found if "benchmarks" in answer]
    return {
        "rows": [row for bench in benches for row in gpu.bench_rows(bench)],
        "parity": [gpu.parity_row(answer) for answer in found if "configs" in answer],
        "not_run": [{"suite": "", **one} for bench in benches for one in bench["not_run"]],
        "environment": benches[0]["context"] if benches else {},
    }


def compiled(evidence: list[dict]) -> dict | None:
    """The kernels with their registers and spills, a column an architecture."""
    found = next((one for one in evidence if "kernels" in one), None)
    if found is None:
        return None
    cells = {(row["kernel"], row["architecture"]): row for row in found["kernels"]}
    names = sorted({row["kernel"] for row in found["kernels"]})
    lines = [{"kernel": n, "cells": [cells.get((n, arch)) for arch in found["architectures"]]} for n in names]
    return {**found, "lines": lines}


def installed_pairs(rows: list[dict]) -> list[tuple[dict, dict]]:
    """A processor's own row and the installed one's, with milliseconds an image; none in other suites."""
    pairs = []
    for own, ours in zip(rows[::2], rows[1::2], strict=False):
        if not ours["contender"].startswith("installed_"):
            return []
        timed = [
            row | {"ms_an_image": row["wall_us"]["median"] / row["images"] / 1000}
            for row in (own, ours)
            if "wall_us" in row
        ]
        pairs.append(tuple(timed) if len(timed) == 2 else (own, ours))
    return pairs


def python_calls(evidence: list[dict]) -> list[dict]:
    """What a Python call costs, a table for each device and batch (benchmarks/python)."""
    tables = []
    for one in evidence:
        for suite in dict.fromkeys(row["suite"] for row in one.get("calls", [])):
            rows = [row for row in one["calls"] if row["suite"] == suite]
            tables.append({**one, "suite": suite, "rows": rows, "installed": installed_pairs(rows)})
    return tables


def python_tests(evidence: list[dict]) -> list[dict]:
    """The results of the package's tests on a GPU, a line for each device: how many passed, and the others by name."""
    lines = []
    for one in evidence:
        if "tests" not in one:
            continue
        others = [row for row in one["tests"] if row["outcome"] != "passed"]
        lines.append({**one, "passed": len(one["tests"]) - len(others), "others": others})
    return lines


def gpu_tiles(tables: list[dict]) -> list[dict]:
    """The headline's numbers of the GPU: recorded where there are any that count, else fresh."""
    table = next((table for table in tables if table["counts"]), {"suites": []})
    rows = [row for suite in table["suites"] for row in suite["rows"]]
    chosen = (row for row in rows if row["suite"] == "seed_n32" and row["contender"] == "cuda-separable_float")
    row = next((row for row in chosen if "ratio_to_copy" in row), None)
    if row is None:
        return []
    return [{"ratio": row["ratio_to_copy"], "words": f"of a plain copy's time, suite {row['suite']}, on a GPU"}]


def headline(coverage_: dict | None, parity: list[dict], cases: list[dict]) -> list[dict]:
    """The numbers at the top of the page."""
    tiles = []
    if coverage_:
        tiles.append(
            {
                "value": coverage_["supported"],
                "of": coverage_["total"],
                "words": "processor configurations planned and run",
            }
        )
        tiles.append(
            {
                "value": coverage_["classes_reproduced"],
                "of": coverage_["classes"],
                "words": "classes of transformers reproduced, by recorded tests",
            }
        )
    for row in parity:
        tile = {"max_abs": row["max_abs"], "words": f"{row['backend']} against {row['oracle']}, {row['numerics']}"}
        if row["bound_low"] == 0:  # what must be equal is counted; what has a bound is measured
            tile |= {"equal": row["equal"], "compared": row["compared"]}
        tiles.append(tile)
    for case in cases:
        for row in case["rows"]:
            if row["contender"] == "cpu_float" and "libtorch_float" in row["ratios"] and case["suite"] == "seed":
                words = f"of libtorch float's time, suite {case['suite']}, {row['workers']} thread"
                tiles.append({"ratio": row["ratios"]["libtorch_float"], "words": words})
    return tiles


def read(folder: Path) -> dict:
    """Everything that the templates use."""
    data = Data(folder)
    covered = coverage(data.get("list.json"), data.get("coverage.json"))
    parity = [parity_row(f) for f in (data.get(f"parity_{b}_{o}_{n}.json") for b, o, n in PARITY) if f is not None]
    for row in parity:
        if any(not math.isfinite(v) for v in [row["max_abs"] or 0.0]):
            row["passed"] = False
    benches = [c["result"] for c in data.commands if c["result"].startswith("bench_")]
    found = [bench for bench in (data.get(name) for name in benches) if bench is not None]
    cases = [case for bench in found for case in bench_cases(bench)]
    gate, recorded = data.get("gate.json"), data.get("recorded.json") or []
    tables = [gpu_table(recorded_title(one), one, gate) for one in recorded if "rows" in one]
    fresh = fresh_gpu(data)
    if fresh:
        tables.append(gpu_table("This machine, now", fresh, gate))
    timed_on_gpu = {row["suite"] for row in (fresh or {"rows": []})["rows"]}
    return {
        "machine": data.get("machine.json"),
        "photographs": data.get("photographs.json"),
        "pictures": data.get("pictures.json") or {"processors": [], "beyond": []},
        "coverage": covered,
        "parity": parity,
        "parity_by_config": parity_by_config(parity),
        "bench": cases,
        "bench_context": found[0]["context"] if found else None,
        "not_run": not_run(found, timed_on_gpu),
        "gate": gate,
        "gate_recorded": data.get("gate_recorded.json"),
        "gpu": tables,
        "gpu_compiled": compiled(recorded),
        "python_calls": python_calls(recorded),
        "python_tests": python_tests(recorded),
        "headline": headline(covered, parity, cases) + gpu_tiles(tables),
        "commands": data.commands,
        "missing": data.missing,
    }
