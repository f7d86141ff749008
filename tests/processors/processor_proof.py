"""One configuration through `kir run` and through the installed transformers processor, and what differs."""

import json
import math
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy
import torch
import transformers
from safetensors.torch import load_file
from torchvision.transforms.v2.functional import pil_to_tensor
from transformers.image_processing_backends import PilBackend, TorchvisionBackend
from transformers.image_utils import load_image

ROOT = Path(__file__).resolve().parents[2]
KIR = Path(os.environ.get("KIR", ROOT / "build" / "kir"))

# Classes that resize floats, and then divide by a std near 0.2: no rounding to levels hides that the cpu backend sums
# in another order than torch. The bounds are of values up to 1.
FLOAT_DOMAIN = {
    "DINOv3ViTImageProcessor": 5e-6,
    "DepthProImageProcessor": 1e-6,
    "Kosmos2_5ImageProcessor": 1e-6,
    "PPOCRV5ServerDetImageProcessor": 5e-6,
    "PPOCRV5ServerRecImageProcessor": 1e-6,
    "Pix2StructImageProcessor": 1e-6,
    "RfDetrImageProcessor": 1e-6,
}
# Classes that round to bfloat16: a sum of floats in another order may fall to the other side, one step of 2..4 away.
BFLOAT16_DOMAIN = {"Llama4ImageProcessor": 2.0**-6}

transformers.logging.set_verbosity_error()  # it warns of every image with a side of 1 or 3


def kir(*arguments):
    """One call of the command under test."""
    if not KIR.is_file():
        raise FileNotFoundError(f"{KIR} is not built; set KIR to the kir executable")
    return subprocess.run([KIR, *map(str, arguments)], capture_output=True, text=True, check=False, cwd=ROOT)


@dataclass(frozen=True)
class Listed:
    """A row of `kir list`, and the configuration that it is about."""

    name: str  # the model type
    writes: str
    supported: bool
    file: Path
    config: dict


def listed_configs(*arguments):
    """Every file of configs/processors, as `kir list` judges it; with --videos of configs/video."""
    listing = kir("list", *arguments, "--json", "-")
    if listing.returncode != 0:
        raise RuntimeError(f"kir list: exit {listing.returncode}: {listing.stderr}")
    rows = json.loads(listing.stdout)["configs"]
    texts = [Path(row["file"]).read_text(encoding="utf-8") for row in rows]
    return [
        Listed(row["name"], row["writes"], row["supported"], Path(row["file"]), json.loads(text))
        for row, text in zip(rows, texts, strict=True)
    ]


def planned(processor_info):
    """Every configuration of configs/processors that a plan can be made of, as the Python package judges it."""
    rows = []
    for file in sorted((ROOT / "configs" / "processors").glob("*.json")):
        config = json.loads(file.read_text(encoding="utf-8"))
        info = processor_info(json.dumps(config))
        if not info["unsupported"]:
            rows.append(Listed(file.stem, info["writes"], True, file, config))
    return rows


def groups(supported, first=()):
    """Lists of `supported` whose files say the same, types of `first` before others: one processor serves a list."""
    by_content = {}
    for each in sorted(supported, key=lambda each: (each.name not in first, each.name)):
        content = json.dumps({k: v for k, v in each.config.items() if k != "_provenance"}, sort_keys=True)
        by_content.setdefault(content, []).append(each)
    return list(by_content.values())


class Refused(Exception):
    """One of the two sides does not accept these images or this configuration."""


# ----------------------------------------------------------------------------------------------------------------------
# The two sides. Both give {output key: tensor}; a ragged output has keys "key.0", "key.1", ...


def build_processor(config, pil=False):
    """The transformers processor of a configuration, torchvision's or its Pillow twin.

    Words that OCR would add are not pixels: it is left out.
    """
    values = {k: v for k, v in config.items() if k not in ("_provenance", "image_processor_type")}
    if "apply_ocr" in values:
        values["apply_ocr"] = False
    processor = getattr(transformers, config["image_processor_type"] + ("Pil" if pil else ""))(**values)
    backend = PilBackend if pil else TorchvisionBackend
    assert isinstance(processor, backend), f"{type(processor).__name__} is not a processor of {backend.__name__}"
    return processor


