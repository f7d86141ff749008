"""Writes tests/plan/grid_rules.json: tiles computed by the installed transformers functions, to test the rules by.

    .venv/bin/python scripts/make_grid_rule_table.py

Each row is [height, width, parameters..., [tile height, tile width, rows, columns]]; null: the function refuses.
"""

import importlib
import json
import random
from pathlib import Path

import transformers

ROOT = Path(__file__).resolve().parent.parent
SEED, ROWS = 20261201, 80


def of_model(name):
    return importlib.import_module(f"transformers.models.{name}.image_processing_{name}")


GOT_OCR2, COHERE2, OVIS2 = (of_model(name) for name in ("got_ocr2", "cohere2_vision", "ovis2"))


def closest(height, width, tile_height, tile_width, least, most):
    columns, rows = GOT_OCR2.get_optimal_tiled_canvas((height, width), (tile_height, tile_width), least, most)
    return tile_height, tile_width, rows, columns


def cohere(height, width, tile_height, tile_width, most):
    columns, rows = COHERE2.get_optimal_tiled_canvas((height, width), (tile_height, tile_width), 1, most)
    return tile_height, tile_width, rows, columns


def ovis2(height, width, tile_height, tile_width, most):
    columns, rows = OVIS2.get_min_tile_covering_grid((height, width), tile_height, most)
    return tile_height, tile_width, rows, columns


def tile(source):
    return source.choice([(384, 384), (64, 64), (100, 37), (512, 512)])


RULES = {
    "closest": (closest, lambda r: [*tile(r), r.randint(0, 4), r.choice([0, 1, 4, 6, 12, 36])]),
    "cohere": (cohere, lambda r: [*tile(r), r.choice([1, 4, 12, 36])]),
    "ovis2": (ovis2, lambda r: [*tile(r), r.choice([1, 4, 9, 12, 24])]),
}


def rows_of(rule, parameters, source):
    fixed = [(1, 1), (1, 37), (37, 1), (384, 384), (768, 768), (333, 517), (700, 411), (64, 1000), (20, 800)]
    rows = []
    for i in range(ROWS):
        height, width = fixed[i] if i < len(fixed) else (source.randint(1, 2400), source.randint(1, 2400))
        chosen = parameters(source)
        try:
            result = [int(number) for number in rule(height, width, *chosen)]
        except ValueError:
            result = None
        rows.append([height, width, *chosen, result])
    return rows


def main() -> None:
    source = random.Random(SEED)
    provenance = {
        "script": "scripts/make_grid_rule_table.py",
        "transformers": transformers.__version__,
        "seed": SEED,
    }
    lines = [f'"_provenance": {json.dumps(provenance)}']
    for name, (rule, parameters) in RULES.items():
        rows = rows_of(rule, parameters, source)
        lines.append(f'"{name}": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]")
    path = ROOT / "tests" / "plan" / "grid_rules.json"
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{path.relative_to(ROOT)}: {len(RULES)} rules, {ROWS} rows each")


if __name__ == "__main__":
    main()
