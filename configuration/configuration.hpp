// What a configuration says before its class reads it: the name of the class, and the values. Files and folders are
// read as transformers' AutoImageProcessor and AutoVideoProcessor read them (models/auto/image_processing_auto.py and
// video_processing_auto.py), without remote code.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "kir/spec.hpp"

namespace kir {

struct Configuration {
  std::string source;           ///< what errors of the values begin with: "clip.json", or "clip.json: image_processor"
  std::string class_name;       ///< of today, of torchvision: "CLIPImageProcessor"
  std::string named;            ///< what names it: "CLIPFeatureExtractor", or the model type "clip"
  std::string named_by;         ///< the key of that: "feature_extractor_type", ..., or "model_type"
  bool nested = false;          ///< whether the values stood under image_processor or video_processor
  Media media = Media::images;  ///< whose class it is
  nlohmann::json values;        ///< an object
};

/// The configuration of a text: of a preprocessor_config.json, or of a processor_config.json, whose image_processor
/// comes before what stands beside it. Names of any age: CLIPImageProcessorFast, CLIPImageProcessorPil, and, under
/// feature_extractor_type, CLIPFeatureExtractor. A text that names a video processor alone is one; with Media::videos
/// its video processor is read, whose class an image_processor_type names too: Qwen2VLImageProcessor.
/// Throws Error{invalid_argument, "SOURCE: KEY", ...} for a text that is no object and for a class that is missing, of
/// the wrong type or unknown.
Configuration read_configuration(std::string_view text, const std::string& source, Media media = Media::images);

/// read_configuration of a file, or of a model's folder: of the image_processor of its processor_config.json, else of
/// its preprocessor_config.json. With Media::videos of its video_processor there, else of its
/// video_preprocessor_config.json, else of its preprocessor_config.json. Where that names no class, the folder's
/// config.json says the model. Error{io} when the path cannot be read.
Configuration load_configuration(const std::string& path, Media media = Media::images);

}  // namespace kir
