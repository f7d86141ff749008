// Interpolation kernels as pure functions of the distance to a pixel's centre, in source pixels (after the widening of
// a downscale). They know nothing of pixels, windows or tables. Thread safety: all functions are pure.
#pragma once

#include "kir/plan.hpp"
#include "weights/filter_radius.hpp"

namespace kir {

/// The parameter of the cubic: -0.5 (Keys; Pillow, torch with antialias), -0.75 (OpenCV, torch without).
constexpr double cubic_parameter(bool antialias) {
  return antialias ? -0.5 : -0.75;
}

/// The kernel in double, in the operation order of torch's integer path. `antialias` matters to bicubic alone.
double filter_value(Filter filter, double x, bool antialias = true);

/// The kernel in float32 as torch's CPU binary evaluates it: bilinear in its source's order, bicubic with the fused
/// multiply-adds that the shipped binary has, which differ with and without antialias.
/// Torch has no float box, hamming or lanczos3: those are filter_value rounded once.
float filter_value_f32(Filter filter, float x, bool antialias = true);

}  // namespace kir
