// The axis of a job as device code reads it, and how long its rows can be.
#pragma once

#include "kernels/cuda/descriptor.hpp"
#include "weights/axis_table.hpp"
#include "weights/filter_radius.hpp"

namespace kir::cuda {

/// All fields of an AxisDesc but `table` and `steps`. An axis that is not resampled is copied from its window. `axis`
/// is one that has a weight table (why_no_axis_table), or, not resampled, whose window is inside its box.
AxisDesc axis_desc(const Axis& axis, bool resampled, Arithmetic arithmetic);

/// An upper bound of the taps of an axis' rows: max_taps(axis, arithmetic).
constexpr int max_taps_of(const AxisDesc& axis) {
  if (axis.kind == AxisKind::clamped) {
    const int taps = axis.filter == Filter::bicubic ? 4 : 2;
    return taps < axis.in ? taps : axis.in;
  }
  if (axis.kind != AxisKind::window) return 1;
  double support = axis.support;
  if (axis.integer) {  // in double
    const double radius = filter_radius(axis.filter);
    const double scale = static_cast<double>(axis.in) / static_cast<double>(axis.out);
    support = scale >= 1 ? radius * scale : radius;
  }
  const int whole = static_cast<int>(support);
  const int taps = 2 * (whole + (support > whole ? 1 : 0)) + 1;
  return taps < axis.in ? taps : axis.in;
}

}  // namespace kir::cuda
