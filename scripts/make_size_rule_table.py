"""Writes tests/plan/size_rules.json: sizes computed by the installed transformers functions, to test the rules by.

    .venv/bin/python scripts/make_size_rule_table.py

Each row is [height, width, parameters..., [new height, new width]]; null instead of the size: the function refuses.
"""

import json
import random
from contextlib import contextmanager, suppress
from pathlib import Path

import torch
import transformers
from transformers.image_processing_backends import TorchvisionBackend
from transformers.image_transforms import get_resize_output_image_size, get_size_with_aspect_ratio
from transformers.image_utils import SizeDict, get_image_size_for_max_height_width
from transformers.models.bridgetower.image_processing_bridgetower import (
    get_resize_output_image_size as bridgetower_size,
)
from transformers.models.dpt.image_processing_dpt import get_resize_output_image_size as dpt_size
from transformers.models.gemma4.image_processing_gemma4 import get_aspect_ratio_preserving_size as gemma4_size
from transformers.models.glm4v.image_processing_glm4v import smart_resize as frames_size
from transformers.models.glm_image.image_processing_glm_image import smart_resize as glm_image_size
from transformers.models.idefics3.image_processing_idefics3 import get_resize_output_image_size as idefics3_size
from transformers.models.muse_glimmer.image_processing_muse_glimmer import smart_resize as muse_glimmer_size
from transformers.models.paddleocr_vl.image_processing_paddleocr_vl import smart_resize as paddle_size
from transformers.models.pixtral.image_processing_pixtral import get_resize_output_image_size as pixtral_size
from transformers.models.qwen2_vl.image_processing_qwen2_vl import smart_resize
from transformers.models.siglip2.image_processing_siglip2 import get_image_size_for_max_num_patches as naflex_size
from transformers.models.yolos.image_processing_yolos import get_size_with_aspect_ratio_yolos

ROOT = Path(__file__).resolve().parent.parent
SEED, ROWS = 20261123, 60


def image(height, width):
    """Something that has a shape: the functions read nothing else."""
    return torch.empty((3, height, width), device="meta")


@contextmanager
def resize_noted(cls):
    """Within it cls.resize() works on nothing: it notes the size that it is asked for in the list that it gives."""
    asked, original = [], cls.resize

    def resize(self, image, size, *arguments, **keywords):
        asked.append((size.height, size.width))
        return image.new_empty((*image.shape[:-2], size.height, size.width))

    cls.resize = resize
    try:
        yield asked
    finally:
        cls.resize = original


def resized(processor, height, width, **arguments):
    """The size that processor.resize() asks of the base class."""
    with resize_noted(TorchvisionBackend) as asked:
        processor.resize(image(height, width), resample=2, **arguments)
    return asked[0]


LEVIT = transformers.LevitImageProcessor()
POOLFORMER = transformers.PoolFormerImageProcessor()
PP_LCNET = transformers.PPLCNetImageProcessor()
GLPN = transformers.GLPNImageProcessor()
IDEFICS3 = transformers.Idefics3ImageProcessor()
JANUS = transformers.JanusImageProcessor()
PPOCR_DET = transformers.PPOCRV5ServerDetImageProcessor()
SAM = transformers.SamImageProcessor()
TEXTNET = transformers.TextNetImageProcessor()
TVP = transformers.TvpImageProcessor()
DONUT = transformers.DonutImageProcessor()
PIX2STRUCT = transformers.Pix2StructImageProcessor()


def idefics3_tiles(height, width, tile):
    with resize_noted(type(IDEFICS3)) as asked:
        IDEFICS3.resize_for_vision_encoder(image(height, width), tile)
    return asked[0]


KOSMOS2_5 = transformers.Kosmos2_5ImageProcessor()


def kosmos2_5_grid(height, width, max_patches, patch_height, patch_width):
    patch = SizeDict(height=patch_height, width=patch_width)
    pixels = torch.empty((1, 1, height, width))
    _, resized_width, resized_height, _, _ = KOSMOS2_5.extract_flattened_patches(pixels, max_patches, patch)
    return resized_height // patch_height, resized_width // patch_width


def thumbnail(height, width, target_height, target_width):
    size = SizeDict(height=target_height, width=target_width)
    with resize_noted(TorchvisionBackend):
        return DONUT.thumbnail(image(height, width), size, 2).shape[-2:]


