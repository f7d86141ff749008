// The axis of a whole image.
#pragma once

#include <cstdint>

#include "kir/plan.hpp"

namespace kir::test {

/// The whole axis, with the border that torch has.
inline Axis make_axis(std::int32_t in, std::int32_t out, Filter filter = Filter::bicubic, bool antialias = true) {
  Axis axis;
  axis.in = in;
  axis.out = out;
  axis.count = out;
  axis.box_end = in;
  axis.filter = filter;
  axis.antialias = antialias;
  axis.border = antialias ? Border::renormalize : Border::clamp;
  return axis;
}

}  // namespace kir::test
