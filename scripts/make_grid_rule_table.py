"""Writes tests/plan/grid_rules.json: tiles computed by the installed transformers functions, to test the rules by.

    .venv/bin/python scripts/make_grid_rule_table.py

Each row is [height, width, parameters..., [tile height, tile width, rows, columns, content height, content width]];
content 0, 0: the whole canvas; null instead of the list: the function refuses.
"""

import importlib
import json
import random
from pathlib import Path

import torch
import transformers
from make_size_rule_table import image, resize_noted
from transformers.image_processing_backends import TorchvisionBackend
from transformers.image_utils import SizeDict

ROOT = Path(__file__).resolve().parent.parent
SEED, ROWS = 20261201, 80


def of_model(name):
    return importlib.import_module(f"transformers.models.{name}.image_processing_{name}")


GOT_OCR2, COHERE2, OVIS2, MLLAMA = (of_model(name) for name in ("got_ocr2", "cohere2_vision", "ovis2", "mllama"))


def closest(height, width, tile_height, tile_width, least, most):
    columns, rows = GOT_OCR2.get_optimal_tiled_canvas((height, width), (tile_height, tile_width), least, most)
    return tile_height, tile_width, rows, columns


def cohere(height, width, tile_height, tile_width, most):
    columns, rows = COHERE2.get_optimal_tiled_canvas((height, width), (tile_height, tile_width), 1, most)
    return tile_height, tile_width, rows, columns


def ovis2(height, width, tile_height, tile_width, most):
    columns, rows = OVIS2.get_min_tile_covering_grid((height, width), tile_height, most)
    return tile_height, tile_width, rows, columns


def llama4(height, width, edge, to_max_canvas, most):
    size = SizeDict(height=edge, width=edge)
    processor = transformers.Llama4ImageProcessor(size=size, max_patches=most, resize_to_max_canvas=bool(to_max_canvas))
    with resize_noted(TorchvisionBackend) as asked:
        features = processor(
            torch.zeros((1, height, width), dtype=torch.uint8), do_normalize=False, return_tensors="pt"
        )
    rows, columns = features["aspect_ratios"][0].tolist()
    return edge, edge, rows, columns, *asked[0]


def mllama(height, width, edge, most):
    canvas_height, canvas_width = MLLAMA.get_optimal_tiled_canvas(height, width, most, edge)
    content = MLLAMA.get_image_size_fit_to_canvas(height, width, canvas_height, canvas_width, edge)
    return edge, edge, canvas_height // edge, canvas_width // edge, *content


def perception_lm(height, width, edge, most):
    processor = transformers.PerceptionLMImageProcessor(max_num_tiles=most)
    with resize_noted(TorchvisionBackend):
        _, (columns, rows) = processor.resize(image(height, width), edge, most)
    return edge, edge, rows, columns


def tile(source):
    return source.choice([(384, 384), (64, 64), (100, 37), (512, 512)])


RULES = {
    "closest": (closest, lambda r: [*tile(r), r.randint(0, 4), r.choice([0, 1, 4, 6, 12, 36])]),
    "cohere": (cohere, lambda r: [*tile(r), r.choice([1, 4, 12, 36])]),
    "llama4": (llama4, lambda r: [r.choice([24, 60, 112]), r.randint(0, 1), r.choice([1, 4, 5, 16])]),
    "mllama": (mllama, lambda r: [r.choice([60, 224, 560]), r.choice([1, 4, 7])]),
    "perception_lm": (perception_lm, lambda r: [r.choice([50, 224, 448]), r.choice([1, 2, 5, 16, 36])]),
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
        if result is not None and len(result) == 4:
            result += [0, 0]
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
