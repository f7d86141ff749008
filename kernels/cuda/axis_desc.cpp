#include "kernels/cuda/axis_desc.hpp"

namespace kir::cuda {
namespace {

AxisKind kind_of(const Axis& axis, bool resampled) {
  if (!resampled) return AxisKind::copy;
  if (axis.filter == Filter::nearest) return AxisKind::nearest;
  if (axis.filter == Filter::nearest_exact) return AxisKind::nearest_exact;
  return axis.antialias ? AxisKind::window : AxisKind::clamped;
}

}  // namespace

AxisDesc axis_desc(const Axis& axis, bool resampled, Arithmetic arithmetic) {
  AxisDesc desc;
  desc.begin = static_cast<std::int32_t>(axis.box_begin);
  desc.in = static_cast<std::int32_t>(axis.box_end) - desc.begin;
  desc.out = axis.out;
  desc.first = axis.first;
  desc.count = axis.count;
  desc.kind = kind_of(axis, resampled);
  desc.integer = arithmetic == Arithmetic::torch_int16;
  if (desc.kind == AxisKind::copy) return desc;

  desc.filter = axis.filter;
  desc.align_corners = axis.align_corners;
  if (axis.align_corners) {
    desc.scale = axis.out > 1 ? static_cast<float>(desc.in - 1) / static_cast<float>(axis.out - 1) : 0.0f;
  } else {
    desc.scale = static_cast<float>(desc.in) / static_cast<float>(axis.out);
  }
  if (desc.kind == AxisKind::window) {
    const auto radius = static_cast<float>(filter_radius(axis.filter));
    desc.support = desc.scale >= 1 ? radius * desc.scale : radius;
    desc.inverse = desc.scale >= 1 ? static_cast<float>(1.0 / static_cast<double>(desc.scale)) : 1.0f;
  }
  return desc;
}

}  // namespace kir::cuda
