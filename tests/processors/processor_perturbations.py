"""Configurations near a class's own, drawn from the keys that its file has: no class is named here.

A key changes by the kind of its value: switches flip, sizes and counts become others of their form, filters, means and
factors others that transformers takes. What does not concern pixels stays.
"""

import numpy
from processor_variants import box, shortest

# Words, labels and what a caller does with outputs.
NOT_OF_PIXELS = {
    "_provenance", "apply_ocr", "bos_id", "character", "character_list", "default_to_square", "dict", "eos_id",
    "format", "do_convert_annotations", "do_reduce_labels", "image_processor_type", "image_size", "is_vqa", "mask_size",
    "mask_pad_size", "repo_path", "td_token", "tesseract_config",
}  # fmt: skip
PIXEL_COUNT = 4000  # an edge above it is a number of pixels, as in Qwen2-VL's `size`
LARGEST_EDGE = 400  # of outputs that a test can afford by the hundred
FACTORS = [1 / 255, 1 / 127.5, 1 / 128, 1.0, 0.5]
FILTERS = [0, 1, 2, 2, 2, 3, 3, 3, 4, 5]  # Pillow's numbers; torchvision has no 4 and 5
FEW = 64  # an edge or a count up to it is one of patches or tiles, and grows with it


def small(config):
    """The same with outputs of at most LARGEST_EDGE, where an edge says so; words that OCR would add are left out."""
    made = dict(config)
    for key, value in config.items():
        if isinstance(value, dict) and value and all(type(edge) is int for edge in value.values()):
            largest = max(value.values())
            if LARGEST_EDGE < largest <= PIXEL_COUNT:
                made[key] = {name: max(1, edge * LARGEST_EDGE // largest // 2) for name, edge in value.items()}
            elif largest > PIXEL_COUNT * 100:
                made[key] = {name: min(edge, PIXEL_COUNT * 25) for name, edge in value.items()}
    if "apply_ocr" in made:
        made["apply_ocr"] = False
    return made


# ----------------------------------------------------------------------------------------------------------------------
# Perturbations that follow from the keys


def other_switches(config):
    """Every switch flipped alone."""
    return [{key: not value} for key, value in config.items() if type(value) is bool and key not in NOT_OF_PIXELS]


def other_sizes(config):
    """Sizes of the same form and of others."""
    drawn = []
    for key in ("size", "crop_size", "pad_size"):
        value = config.get(key)
        if isinstance(value, dict) and max(value.values()) <= PIXEL_COUNT:
            factors = (0.7, 0.9) if len(value) == 2 else (0.7,)
            drawn.append({key: {name: int(edge * f) for f, (name, edge) in zip(factors, value.items(), strict=True)}})
        elif isinstance(value, dict):
            drawn.append({key: {name: edge * 3 // 4 for name, edge in value.items()}})
    if isinstance(config.get("size"), dict):
        drawn += [{"size": shortest(90)}, {"size": box(90, 131)}, {"size": 77}]
    return drawn


def other_levels(config):
    """Another filter, and another affine."""
    drawn = [{"resample": 2 if config.get("resample") == 3 else 3}, {"resample": 0}] if "resample" in config else []
    if "image_mean" in config:
        drawn.append({"image_mean": [0.1, 0.2, 0.3], "image_std": [0.3, 0.2, 0.4], "rescale_factor": 1 / 128})
    return drawn


def other_counts(config):
    """Patches, tiles and other numbers, each alone."""
    drawn = []
    for key, value in config.items():
        if key in NOT_OF_PIXELS or key in ("resample", "size", "crop_size", "pad_size"):
            continue
        if type(value) is int:
            drawn.append({key: value * 2 if value < 8 else value // 2})
        elif isinstance(value, dict) and value and all(type(edge) is int for edge in value.values()):
            drawn.append({key: {name: max(1, edge * 3 // 4) for name, edge in value.items()}})
    return drawn


# ----------------------------------------------------------------------------------------------------------------------
# Random ones


def drawn_size(value, random):
    if max(value.values()) > PIXEL_COUNT:
        edges = sorted(int(edge) for edge in random.integers(1000, 120000, len(value)))
        return dict(zip(value, edges, strict=True))
    if max(value.values()) <= FEW:
        return {name: int(random.integers(1, 2 * edge + 2)) for name, edge in value.items()}
    form = random.integers(6)
    one, other = (int(edge) for edge in random.integers(1, 260, 2))
    if form == 0:
        return shortest(one)
    if form == 1:
        return box(one, other)
    if form == 2:
        return one
    edges = {name: int(edge) for name, edge in zip(value, random.integers(1, 260, len(value)), strict=True)}
    return edges if len(edges) < 2 or random.integers(2) else dict.fromkeys(edges, one)


def drawn_number(value, random):
    twice = value * 2 if value <= FEW else value
    return int(random.choice([1, value + 1, max(1, value // 2), twice, max(1, value - 1)]))


def drawn_list(key, value, random):
    if key.endswith("std"):
        return [round(float(v), 3) for v in random.uniform(0.1, 1, len(value))]
    if value and isinstance(value[0], float):
        return [round(float(v), 3) for v in random.uniform(0, 1, len(value))]
    if value and isinstance(value[0], int):
        return [int(v) for v in random.integers(0, 256, len(value))]
    return [value[i] for i in sorted(random.choice(len(value), random.integers(1, len(value) + 1), replace=False))]


def drawn_value(key, value, random):
    """Another value of its kind; itself where there is none."""
    if type(value) is bool:
        return not value
    if key.endswith("resample"):
        return int(random.choice(FILTERS))
    if key.endswith("rescale_factor"):
        return float(random.choice(FACTORS))
    if isinstance(value, dict) and all(type(edge) is int for edge in value.values()):
        return drawn_size(value, random)
    if isinstance(value, list) and value:
        return drawn_list(key, value, random)
    if type(value) is int:
        return drawn_number(value, random)
    return value * float(random.choice([0.5, 0.8, 1.2])) if type(value) is float else value


def drawn(config, random):
    """One to four keys of a configuration, changed at random."""
    names = [key for key, value in config.items() if key not in NOT_OF_PIXELS and value is not None]
    chosen = random.choice(names, min(len(names), int(random.integers(1, 5))), replace=False)
    return {str(key): drawn_value(key, config[key], random) for key in chosen}


def drawn_images(random):
    """One to three images: of ordinary sides, sometimes of a pixel, a row or a ratio above 20, grey or with alpha."""
    channels = int(random.choice([3] * 12 + [1, 1, 4]))
    images = []
    for _ in range(int(random.choice([1, 1, 2, 3]))):
        kind = random.integers(10)
        height, width = (int(side) for side in random.integers(2, 200, 2))
        if kind == 0:
            height = 1
        elif kind == 1:
            height = width = 1
        elif kind == 2:
            height, width = 4, int(random.integers(80, 200))
        elif kind == 3:
            height, width = int(random.integers(80, 200)), 3
        images.append(random.integers(0, 256, (channels, height, width), dtype=numpy.uint8))
    return images
