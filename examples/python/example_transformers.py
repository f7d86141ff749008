#!/usr/bin/env python3
"""An image processor of transformers beside this package: what differs, and how long both take.

Everything comes from the processor's configuration: the class, the sizes, mean and std, the filter. Nothing is
downloaded. First it is verified, then timed: of a result that is wrong no time is printed.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import kernel_image_resize as kir
import torch
import transformers
from torchvision.io import ImageReadMode, decode_image
from transformers.image_processing_backends import TorchvisionBackend

CONFIGS = Path(__file__).resolve().parents[2] / "configs" / "processors"
EXAMPLES = """examples:
  example_transformers.py                                  # a few processors on noise of many sizes
  example_transformers.py siglip --count 32                # another batch
  example_transformers.py my_model/preprocessor_config.json --images *.jpg
  example_transformers.py clip --device cuda               # on a GPU; verified against the processor on the CPU"""

# What may differ from the processor: nothing. These classes resize floats, where torch sums in another order.
ALLOWED = {"DINOv3ViTImageProcessor": 5e-6, "DepthProImageProcessor": 1e-6, "Pix2StructImageProcessor": 1e-6}
ALLOWED_FLOAT32 = 1e-4  # from the processor on float images


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "configs",
        nargs="*",
        default=["clip", "siglip", "detr", "qwen2_vl"],
        metavar="CONFIG",
        help="a preprocessor_config.json, or a name of configs/processors",
    )
    parser.add_argument("--images", nargs="+", metavar="FILE", help="JPEG or PNG files, instead of noise")
    parser.add_argument("--count", type=int, default=8, metavar="N", help="how many images of noise (8)")
    parser.add_argument("--seed", type=int, metavar="N", help="of the noise; by default a new one each time")
    parser.add_argument(
        "--repeat", type=int, default=5, metavar="N", help="the time is the median of so many calls (5)"
    )
    parser.add_argument("--device", default="cpu", help="where the images are and the outputs go (cpu)")
    chosen = parser.parse_args()
    for name in ("count", "repeat"):
        if getattr(chosen, name) < 1:
            parser.error(f"--{name}: {getattr(chosen, name)} is not at least 1")
    return chosen


def read_config(name):
    path = CONFIGS / f"{name}.json"
    config = json.loads((path if path.is_file() else Path(name)).read_text(encoding="utf-8"))
    return {key: value for key, value in config.items() if key != "_provenance"}


def read_images(chosen):
    if chosen.images:
        return [decode_image(file, ImageReadMode.RGB) for file in chosen.images]
    seed = torch.seed() % 2**32 if chosen.seed is None else chosen.seed
    print(f"{chosen.count} images of noise, --seed {seed}")
    random = torch.Generator().manual_seed(seed)
    sizes = torch.randint(384, 1025, (chosen.count, 2), generator=random).tolist()
    return [torch.randint(0, 256, (3, *size), dtype=torch.uint8, generator=random) for size in sizes]


# ----------------------------------------------------------------------------------------------------------------------


def kernel_call(processor):
    """The arguments of resize_normalize that a plain processor says; None for one with rules of its own."""
    cls = type(processor)
    plain = cls._preprocess is TorchvisionBackend._preprocess and cls.resize is TorchvisionBackend.resize
    if not (plain and processor.do_resize and processor.do_rescale and processor.do_normalize) or processor.do_pad:
        return None
    size, crop = dict(processor.size), dict(processor.crop_size) if processor.do_center_crop else None
    call = {
        "image_mean": list(processor.image_mean),
        "image_std": list(processor.image_std),
        "rescale_factor": float(processor.rescale_factor),
        "resample": int(processor.resample),
        "crop_size": crop,
    }
    if call["resample"] not in (2, 3):
        return None
    if size.keys() == {"height", "width"}:
        return {**call, "size": size}
    if size.keys() == {"shortest_edge"} and crop:
        return {**call, "size": size["shortest_edge"], "resize_mode": "shortest_edge"}
    return None


def difference(ours, theirs):
    """The largest over all outputs; infinite where keys, types or shapes are not the same."""
    if ours.keys() != theirs.keys():
        return float("inf")
    largest = 0.0
    for key, wanted in theirs.items():
        mine = ours[key].cpu()
        if (mine.dtype, mine.shape) != (wanted.dtype, wanted.shape):
            return float("inf")
        found = (mine.double() - wanted.double()).abs().max().item()
        if not found <= largest:  # NaN too
            largest = found if found == found else float("inf")
    return largest


def median_time(call, repeat):
    """Milliseconds, after a call that warms up."""
    times = []
    for _ in range(repeat + 1):
        begin = time.perf_counter()
        call()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        times.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(times[1:])


def show(name, images, chosen):
    """One processor: whether both agree."""
    config = read_config(name)
    unrounded = kir.Preprocessor.from_config(config, numerics="float32")
    values = {key: value for key, value in config.items() if key != "image_processor_type"}
    processor = getattr(transformers, unrounded.class_name)(**values)
    preprocessor = kir.Preprocessor.from_config(processor)
    print(f"\n{name}: {preprocessor.class_name}")

    # Verify, on the CPU's arithmetic.
    here = [image.to(chosen.device) for image in images]
    theirs = outputs(processor(images, return_tensors="pt"))
    as_floats = outputs(processor([image.float() for image in images], return_tensors="pt"))
    exact = difference(outputs(preprocessor(here)), theirs)
    real = difference(outputs(unrounded(here)), as_floats)
    rows = [
        ('numerics "processor", to the processor', exact, ALLOWED.get(preprocessor.class_name, 0.0)),
        ('numerics "float32", to the processor on floats', real, ALLOWED_FLOAT32),
    ]
    call = kernel_call(processor)
    if call:
        direct = {"pixel_values": kir.resize_normalize(here, **call, numerics="torch_cpu")}
        rows.append(("resize_normalize with its values, to the processor", difference(direct, theirs), 0.0))
    agree = True
    for title, found, allowed in rows:
        agree = agree and found <= allowed
        print(f"  {title}: {found:.3g}{'' if found <= allowed else f', and {allowed:g} is allowed: WRONG'}")
    for key, value in theirs.items():
        print(f"  {key} {tuple(value.shape)} {str(value.dtype).removeprefix('torch.')}")
    if not agree:
        print("  not timed")
        return False

    # Time.
    device = torch.device(chosen.device)
    slow = median_time(lambda: processor(here, return_tensors="pt", device=device), chosen.repeat)
    fast = median_time(lambda: preprocessor(here, device=device), chosen.repeat)
    print(f"  transformers {slow:.2f} ms, this package {fast:.2f} ms, {slow / fast:.1f} times as fast")
    return True


def outputs(features):
    """As a dict; IdeficsImageProcessor returns its pixel values alone."""
    return dict(features) if hasattr(features, "items") else {"pixel_values": features}


def main():
    chosen = arguments()
    try:
        images = read_images(chosen)
        print(f"torch {torch.__version__}, transformers {transformers.__version__}, {torch.get_num_threads()} threads")
        agreed = [show(name, images, chosen) for name in chosen.configs]
    except (OSError, ValueError, RuntimeError) as error:
        print(f"example_transformers.py: {error}", file=sys.stderr)
        return 2
    return 0 if all(agreed) else 1


if __name__ == "__main__":
    sys.exit(main())
