// Into how many tiles a fill is cut (fill.cuh).
#pragma once

#include <cstdint>

#include "kernels/cuda/descriptor.hpp"

namespace kir::cuda {

inline constexpr int kFillGroups = 256;     ///< groups of a tile
inline constexpr int kFillGroupBytes = 16;  ///< elements of a row that are stored together when they can be

namespace fill {

/// Elements of a group.
constexpr int group_of(Type type) {
  return kFillGroupBytes / static_cast<int>(bytes_of(type));
}

/// Groups that a row may touch, however it lies to the boundaries of 16 bytes.
constexpr std::int64_t groups_of_row(const FillDesc& fill) {
  const int group = group_of(fill.target_type);
  return (std::int64_t{fill.x1} - fill.x0 + 2 * group - 2) / group;
}

}  // namespace fill

constexpr std::int64_t fill_tiles(const FillDesc& fill) {
  if (fill.x1 <= fill.x0 || fill.y1 <= fill.y0) return 0;
  const std::int64_t groups = (std::int64_t{fill.y1} - fill.y0) * fill::groups_of_row(fill);
  return (groups + kFillGroups - 1) / kFillGroups * fill.channels;
}

}  // namespace kir::cuda
