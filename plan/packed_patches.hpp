// Tokens of images and clips whose sizes are known: what the Qwen2-VL processor and resize_normalize_patchify share.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plan/request.hpp"

namespace kir {

/// Images and clips as lists of frames, flat: item i has the next lengths[i] >= 1 of `frames`, indices into the
/// request's images.
struct Items {
  std::vector<std::int32_t> frames, lengths;
};

/// The plan of `items`. `resized` has the size of each image of the request: multiples of the spec's patch_size *
/// merge_size, the same for the frames of one item.
Plan plan_tokens(const Request& request, std::span<const Extent> resized, const Items& items);

}  // namespace kir
