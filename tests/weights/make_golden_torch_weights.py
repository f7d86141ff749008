"""Writes golden_torch_weights.json: what torch's CPU kernels make of identity matrices and of random uint8 rows.

Resizing an identity matrix along one axis gives the float32 weights themselves. The int16 weights of the uint8 path
cannot be seen that way, so for them the file holds rows of noise and what torch made of them.

    .venv/bin/python tests/weights/make_golden_torch_weights.py
"""

import json
import pathlib
import platform

import torch
import torch.nn.functional as F

SIZES = [(1, 1), (1, 5), (5, 1), (2, 3), (3, 2), (7, 16), (16, 7), (24, 24), (40, 9), (9, 40), (64, 3), (33, 50)]
MODES = {
    "nearest": [(False, False)],
    "nearest-exact": [(False, False)],
    "bilinear": [(True, False), (False, False), (False, True)],
    "bicubic": [(True, False), (False, False), (False, True)],
}
SEED = 20261123


def resize(x: torch.Tensor, width: int, mode: str, antialias: bool, align_corners: bool) -> torch.Tensor:
    """Resizes the last axis of a (rows, columns) tensor."""
    options = {} if mode.startswith("nearest") else {"antialias": antialias, "align_corners": align_corners}
    return F.interpolate(x[None, None], size=(x.shape[0], width), mode=mode, **options)[0, 0]


def main() -> None:
    torch.manual_seed(SEED)
    float32, uint8 = [], []
    for mode, variants in MODES.items():
        for antialias, align_corners in variants:
            for size_in, size_out in SIZES:
                # Antialiased, torch skips an axis whose size does not change: there are no weights to see.
                if antialias and size_in == size_out:
                    continue
                key = {
                    "filter": mode,
                    "antialias": antialias,
                    "align_corners": align_corners,
                    "in": size_in,
                    "out": size_out,
                }
                weights = resize(torch.eye(size_in), size_out, mode, antialias, align_corners).T
                float32.append(key | {"weights": weights.tolist()})
                if not align_corners and size_in != size_out:
                    rows = torch.randint(0, 256, (3, size_in), dtype=torch.uint8)
                    rows[0] = torch.randint(0, 2, (size_in,), dtype=torch.uint8) * 255
                    resized = resize(rows, size_out, mode, antialias, align_corners)
                    uint8.append(key | {"rows": rows.tolist(), "resized": resized.tolist()})
    path = pathlib.Path(__file__).with_name("golden_torch_weights.json")
    provenance = {
        "script": "tests/weights/make_golden_torch_weights.py",
        "torch": torch.__version__,
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "machine": platform.machine(),
        "seed": SEED,
    }
    cases = {"float32": float32, "uint8": uint8}
    lines = [f'"provenance": {json.dumps(provenance)}']
    lines += [f'"{name}": [\n' + ",\n".join(json.dumps(case) for case in cases[name]) + "\n]" for name in cases]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
