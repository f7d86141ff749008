// Which image processor class a model type of transformers has.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kir {

/// "clip" -> "CLIPImageProcessor"; "" for a model that has none; nothing for an unknown type.
std::optional<std::string_view> class_of_model(const std::string& model_type);

/// The class of that name, or of that Pillow twin: "CLIPImageProcessorPil" -> "CLIPImageProcessor". Nothing for others.
std::optional<std::string_view> class_named(std::string_view name);
std::size_t image_processor_count();

}  // namespace kir
