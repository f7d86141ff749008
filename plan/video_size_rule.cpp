#include "plan/video_size_rule.hpp"

#include <algorithm>
#include <string>

#include "kir/error.hpp"
#include "plan/rounding.hpp"

namespace kir {

namespace {

constexpr SizeForm kPixelCounts[] = {SizeForm::pixel_counts};
constexpr SizeForm kLongestOrFixed[] = {SizeForm::longest, SizeForm::fixed};

/// The pixels that cap_pixels_per_frame leaves a frame at least. models/qwen2_vl, models/qwen3_vl: resize
std::int64_t floor_of_cap(std::int64_t min_pixels) {
  return size_rules::to_int(static_cast<double>(min_pixels) * 1.05);
}

/// The pixels of max_video_tokens merged patches.
double pixels_of_tokens(const Keys& keys, std::int64_t factor) {
  const std::int64_t tokens = keys.required_integer("max_video_tokens", 1, kMaxElements);
  return static_cast<double>(tokens) * static_cast<double>(factor) * static_cast<double>(factor);
}

/// models/qwen2_vl: Qwen2VLVideoProcessor.resize
VideoSizeOf bind_smart_resize_capped(const Keys& keys, const SizeKeys& size) {
  const std::int64_t factor = merged_patch(keys), least = size.shortest_edge, most = size.longest_edge;
  if (!keys.boolean("cap_pixels_per_frame")) {
    return [=](Extent frame, std::int64_t) { return size_rules::smart_resize(frame, factor, least, most); };
  }
  const std::int64_t total = size_rules::to_int(pixels_of_tokens(keys, factor) * 0.9);
  const std::int64_t temporal = keys.required_integer("temporal_patch_size", 1, kMaxPatch);
  return [=](Extent frame, std::int64_t frames) {
    const std::int64_t share = std::max(std::min(most, total * temporal / frames), floor_of_cap(least));
    return size_rules::smart_resize(frame, factor, least, share);
  };
}

/// models/video_llama_3: VideoLlama3VideoProcessor.resize
VideoSizeOf bind_smart_resize_shared(const Keys& keys, const SizeKeys& size) {
  const std::int64_t factor = merged_patch(keys), least = size.shortest_edge, most = size.longest_edge;
  return [=](Extent frame, std::int64_t frames) {
    if (frames > most) {
      throw Error(ErrorCode::invalid_argument, "groups",
                  "a video has " + std::to_string(frames) + " frames; they share size.longest_edge = " +
                      std::to_string(most) + " pixels, and at least one each is needed");
    }
    return size_rules::smart_resize(frame, factor, least, most / frames);
  };
}

/// models/qwen3_vl: Qwen3VLVideoProcessor.resize
VideoSizeOf bind_smart_resize_video(const Keys& keys, const SizeKeys& size) {
  const std::int64_t factor = merged_patch(keys), least = size.shortest_edge, most = size.longest_edge;
  const std::int64_t temporal = keys.required_integer("temporal_patch_size", 1, kMaxPatch);
  if (!keys.boolean("cap_pixels_per_frame")) {
    return [=](Extent frame, std::int64_t frames) {
      return size_rules::smart_resize_video(frame, factor, least, most, frames, temporal);
    };
  }
  const std::int64_t cap = size_rules::to_int(pixels_of_tokens(keys, factor));
  return [=](Extent frame, std::int64_t frames) {
    const std::int64_t share = std::max(std::min(cap, most / frames), floor_of_cap(least));
    return size_rules::smart_resize_video(frame, factor, least, share * frames, frames, temporal);
  };
}

/// models/minimax_m3_vl: MiniMaxM3VLVideoProcessor._preprocess
SizeOf bind_smart_resize_pixels(const Keys& keys, const SizeKeys&) {
  const std::int64_t factor = merged_patch(keys);
  const std::int64_t least = keys.required_integer("min_pixels", 1, kMaxElements);
  const std::int64_t most = keys.required_integer("max_pixels", 1, kMaxElements);
  return [=](Extent frame) { return size_rules::smart_resize(frame, factor, least, most); };
}

/// models/smolvlm: get_resize_output_image_size of the video processor
SizeOf bind_smolvlm_longest(const Keys&, const SizeKeys& size) {
  constexpr std::int64_t kMaxImageSize = 4096;
  if (size.longest_edge == 0) return [to = Extent{size.height, size.width}](Extent) { return to; };
  return [longest = std::min(size.longest_edge, kMaxImageSize)](Extent frame) {
    return size_rules::idefics3(frame, longest);
  };
}

SizeOf bind_smolvlm_square(const Keys& keys, const SizeKeys&) {
  return [edge = tile_edge(keys)](Extent) { return Extent{edge, edge}; };
}

/// models/vjepa2: VJEPA2VideoProcessor.__init__
SizeOf bind_vjepa2(const Keys& keys, const SizeKeys&) {
  const SizeKeys crop = keys.size("crop_size", true);
  if (crop.height == 0 || keys.find("crop_size")->is_array()) {
    keys.refuse("crop_size",
                keys.text("crop_size") + " is neither an integer nor has a height; `size` follows from it");
  }
  return [edge = size_rules::vjepa2_edge(crop.height)](Extent frame) { return size_rules::shortest_edge(frame, edge); };
}

constexpr auto kWhole = Keys::Numbers::whole;
constexpr auto kIntegers = Keys::Numbers::integers;

}  // namespace

const SizeRule smart_resize_capped = {"smart_resize_capped",   kPixelCounts, nullptr, kWhole, true,
                                      bind_smart_resize_capped};
const SizeRule smart_resize_shared = {"smart_resize_shared",   kPixelCounts, nullptr, kWhole, true,
                                      bind_smart_resize_shared};
const SizeRule smart_resize_video = {"smart_resize_video",   kPixelCounts, nullptr, kWhole, true,
                                     bind_smart_resize_video};
const SizeRule smart_resize_pixels = {"smart_resize_pixels", {}, bind_smart_resize_pixels, kIntegers, false};
const SizeRule smolvlm_longest = {"smolvlm_longest", kLongestOrFixed, bind_smolvlm_longest};
const SizeRule smolvlm_square = {"smolvlm_square", {}, bind_smolvlm_square, kIntegers, false};
const SizeRule vjepa2 = {"vjepa2", {}, bind_vjepa2, kIntegers, false};

}  // namespace kir
