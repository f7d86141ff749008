"""Writes configuration/model_classes.cpp: the image processor classes, and the model types that each serves.

A configuration that names no class is of its model's, which the config.json beside it names. AutoImageProcessor takes
torchvision's class where a model has two.

    .venv/bin/python scripts/make_model_classes.py
"""

from pathlib import Path

import transformers
from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES
from transformers.models.auto.image_processing_auto import IMAGE_PROCESSOR_MAPPING_NAMES

ROOT = Path(__file__).resolve().parent.parent

HEADER = """// Made by scripts/make_model_classes.py from transformers {version}; do not edit.
// The image processor classes, each one's Pillow twin, and the model types that it serves; "" serves the others.
#include "configuration/model_classes.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace kir {{

namespace {{

struct ModelClass {{
  std::string_view class_name, pillow_name, model_types;
}};

// One row a class. Each model type stands between two spaces.
// clang-format off
constexpr ModelClass kClasses[] = {{
"""

FOOTER = """};
// clang-format on

}  // namespace

std::optional<std::string_view> class_of_model(const std::string& model_type) {
  const std::string word = " " + model_type + " ";
  const auto* found = std::find_if(std::begin(kClasses), std::end(kClasses), [&](const ModelClass& row) {
    return row.model_types.find(word) != std::string_view::npos;
  });
  if (found == std::end(kClasses)) return std::nullopt;
  return found->class_name;
}

std::optional<std::string_view> class_named(std::string_view name) {
  if (name.empty()) return std::nullopt;
  const auto* found = std::find_if(std::begin(kClasses), std::end(kClasses), [&](const ModelClass& row) {
    return row.class_name == name || row.pillow_name == name;
  });
  if (found == std::end(kClasses)) return std::nullopt;
  return found->class_name;
}

std::vector<std::string_view> image_processor_classes() {
  std::vector<std::string_view> names;
  for (const ModelClass& row : kClasses) {
    if (!row.class_name.empty()) names.push_back(row.class_name);
  }
  return names;
}

}  // namespace kir
"""


def classes_of(model_type: str) -> tuple[str, str]:
    """The class's name and its Pillow twin's; "" for what the model has not.

    Types that share a configuration class share the processor's.
    """
    by_config = {config: name for name, config in CONFIG_MAPPING_NAMES.items()}  # as _LazyAutoMapping reverses it
    type_of_the_mapping = by_config.get(CONFIG_MAPPING_NAMES.get(model_type), model_type)
    by_backend = IMAGE_PROCESSOR_MAPPING_NAMES.get(type_of_the_mapping, {})
    torchvision, pillow = by_backend.get("torchvision") or "", by_backend.get("pil") or ""
    return (torchvision, pillow) if torchvision else (pillow, "")


def text() -> str:
    """The whole file."""
    types: dict[tuple[str, str], list[str]] = {}
    for model_type in sorted(CONFIG_MAPPING_NAMES):
        types.setdefault(classes_of(model_type), []).append(model_type)
    rows = [f'    {{"{name}", "{pillow}", " {" ".join(types[name, pillow])} "}},\n' for name, pillow in sorted(types)]
    return HEADER.format(version=transformers.__version__) + "".join(rows) + FOOTER


def main() -> None:
    (ROOT / "configuration" / "model_classes.cpp").write_text(text())
    print(f"configuration/model_classes.cpp: {len(CONFIG_MAPPING_NAMES)} model types")


if __name__ == "__main__":
    main()