def pix2struct_grid(height, width, max_patches, patch_height, patch_width):
    patch = SizeDict(height=patch_height, width=patch_width)
    with (
        resize_noted(TorchvisionBackend) as asked,
        suppress(RuntimeError),
    ):  # it fails later for rows * columns > max_patches
        PIX2STRUCT.extract_flattened_patches(torch.empty((1, 1, height, width)), max_patches, patch)
    return asked[0][0] // patch_height, asked[0][1] // patch_width


def muse_glimmer_grid(height, width, side, max_tokens):
    rows, columns = muse_glimmer_size(height, width, side, max_tokens)
    return rows // side, columns // side


def pp_lcnet(height, width, short, divisor):
    size = PP_LCNET.get_image_size(image(height, width), short, divisor)
    return size.height, size.width


def text_page(height, width, side, limit, longest):
    size, _ = PPOCR_DET.get_image_size(
        image(height, width), side, ("max", "min", "resize_long")[limit], longest or None
    )
    return size.height, size.width


def text_line(height, width, least_height, least_width, longest):
    processor = transformers.PPOCRV5ServerRecImageProcessor(
        size={"height": least_height, "width": least_width}, max_image_width=longest
    )
    size = processor.get_target_size([(height, width)])
    return size.height, size.width


def dpt(height, width, target_height, target_width, keep, multiple):
    size = dpt_size(image(height, width), (target_height, target_width), bool(keep), multiple)
    return size.height, size.width


