// Which image processor class and which video processor class a model type of transformers has.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kir {

/// "clip" -> "CLIPImageProcessor"; "" for a model that has none; nothing for an unknown type.
std::optional<std::string_view> class_of_model(const std::string& model_type);

/// "qwen2_5_vl" -> "Qwen2VLVideoProcessor"; as class_of_model otherwise.
std::optional<std::string_view> video_class_of_model(const std::string& model_type);

/// The class of that name, or of that Pillow twin: "CLIPImageProcessorPil" -> "CLIPImageProcessor". Nothing for others.
std::optional<std::string_view> class_named(std::string_view name);

/// The video processor class of that name. Nothing for others.
std::optional<std::string_view> video_class_named(std::string_view name);

/// All image processor classes, in alphabetical order.
std::vector<std::string_view> image_processor_classes();
/// All video processor classes, in alphabetical order.
std::vector<std::string_view> video_processor_classes();

}  // namespace kir
