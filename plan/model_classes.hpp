// Which image processor class a model type of transformers has.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kir {

/// "clip" -> "CLIPImageProcessor"; "" for a model that has none; nothing for an unknown type.
std::optional<std::string_view> class_of_model(const std::string& model_type);

/// Whether transformers has an image processor class of that name.
bool is_image_processor(std::string_view class_name);
std::size_t image_processor_count();

}  // namespace kir