RULES = {
    "shortest_edge": (
        lambda h, w, edge: get_resize_output_image_size(
            image(h, w), edge, default_to_square=False, input_data_format="channels_first"
        ),
        lambda r: [r.randint(1, 600)],
    ),
    "shortest_longest_edge": (
        lambda h, w, edge, longest: get_size_with_aspect_ratio((h, w), edge, longest),
        lambda r: [edge := r.randint(1, 900), edge + r.randint(0, 700)],
    ),
    "max_height_width": (
        lambda h, w, max_h, max_w: get_image_size_for_max_height_width((h, w), max_h, max_w),
        lambda r: [r.randint(1, 900), r.randint(1, 900)],
    ),
    "levit": (
        lambda h, w, edge: resized(LEVIT, h, w, size=SizeDict(shortest_edge=edge)),
        lambda r: [r.randint(7, 500)],
    ),
    "shortest_edge_over_crop": (
        lambda h, w, edge, pct: resized(POOLFORMER, h, w, size=SizeDict(shortest_edge=edge), crop_pct=pct),
        lambda r: [r.randint(7, 500), r.choice([0.9, 0.95, 0.875, 224 / 256, 1.0, 0.7])],
    ),
    "pp_lcnet": (pp_lcnet, lambda r: [r.randint(1, 500), r.choice([1, 2, 7, 32])]),
    "dpt": (
        dpt,
        lambda r: [r.randint(1, 700), r.randint(1, 700), r.randint(0, 1), r.choice([1, 4, 14, 32])],
    ),
    "smart_resize": (
        lambda h, w, factor, low, high: smart_resize(h, w, factor, low, high),
        lambda r: [r.choice([14, 28, 32]), low := r.randint(1, 90000), low + r.randint(30000, 1500000)],
    ),
    "smart_resize_frames": (
        lambda h, w, factor, low, high, frames: frames_size(frames, h, w, frames, factor, low, high),
        lambda r: [
            r.choice([14, 28, 32]),
            low := r.randint(1, 90000),
            low + r.randint(30000, 1500000),
            r.randint(1, 3),
        ],
    ),
    "smart_resize_video": (
        lambda h, w, factor, low, high, frames, temporal: frames_size(frames, h, w, temporal, factor, low, high),
        lambda r: [
            r.choice([14, 28, 32]),
            low := r.randint(1, 90000),
            low + r.randint(30000, 1500000),
            r.randint(1, 40),
            r.randint(1, 4),
        ],
    ),
    "smart_resize_paddle": (
        lambda h, w, factor, low, high: paddle_size(h, w, factor, low, high),
        lambda r: [r.choice([14, 28, 32]), low := r.randint(1, 90000), low + r.randint(30000, 1500000)],
    ),
    "glm_image": (
        lambda h, w, factor, low, high: glm_image_size(h, w, factor, low, high),
        lambda r: [r.choice([14, 28, 32]), low := r.randint(1, 90000), low + r.randint(30000, 1500000)],
    ),
    "muse_glimmer_grid": (muse_glimmer_grid, lambda r: [r.choice([1, 14, 28]), r.choice([1, 7, 64, 4096])]),
    "idefics3": (
        lambda h, w, longest: idefics3_size(image(h, w), longest),
        lambda r: [r.choice([364, 1456, 999, 4096, 6000])],
    ),
    "idefics3_tiles": (idefics3_tiles, lambda r: [r.choice([14, 364, 512])]),
    "naflex": (
        lambda h, w, patch, most: naflex_size(h, w, patch, most),
        lambda r: [r.choice([14, 16]), r.choice([1, 7, 256, 1024])],
    ),
    "gemma4": (
        lambda h, w, patch, kernel, tokens: gemma4_size(h, w, patch, tokens * kernel**2, kernel),
        lambda r: [r.choice([14, 16]), r.randint(1, 4), r.choice([70, 140, 280])],
    ),
    "kosmos2_5_grid": (kosmos2_5_grid, lambda r: [r.randint(100, 2048), r.choice([8, 16]), r.choice([12, 16])]),
    "floor_multiple": (
        lambda h, w, divisor: resized(GLPN, h, w, size=None, size_divisor=divisor),
        lambda r: [r.choice([1, 2, 7, 32])],
    ),
    "textnet": (
        lambda h, w, edge, divisor: resized(TEXTNET, h, w, size=SizeDict(shortest_edge=edge), size_divisor=divisor),
        lambda r: [r.randint(1, 700), r.choice([1, 2, 7, 32])],
    ),
    "text_page": (text_page, lambda r: [r.randint(1, 1200), r.randint(0, 2), r.choice([0, r.randint(1, 4000)])]),
    "text_line": (text_line, lambda r: [r.randint(1, 96), r.randint(1, 500), r.randint(1, 3200)]),
    "sam": (
        lambda h, w, longest: resized(SAM, h, w, size=SizeDict(longest_edge=longest)),
        lambda r: [r.randint(1, 1200)],
    ),
    "tvp": (
        lambda h, w, longest: resized(TVP, h, w, size=SizeDict(longest_edge=longest)),
        lambda r: [r.randint(1, 1200)],
    ),
    "vilt": (
        lambda h, w, shorter, divisor: bridgetower_size(image(h, w), shorter, int(1333 / 800 * shorter), divisor),
        lambda r: [r.randint(1, 800), r.choice([1, 2, 7, 32])],
    ),
    "yolos": (
        lambda h, w, edge, longest: get_size_with_aspect_ratio_yolos((h, w), edge, longest),
        lambda r: [edge := r.randint(1, 900), edge + r.randint(0, 700)],
    ),
    "pixtral": (
        lambda h, w, most_h, most_w, patch_h, patch_w: pixtral_size(
            image(h, w), (most_h, most_w), (patch_h, patch_w), "channels_first"
        ),
        lambda r: [r.randint(1, 1200), r.randint(1, 1200), r.choice([14, 16]), r.choice([1, 16])],
    ),
    "janus": (
        lambda h, w, edge, least: resized(JANUS, h, w, size=SizeDict(height=edge, width=edge), min_size=least),
        lambda r: [r.randint(1, 500), r.choice([0, 14, 200])],
    ),
    "thumbnail": (thumbnail, lambda r: [r.randint(1, 900), r.randint(1, 900)]),
    "pix2struct_grid": (pix2struct_grid, lambda r: [r.randint(1, 2048), r.choice([8, 16]), r.choice([12, 16])]),
}


def rows_of(rule, parameters, source):
    fixed = [(1, 1), (1, 37), (37, 1), (224, 224), (333, 517), (700, 411), (64, 1000)]
    rows = []
    for i in range(ROWS):
        height, width = fixed[i] if i < len(fixed) else (source.randint(1, 1200), source.randint(1, 1200))
        chosen = parameters(source)
        try:
            result = list(rule(height, width, *chosen))
        except ValueError:
            result = None
        rows.append([height, width, *chosen, result])
    return rows


def main() -> None:
    table = {
        "_provenance": {
            "script": "scripts/make_size_rule_table.py",
            "transformers": transformers.__version__,
            "seed": SEED,
        }
    }
    for name, (rule, parameters) in RULES.items():
        table[name] = rows_of(rule, parameters, random.Random(f"{SEED} {name}"))  # a new rule leaves the others alone
    path = ROOT / "tests" / "plan" / "size_rules.json"
    path.parent.mkdir(exist_ok=True)
    lines = [f'"_provenance": {json.dumps(table.pop("_provenance"))}']
    lines += [f'"{name}": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]" for name, rows in table.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{path.relative_to(ROOT)}: {len(table)} rules, {ROWS} rows each")


if __name__ == "__main__":
    main()
