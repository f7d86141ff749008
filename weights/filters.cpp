#include "weights/filters.hpp"

#include <cmath>
#include <numbers>

namespace kir {

namespace {

double sinc(double x) {
  if (x == 0.0) return 1.0;
  const double t = x * std::numbers::pi;
  return std::sin(t) / t;
}

// Half open, as Pillow's: a tie belongs to one pixel only.
double box(double x) {
  return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
}

// Its constants are floats in Pillow's source, and 0.54f + 0.46f is not 1.
double hamming(double x) {
  const double t = std::abs(x);
  if (t == 0.0) return 1.0;
  if (t >= 1.0) return 0.0;
  return sinc(t) * (double(0.54f) + double(0.46f) * std::cos(t * std::numbers::pi));
}

double lanczos3(double x) {
  return -3.0 <= x && x < 3.0 ? sinc(x) * sinc(x / 3.0) : 0.0;
}

double cubic(double x, bool antialias) {
  const double a = cubic_parameter(antialias);
  const double t = std::abs(x);
  if (t < 1.0) return ((a + 2.0) * t - (a + 3.0)) * t * t + 1.0;
  if (t < 2.0) return ((a * t - 5.0 * a) * t + 8.0 * a) * t - 4.0 * a;
  return 0.0;
}

// Which products the compiler of torch's wheel fused was found by resizing identity matrices (torch 2.11, x86-64 with
// FMA); tests/weights/ holds weights that it made. The inner polynomial of the two forms is the same, the last
// steps are not.
float cubic_f32(float x, bool antialias) {
  const auto a = static_cast<float>(cubic_parameter(antialias));
  const float t = std::abs(x);
  if (t < 1.0f) {
    const float u = std::fma(a + 2.0f, t, -(a + 3.0f)) * t;
    return antialias ? std::fma(u, t, 1.0f) : u * t + 1.0f;
  }
  if (t < 2.0f) {
    const float u = std::fma(std::fma(a, t, -5.0f * a), t, 8.0f * a);
    return antialias ? std::fma(u, t, -4.0f * a) : u * t - 4.0f * a;
  }
  return 0.0f;
}

}  // namespace

double filter_value(Filter filter, double x, bool antialias) {
  switch (filter) {
    case Filter::nearest:
    case Filter::nearest_exact:
      return 0.0;
    case Filter::box:
      return box(x);
    case Filter::bilinear:
      return std::abs(x) < 1.0 ? 1.0 - std::abs(x) : 0.0;
    case Filter::hamming:
      return hamming(x);
    case Filter::bicubic:
      return cubic(x, antialias);
    case Filter::lanczos3:
      return lanczos3(x);
  }
  return 0.0;
}

float filter_value_f32(Filter filter, float x, bool antialias) {
  switch (filter) {
    case Filter::bilinear:
      return std::abs(x) < 1.0f ? 1.0f - std::abs(x) : 0.0f;
    case Filter::bicubic:
      return cubic_f32(x, antialias);
    default:
      return static_cast<float>(filter_value(filter, x, antialias));
  }
}

}  // namespace kir
