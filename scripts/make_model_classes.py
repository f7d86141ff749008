"""Writes configuration/model_classes.cpp: the image and video processor classes, and the model types that each serves.

A configuration that names no class is of its model's, which the config.json beside it names. AutoImageProcessor takes
torchvision's class where a model has two; video processors have no other.

    .venv/bin/python scripts/make_model_classes.py
"""

from pathlib import Path

import transformers
from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES
from transformers.models.auto.image_processing_auto import IMAGE_PROCESSOR_MAPPING_NAMES
from transformers.models.auto.video_processing_auto import VIDEO_PROCESSOR_MAPPING_NAMES

ROOT = Path(__file__).resolve().parent.parent

HEADER = """// Made by scripts/make_model_classes.py from transformers {version}; do not edit.
// The image processor classes, each one's Pillow twin, and the model types that it serves; "" serves the others. The
// video processor classes, and the model types that each serves; the others have none.
#include "configuration/model_classes.hpp"

#include <algorithm>
#include <span>
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

BETWEEN = """};

constexpr ModelClass kVideoClasses[] = {
"""

FOOTER = """};
// clang-format on

using Rows = std::span<const ModelClass>;

std::optional<std::string_view> class_of(Rows rows, const std::string& model_type) {
  const std::string word = " " + model_type + " ";
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const ModelClass& row) {
    return row.model_types.find(word) != std::string_view::npos;
  });
  if (found == rows.end()) return std::nullopt;
  return found->class_name;
}

std::optional<std::string_view> named_in(Rows rows, std::string_view name) {
  if (name.empty()) return std::nullopt;
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const ModelClass& row) {
    return row.class_name == name || row.pillow_name == name;
  });
  if (found == rows.end()) return std::nullopt;
  return found->class_name;
}

std::vector<std::string_view> names_of(Rows rows) {
  std::vector<std::string_view> names;
  for (const ModelClass& row : rows) {
    if (!row.class_name.empty()) names.push_back(row.class_name);
  }
  return names;
}

}  // namespace

std::optional<std::string_view> class_of_model(const std::string& model_type) {
  return class_of(kClasses, model_type);
}

std::optional<std::string_view> video_class_of_model(const std::string& model_type) {
  const std::optional<std::string_view> found = class_of(kVideoClasses, model_type);
  return found || !class_of(kClasses, model_type) ? found : std::string_view();
}

std::optional<std::string_view> class_named(std::string_view name) {
  return named_in(kClasses, name);
}

std::optional<std::string_view> video_class_named(std::string_view name) {
  return named_in(kVideoClasses, name);
}

std::vector<std::string_view> image_processor_classes() {
  return names_of(kClasses);
}

std::vector<std::string_view> video_processor_classes() {
  return names_of(kVideoClasses);
}

}  // namespace kir
"""


def type_of_the_mapping(model_type: str, mapping: dict) -> str | None:
    """The type under which the mapping has the model's class: types that share a configuration class share it."""
    by_config = {config: name for name, config in CONFIG_MAPPING_NAMES.items()}  # as _LazyAutoMapping reverses it
    config = CONFIG_MAPPING_NAMES[model_type]
    sharing = [by_config[config], *(name for name, other in CONFIG_MAPPING_NAMES.items() if other == config)]
    return next((name for name in sharing if name in mapping), None)


def classes_of(model_type: str) -> tuple[str, str]:
    """The class's name and its Pillow twin's; "" for what the model has not."""
    by_backend = IMAGE_PROCESSOR_MAPPING_NAMES.get(type_of_the_mapping(model_type, IMAGE_PROCESSOR_MAPPING_NAMES), {})
    torchvision, pillow = by_backend.get("torchvision") or "", by_backend.get("pil") or ""
    return (torchvision, pillow) if torchvision else (pillow, "")


def video_classes_of(model_type: str) -> tuple[str, str]:
    """As classes_of; video processors have no Pillow twins."""
    name = VIDEO_PROCESSOR_MAPPING_NAMES.get(type_of_the_mapping(model_type, VIDEO_PROCESSOR_MAPPING_NAMES))
    return name or "", ""


def rows(classes_of_model) -> list[str]:
    """One row a class, and of its model types."""
    types: dict[tuple[str, str], list[str]] = {}
    for model_type in sorted(CONFIG_MAPPING_NAMES):
        types.setdefault(classes_of_model(model_type), []).append(model_type)
    return [f'    {{"{name}", "{pillow}", " {" ".join(types[name, pillow])} "}},\n' for name, pillow in sorted(types)]


def text() -> str:
    """The whole file."""
    videos = [row for row in rows(video_classes_of) if not row.startswith('    {""')]
    return HEADER.format(version=transformers.__version__) + "".join([*rows(classes_of), BETWEEN, *videos]) + FOOTER


def main() -> None:
    (ROOT / "configuration" / "model_classes.cpp").write_text(text())
    print(f"configuration/model_classes.cpp: {len(CONFIG_MAPPING_NAMES)} model types")


if __name__ == "__main__":
    main()
