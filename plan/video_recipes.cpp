// What video processor classes of transformers 5.17.0 do: one row a class, as plan/recipes.cpp has those of images.
// Which frames of a video are taken (do_sample_frames, fps, num_frames) is the caller's: the images are those frames.
// Source: src/transformers/models/*/video_processing_*.py and video_processing_utils.py. A class without a row is not
// built.
#include "plan/recipe.hpp"
#include "plan/stages.hpp"
#include "plan/video_size_rule.hpp"

namespace kir {

namespace {

constexpr const char* kVideoPixels = "pixel_values_videos";

/// BaseVideoProcessor._preprocess
Recipe base(std::string_view class_name) {
  return {class_name,
          {frames(), resize(automatic), window(), affine(), videos(kVideoPixels)},
          Returns::features,
          Groups::videos};
}

/// The same with pixel_values: a class whose model takes the outputs of its image processor.
Recipe base_as_images(std::string_view class_name) {
  return {class_name, {frames(), resize(automatic), window(), affine(), videos()}, Returns::features, Groups::videos};
}

std::vector<Recipe> rows() {
  return {
      // clang-format off
      base_as_images("InstructBlipVideoVideoProcessor"),
      base("InternVLVideoProcessor"),
      base("LlavaNextVideoVideoProcessor"),
      base("LlavaOnevisionVideoProcessor"),
      base("PerceptionLMVideoProcessor"),
      base_as_images("TimesformerVideoProcessor"),
      {"VJEPA2VideoProcessor", {frames(), resize(vjepa2), window(), affine(), videos(kVideoPixels)}, Returns::features, Groups::videos},
      base("VideoLlavaVideoProcessor"),
      base_as_images("VideoMAEVideoProcessor"),
      base("VideomtVideoProcessor"),
      {"VivitVideoProcessor", {frames(), resize(automatic), window(), affine_offset(), videos()}, Returns::features, Groups::videos},
      // clang-format on
  };
}

}  // namespace

const std::vector<Recipe>& video_recipes() {
  static const std::vector<Recipe> all = rows();
  return all;
}

}  // namespace kir
