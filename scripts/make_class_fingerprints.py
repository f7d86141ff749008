"""Writes python/kernel_image_resize/_fingerprints.py: the source of each class's pixel work, as a hash.

Run it with the version of transformers whose rules the plans have, and the built package on PYTHONPATH:

    PYTHONPATH=build/python .venv/bin/python scripts/make_class_fingerprints.py
"""

import os
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import transformers
from kernel_image_resize._source import fingerprint
from transformers.image_processing_utils import BaseImageProcessor
from transformers.models.auto.image_processing_auto import IMAGE_PROCESSOR_MAPPING_NAMES
from transformers.models.auto.video_processing_auto import VIDEO_PROCESSOR_MAPPING_NAMES

FILE = Path(__file__).resolve().parent.parent / "python" / "kernel_image_resize" / "_fingerprints.py"


def classes():
    """Every image and video processor class of a model type, of torchvision and of Pillow, whose packages are there."""
    names = {name for by_backend in IMAGE_PROCESSOR_MAPPING_NAMES.values() for name in by_backend.values() if name}
    names |= set(VIDEO_PROCESSOR_MAPPING_NAMES.values())
    found = (getattr(transformers, name) for name in sorted(names))
    return [cls for cls in found if isinstance(cls, type) and issubclass(cls, BaseImageProcessor)]


def text():
    rows = "".join(f'    "{cls.__name__}": "{fingerprint(cls)}",\n' for cls in classes())
    made_from = transformers.__version__
    return (
        f'"""Made by scripts/make_class_fingerprints.py from transformers {made_from}; do not edit."""\n\n'
        f'TRANSFORMERS = "{made_from}"\n\nFINGERPRINTS = {{\n{rows}}}\n'
    )


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    print(f"wrote {FILE}: {len(classes())} classes")
