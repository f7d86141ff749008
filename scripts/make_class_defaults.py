"""Writes configuration/class_defaults.cpp: the keys and default values of every image and video processor class.

A configuration file may leave keys out (most files on the hub do); transformers then takes the class's own value. The
table holds that value for each key that the class accepts, null where it has none.

    .venv/bin/python scripts/make_class_defaults.py     # after a build of kir, which names the classes
"""

import inspect
import json
import os
import re
import subprocess
from enum import Enum
from pathlib import Path

import transformers
from make_processor_configs import omitted_attributes

ROOT = Path(__file__).resolve().parent.parent

# Keys of a call, not of a configuration.
CALL_KEYS = {"data_format", "input_data_format", "device", "return_tensors", "disable_grouping", "image_seq_length"}
CALL_KEYS |= {"video_metadata"}

# Classes that take no keys of a configuration: timm makes what TimmWrapperImageProcessor runs.
WITHOUT_KEYS = {"TimmWrapperImageProcessor"}

HEADER = """// Made by scripts/make_class_defaults.py from transformers {version}; do not edit.
// The keys that each class accepts in its configuration, with the class's own values; null where it has none.
#include "configuration/class_defaults.hpp"

#include <algorithm>
#include <iterator>

namespace kir {{

namespace {{

struct Defaults {{
  std::string_view class_name, json;
}};

// One row a class.
// clang-format off
constexpr Defaults kDefaults[] = {{
"""

FOOTER = """};
// clang-format on

}  // namespace

std::string_view class_defaults(std::string_view class_name) {
  const auto* found = std::find_if(std::begin(kDefaults), std::end(kDefaults),
                                   [&](const Defaults& row) { return row.class_name == class_name; });
  return found == std::end(kDefaults) ? std::string_view() : found->json;
}

}  // namespace kir
"""


def processor_classes() -> list[str]:
    """All classes, by the `kir` that is built: KIR of the environment, or build/kir."""
    names = []
    for media in ([], ["--videos"]):
        command = [os.environ.get("KIR", ROOT / "build" / "kir"), "list", "--classes", *media, "--json", "-"]
        listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        names += [row["name"] for row in json.loads(listing)["classes"] if row["name"] not in WITHOUT_KEYS]
    return names


def plain(value):
    """A class attribute as JSON has it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return list(value)
    return None if callable(value) else value  # OwlViT's older key `rescale` is a method's name too


def defaults_of(name: str) -> dict:
    cls = getattr(transformers, name)
    # __init__ of some classes takes older keys beside the declared ones (max_size, use_square_size).
    init = inspect.getsource(cls.__init__) if "__init__" in vars(cls) else ""
    older = re.findall(r"""kwargs(?:\.pop\(|\.get\(|\[)["'](\w+)["']""", init)
    # Janus makes its background_color anew, and writes it into files.
    older += re.findall(r"self\.(background_color) =", init)
    # configs/processors has attributes that are no keys of a call (HunYuanVL's spatial_patch_size): they are known too.
    attributes = set(omitted_attributes(cls, {}))
    keys = (set(cls.valid_kwargs.__annotations__) | set(older) | attributes) - CALL_KEYS
    return {key: plain(getattr(cls, key, None)) for key in sorted(keys)}


def text() -> str:
    """The whole file."""
    rows = [f'    {{"{name}", R"({json.dumps(defaults_of(name))})"}},\n' for name in processor_classes()]
    return HEADER.format(version=transformers.__version__) + "".join(rows) + FOOTER


def main() -> None:
    made = text()
    (ROOT / "configuration" / "class_defaults.cpp").write_text(made)
    print(f"configuration/class_defaults.cpp: {len(processor_classes())} classes")


if __name__ == "__main__":
    main()
