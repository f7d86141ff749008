// What a configuration says before its class reads it: the name of the class, and the values. Files and folders are
// read as transformers' AutoImageProcessor reads them (models/auto/image_processing_auto.py), without remote code.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace kir {

struct Configuration {
  std::string source;      ///< what errors of the values begin with: "clip.json", or "clip.json: image_processor"
  std::string class_name;  ///< of today, of torchvision: "CLIPImageProcessor"
  std::string named;       ///< what names it: "CLIPFeatureExtractor", or the model type "clip"
  std::string named_by;    ///< the key of that: "feature_extractor_type", ..., or "model_type"
  bool nested = false;     ///< whether the values stood under image_processor, as in a processor_config.json
  nlohmann::json values;   ///< an object
};

/// The configuration of a text: of a preprocessor_config.json, or of a processor_config.json, whose image_processor
/// comes before what stands beside it. Names of any age: CLIPImageProcessorFast, CLIPImageProcessorPil, and, under
/// feature_extractor_type, CLIPFeatureExtractor.
/// Throws Error{invalid_argument, "SOURCE: KEY", ...} for a text that is no object and for a class that is missing, of
/// the wrong type or unknown.
Configuration read_configuration(std::string_view text, const std::string& source);

/// read_configuration of a file, or of a model's folder: of the image_processor of its processor_config.json, else of
/// its preprocessor_config.json. Where that names no class, the folder's config.json says the model.
/// Error{io} when the path cannot be read.
Configuration load_configuration(const std::string& path);

}  // namespace kir
