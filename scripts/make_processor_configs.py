#!/usr/bin/env python3
"""Write configs/processors/ and configs/video/<model_type>.json from the installed transformers package.

One file for each model type that transformers' auto mappings give an image processor class, or a video processor class,
in the vocabulary of preprocessor_config.json and video_preprocessor_config.json. Nothing is downloaded, and no value is
typed here: each comes from the class's own defaults.
The same transformers version gives the same bytes; --check says whether the files hold them.
"""

import argparse
import importlib
import inspect
import json
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import transformers
from transformers.image_processing_backends import PilBackend, TorchvisionBackend
from transformers.models.auto.configuration_auto import model_type_to_module_name
from transformers.models.auto.image_processing_auto import IMAGE_PROCESSOR_MAPPING_NAMES
from transformers.models.auto.video_processing_auto import VIDEO_PROCESSOR_MAPPING_NAMES
from transformers.video_processing_utils import BaseVideoProcessor

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = "scripts/make_processor_configs.py"

# What a class needs beyond its defaults before it can be built or called, from its source.
NEEDS = {
    "ImageGPTImageProcessor": "do_color_quantize needs the clusters of a checkpoint when called; the class has none",
    "LayoutLMv2ImageProcessor": "apply_ocr needs pytesseract when called (words and boxes; the pixels do not need it)",
    "LayoutLMv3ImageProcessor": "apply_ocr needs pytesseract when called (words and boxes; the pixels do not need it)",
    "Ernie4_5_VLMoeVideoProcessor": "draw_on_frames needs the font of a checkpoint when called; the class has none",
    "TimmWrapperImageProcessor": "the package timm, and pretrained_cfg of a checkpoint's config.json; no defaults",
}

# Class attributes that describe the interface, not the pixels.
INTERFACE_ATTRIBUTES = {"model_input_names", "main_input_name", "valid_kwargs"}


# The folders of configs/, and what transformers maps model types to.
MAPPINGS = {"processors": IMAGE_PROCESSOR_MAPPING_NAMES, "video": VIDEO_PROCESSOR_MAPPING_NAMES}


def processor_class(model_type: str, folder: str = "processors") -> type:
    """The class of a model type: of images its torchvision class where it has one, else its only class."""
    mapped = MAPPINGS[folder][model_type]
    name = mapped if isinstance(mapped, str) else mapped.get("torchvision") or mapped["pil"]
    cls = getattr(transformers, name)
    if getattr(cls, "is_dummy", False):  # a package that it needs is missing: transformers exports a stand-in
        module = model_type_to_module_name(model_type)
        cls = getattr(importlib.import_module(f"transformers.models.{module}.image_processing_{module}"), name)
    return cls


def required_arguments(cls: type) -> list[str]:
    """The constructor's parameters that have no default."""
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [p.name for p in parameters if p.kind in named and p.default is inspect.Parameter.empty]


def omitted_attributes(cls: type, written: dict) -> dict:
    """Class attributes that to_dict() leaves out and the pipeline reads from the instance (default_to_square, ...)."""
    if not issubclass(cls, TorchvisionBackend | PilBackend):
        return {}  # the older classes set what they use in their constructors
    names = (name for name in dir(cls) if not name.startswith("_"))
    values = {name: inspect.getattr_static(cls, name) for name in names if name not in written}
    plain = (bool, int, float, str, list, tuple, dict)
    return {k: v for k, v in values.items() if isinstance(v, plain) and k not in INTERFACE_ATTRIBUTES}


def json_text(processor) -> str:
    """to_json_string(), of videos without what a class adds to it: Ernie4_5_VLMoe insists on the file of its font."""
    if not isinstance(processor, BaseVideoProcessor):
        return processor.to_json_string()
    return json.dumps(BaseVideoProcessor.to_dict(processor))


def processor_config(model_type: str, folder: str) -> dict:
    """The configuration of a model type: the class's defaults and where they come from."""
    cls = processor_class(model_type, folder)
    missing = required_arguments(cls)
    if missing:
        config = {"image_processor_type": cls.__name__}
        omitted = {}
        how = f"the class name alone: the constructor needs {', '.join(missing)}"
    else:
        config = json.loads(json_text(cls()))
        omitted = json.loads(json.dumps(omitted_attributes(cls, config)))
        how = "to_json_string() of the class built without arguments"
        if omitted:
            how += ", and the class attributes that it leaves out: " + ", ".join(sorted(omitted))
    provenance = {
        "class": f"{cls.__module__}.{cls.__name__}",
        "how": how,
        "mapping": MAPPINGS[folder][model_type],
        "script": SCRIPT,
        "transformers": transformers.__version__,
    }
    if cls.__name__ in NEEDS:
        provenance["needs"] = NEEDS[cls.__name__]
    return {**config, **omitted, "_provenance": provenance}


def file_texts(folder: str = "processors") -> dict[str, str]:
    """File name -> text, for every model type of a folder of configs/."""
    return {
        f"{model_type}.json": json.dumps(processor_config(model_type, folder), indent=2, sort_keys=True) + "\n"
        for model_type in sorted(MAPPINGS[folder])
    }


def differences(texts: dict[str, str], folder: Path) -> list[str]:
    """How the files of `folder` differ from `texts`; empty when they do not."""
    present = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    found = [f"missing: {name}" for name in sorted(texts.keys() - present.keys())]
    found += [f"not from transformers' mapping: {name}" for name in sorted(present.keys() - texts.keys())]
    found += [f"differs: {name}" for name in sorted(texts.keys() & present.keys()) if texts[name] != present[name]]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "configs", help="holds the folders (default: configs)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 and say how the files differ")
    arguments = parser.parse_args()
    all_differ = 0
    for folder in MAPPINGS:
        texts, out = file_texts(folder), arguments.out / folder
        found = differences(texts, out)
        all_differ += len(found)
        if arguments.check:
            for line in found:
                print(f"{folder}: {line}", file=sys.stderr)
            print(f"{folder}: {len(texts)} of transformers {transformers.__version__}, {len(found)} differences")
            continue
        out.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (out / name).write_text(text, encoding="utf-8")
        print(f"wrote {len(texts)} files to {out} ({len(found)} differed)")
    return 1 if arguments.check and all_differ else 0


if __name__ == "__main__":
    sys.exit(main())
