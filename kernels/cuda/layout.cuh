// Where element (c, y, x) of a target is. A division of a coordinate is one of 32 bits, and plain rows have none.
#pragma once

#include <cstdint>

#include "kernels/cuda/descriptor.hpp"

namespace kir::cuda {

/// The offset of coordinate v >= 0 along one axis, in elements.
__device__ inline std::int64_t offset_of(const StepsDesc& steps, int v) {
  const auto position = static_cast<std::uint32_t>(v);
  if (position < steps.unit) return position * steps.inner;
  const std::uint32_t unit = position / steps.unit, group = unit / steps.group;
  return group * steps.outer + (unit - group * steps.group) * steps.middle +
         (position - unit * steps.unit) * steps.inner;
}

/// The offset of the first copy of element (channel, y, x).
__device__ inline std::int64_t offset_of(const LayoutDesc& layout, int channel, int y, int x) {
  return channel * layout.channel + offset_of(layout.y, y) + offset_of(layout.x, x);
}

}  // namespace kir::cuda
