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

/// Tokens of all videos behind each other, and video_grid_thw.
Recipe packed(std::string_view class_name, const SizeRule& rule, TokenOrder order,
              Validates validates = Validates::all) {
  return {class_name,
          {frames(), resize(rule), affine(), tokens(order, TokenGrid::videos)},
          Returns::stacked,
          Groups::videos,
          validates};
}

std::vector<Recipe> rows() {
  return {
      // clang-format off
      packed("CohereCompassVideoProcessor", smart_resize_video, "YXyx ctij"),
      {"Cosmos3EdgeVideoProcessor", {frames(), requires_value("temporal_patch_size", 1), resize(smart_resize_video), affine(), tokens("YXyx ijct", TokenGrid::videos)}, Returns::stacked, Groups::videos},
      packed("Glm46VVideoProcessor", smart_resize_video, "YXyx ctij"),
      packed("Glm4vVideoProcessor", smart_resize_video, "YXyx ctij"),
      packed("GlmgaVideoProcessor", smart_resize_video, "YXyx ctij"),
      base_as_images("InstructBlipVideoVideoProcessor"),
      base("InternVLVideoProcessor"),
      base("LlavaNextVideoVideoProcessor"),
      base("LlavaOnevisionVideoProcessor"),
      packed("MiniMaxM3VLVideoProcessor", smart_resize_pixels, "YXyx ctij"),
      packed("MuseGlimmerVideoProcessor", muse_glimmer, "YX tcij", Validates::all_but_resize),
      {"PeVideoVideoProcessor", {frames(), resize(automatic), window(), affine(), padded_videos()}, Returns::features, Groups::videos},
      base("PerceptionLMVideoProcessor"),
      packed("Qwen2VLVideoProcessor", smart_resize_capped, "YXyx ctij"),
      packed("Qwen3VLVideoProcessor", smart_resize_video, "YXyx ctij"),
      {"Sam2VideoVideoProcessor", {frames(), resize(automatic), window(), affine(), video_sizes(), videos(kVideoPixels)}, Returns::features, Groups::videos},
      {"SmolVLMVideoProcessor", {frames(), resize(smolvlm_longest), resize(smolvlm_square), affine(), pad_batch(), masked_videos()}, Returns::features, Groups::videos},
      base_as_images("TimesformerVideoProcessor"),
      {"VJEPA2VideoProcessor", {frames(), resize(vjepa2), window(), affine(), videos(kVideoPixels)}, Returns::features, Groups::videos},
      {"VideoLlama3VideoProcessor", {frames(), resize(smart_resize_shared), affine(), tokens("YXyx ctij", TokenGrid::videos), video_tokens_kept()}, Returns::stacked, Groups::videos},
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