def expected(processor, images, **kwargs):
    """What the processor gives for images, as (C, H, W) tensors; Refused when it raises."""
    try:
        try:
            features = processor(images, return_tensors="pt", **kwargs)
        except Exception:  # also raised for outputs of different sizes, which stay a list without return_tensors
            features = processor(images, return_tensors=None, **kwargs)
    except Exception as error:
        raise Refused(f"{type(error).__name__}: {error}") from error
    return tensors_of(features)


def tensors_of(features):
    """{output key: tensor} of what a processor returned; a ragged output has keys "key.0", "key.1", ..."""
    if not hasattr(features, "items"):  # IdeficsImageProcessor returns its pixel values alone
        features = {"pixel_values": features}
    outputs = {}
    for key, value in features.items():
        if key == "task_inputs":  # OneFormer's, texts
            continue
        if isinstance(value, (list, tuple)) and len(value) and torch.is_tensor(value[0]):
            outputs |= {f"{key}.{i}": tensor for i, tensor in enumerate(value)}
        else:
            outputs[key] = value if torch.is_tensor(value) else torch.tensor(value)
    return outputs


def actual(config_path, image_paths, backend, numerics, folder, *arguments):
    """What `kir run` writes for image files; Refused when it exits 2, having written nothing."""
    target = Path(folder) / "out.safetensors"
    target.unlink(missing_ok=True)
    run = kir("run", config_path, *image_paths, "-o", target, "--backend", backend, "--numerics", numerics, *arguments)
    if run.returncode == 2:
        assert not target.exists(), f"kir run refused but wrote {target}"
        assert run.stderr.startswith("kir: "), f"no message: {run.stderr!r}"
        raise Refused(run.stderr.strip())
    assert run.returncode == 0, f"kir run: exit {run.returncode}: {run.stderr}"
    outputs = load_file(target)
    target.unlink()
    return outputs


# ----------------------------------------------------------------------------------------------------------------------
# Comparing


@dataclass
class Difference:
    """What a comparison achieved, over all keys."""

    max_abs: float = 0.0
    elements: int = 0
    faults: list = field(default_factory=list)

    def join(self, other):
        self.max_abs = worse(self.max_abs, other.max_abs)
        self.elements += other.elements
        self.faults += other.faults


def worse(a, b):
    """The larger of two errors; NaN is larger than anything."""
    return math.nan if math.isnan(a) or math.isnan(b) else max(a, b)


def compare(ours, theirs, bound):
    """Keys, types, shapes and every element; an error that is not <= bound is a fault, so NaN is one."""
    found = Difference()
    if ours.keys() != theirs.keys():
        found.faults.append(f"keys {sorted(ours)} instead of {sorted(theirs)}")
    for key in sorted(ours.keys() & theirs.keys()):
        mine, wanted = ours[key], theirs[key]
        if (mine.dtype, mine.shape) != (wanted.dtype, wanted.shape):
            found.faults.append(
                f"{key}: {mine.dtype} {list(mine.shape)} instead of {wanted.dtype} {list(wanted.shape)}"
            )
            continue
        found.elements += mine.numel()
        if not mine.numel():
            continue
        exact = torch.float32 if mine.dtype == torch.float32 else torch.float64
        error = (mine.to(exact) - wanted.to(exact)).abs_()
        largest = error.max().item()  # max() of a tensor with NaN is NaN
        found.max_abs = worse(found.max_abs, largest)
        if not largest <= bound:
            bad = ~(error <= bound)
            at = tuple(bad.nonzero()[0].tolist())
            found.faults.append(
                f"{key}{list(at)}: {mine[at].item()} instead of {wanted[at].item()}; largest error {largest:.3g}, "
                f"{int(bad.sum())} of {bad.numel()} beyond {bound:g}"
            )
    return found


def read_images(paths, numerics):
    """Image files as (C, H, W) levels, floats for `float32`: load_image's RGB pixels, or the array of a .npy file."""
    images = []
    for path in paths:
        npy = Path(path).suffix == ".npy"
        pixels = torch.from_numpy(numpy.load(path)) if npy else pil_to_tensor(load_image(str(path)))
        images.append(pixels.float() if numerics == "float32" else pixels)
    return images
