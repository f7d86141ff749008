// The rows of the size rules that count tokens or pixels.
#include "plan/size_rule.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace kir {

Extent patch_of(const Keys& keys) {
  keys.require("patch_size");
  const SizeKeys patch = keys.size("patch_size", true, kMaxPatch);
  if (patch.height == 0) keys.refuse("patch_size", "has no height and width");
  return {patch.height, patch.width};
}

std::int64_t merged_patch(const Keys& keys) {
  const std::int64_t edge =
      keys.required_integer("patch_size", 1, kMaxPatch) * keys.required_integer("merge_size", 1, kMaxPatch);
  return keys.knows("patch_expand_factor") ? edge * keys.required_integer("patch_expand_factor", 1, kMaxPatch) : edge;
}

Extent square_patch(const Keys& keys) {
  const std::int64_t edge = keys.required_integer("patch_size", 1, kMaxPatch);
  return {edge, edge};
}

std::int64_t soft_tokens(const Keys& keys) {
  constexpr std::int64_t kAllowed[] = {70, 140, 280, 560, 1120};
  const std::int64_t count = keys.required_integer("max_soft_tokens", kAllowed[0], kAllowed[4]);
  if (std::find(std::begin(kAllowed), std::end(kAllowed), count) == std::end(kAllowed)) {
    keys.refuse("max_soft_tokens", std::to_string(count) + " is not one of 70, 140, 280, 560, 1120");
  }
  return count;
}

std::int64_t pooling_kernel(const Keys& keys) {
  constexpr std::int64_t kMaxKernel = 64;
  return keys.required_integer("pooling_kernel_size", 1, kMaxKernel);
}

std::int64_t pooled_patches(const Keys& keys) {
  const std::int64_t kernel = pooling_kernel(keys);
  return soft_tokens(keys) * kernel * kernel;
}

namespace {

constexpr SizeForm kPixelCounts[] = {SizeForm::pixel_counts};

/// A rule of merged patches and pixel counts.
template <Extent (*Rule)(Extent, std::int64_t, std::int64_t, std::int64_t)>
SizeOf bind_pixel_counts(const Keys& keys, const SizeKeys& size) {
  return [factor = merged_patch(keys), least = size.shortest_edge, most = size.longest_edge](Extent image) {
    return Rule(image, factor, least, most);
  };
}

SizeOf bind_smart_resize_frames(const Keys& keys, const SizeKeys& size) {
  const std::int64_t factor = merged_patch(keys);
  const std::int64_t frames = keys.required_integer("temporal_patch_size", 1, kMaxPatch);
  return [=, least = size.shortest_edge, most = size.longest_edge](Extent image) {
    return size_rules::smart_resize_frames(image, factor, least, most, frames);
  };
}

SizeOf bind_muse_glimmer(const Keys& keys, const SizeKeys&) {
  const std::int64_t side = merged_patch(keys);
  const char* key = keys.knows("max_video_frame_tokens") ? "max_video_frame_tokens" : "max_image_tokens";
  const std::int64_t max_tokens = keys.required_integer(key, 1, kMaxPatches);
  return [=](Extent image) {
    const Extent grid = size_rules::muse_glimmer_grid(image, side, max_tokens);
    return Extent{grid.height * side, grid.width * side};
  };
}

SizeOf bind_naflex(const Keys& keys, const SizeKeys&) {
  const std::int64_t patch = square_patch(keys).height;
  const std::int64_t max_patches = keys.required_integer("max_num_patches", 1, kMaxPatches);
  return [=](Extent image) { return size_rules::naflex(image, patch, max_patches); };
}

SizeOf bind_gemma4(const Keys& keys, const SizeKeys&) {
  const std::int64_t patch = square_patch(keys).height, kernel = pooling_kernel(keys), most = pooled_patches(keys);
  return [=](Extent image) { return size_rules::gemma4(image, patch, kernel, most); };
}

/// A rule of grids of at most max_patches patches.
template <Extent (*Rule)(Extent, std::int64_t, Extent)>
SizeOf bind_patch_grid(const Keys& keys, const SizeKeys&) {
  const Extent patch = patch_of(keys);
  const std::int64_t max_patches = keys.required_integer("max_patches", 1, kMaxPatches);
  return [=](Extent image) {
    const Extent grid = Rule(image, max_patches, patch);
    return Extent{grid.height * patch.height, grid.width * patch.width};
  };
}

}  // namespace

const SizeRule smart_resize = {"smart_resize", kPixelCounts, bind_pixel_counts<size_rules::smart_resize>,
                               Keys::Numbers::whole};
const SizeRule smart_resize_frames = {"smart_resize_frames", kPixelCounts, bind_smart_resize_frames,
                                      Keys::Numbers::whole};
const SizeRule smart_resize_paddle = {"smart_resize_paddle", kPixelCounts,
                                      bind_pixel_counts<size_rules::smart_resize_paddle>, Keys::Numbers::whole};
const SizeRule glm_image = {"glm_image", kPixelCounts, bind_pixel_counts<size_rules::glm_image>, Keys::Numbers::whole};
const SizeRule muse_glimmer = {"muse_glimmer", {}, bind_muse_glimmer, Keys::Numbers::integers, false};
const SizeRule naflex = {"naflex", {}, bind_naflex, Keys::Numbers::integers, false};
const SizeRule gemma4 = {"gemma4", {}, bind_gemma4, Keys::Numbers::integers, false};
const SizeRule kosmos2_5 = {
    "kosmos2_5", {}, bind_patch_grid<size_rules::kosmos2_5_grid>, Keys::Numbers::integers, false};
const SizeRule pix2struct = {
    "pix2struct", {}, bind_patch_grid<size_rules::pix2struct_grid>, Keys::Numbers::integers, false};

}  // namespace kir
