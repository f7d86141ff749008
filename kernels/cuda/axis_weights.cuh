// The weights of an axis on the device: weights/axis_table.cpp row by row, nothing kept in memory. float gives the
// float32 weights of aten on the CPU, double the torch_int16 weights before they are quantised; both equal the host's
// to the bit, but for hamming and lanczos3, whose sine the device has from another library (test_axis_weights prints
// how far). Needs -fmad=false: a product and a sum are fused where __fmaf_rn says so, and nowhere else.
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/cuda/axis_desc.hpp"

namespace kir::cuda {

// ---------------------------------------------------------------------------------------------------------------------
// Filters, as weights/filters.cpp has them

__device__ inline double sinc(double x) {
  return x == 0.0 ? 1.0 : sinpi(x) / (3.14159265358979323846 * x);
}

/// Not inlined, as it is rare: the longer a kernel is, the longer it waits for its instructions.
__device__ __noinline__ inline double rare_filter_value(Filter filter, double x) {
  const double t = fabs(x);
  if (filter == Filter::box) return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
  if (filter == Filter::hamming) {
    if (t == 0.0) return 1.0;
    return t < 1.0 ? sinc(t) * (static_cast<double>(0.54f) + static_cast<double>(0.46f) * cospi(t)) : 0.0;
  }
  if (filter == Filter::lanczos3) return -3.0 <= x && x < 3.0 ? sinc(x) * sinc(x / 3.0) : 0.0;
  return 0.0;
}

__device__ inline double filter_value(Filter filter, double x, bool antialias = true) {
  const double t = fabs(x);
  if (filter == Filter::bilinear) return t < 1.0 ? 1.0 - t : 0.0;
  if (filter != Filter::bicubic) return rare_filter_value(filter, x);
  const double a = antialias ? -0.5 : -0.75;
  if (t < 1.0) return ((a + 2.0) * t - (a + 3.0)) * t * t + 1.0;
  if (t < 2.0) return ((a * t - 5.0 * a) * t + 8.0 * a) * t - 4.0 * a;
  return 0.0;
}

__device__ inline float filter_value(Filter filter, float x, bool antialias = true) {
  const float t = fabsf(x);
  if (filter == Filter::bilinear) return t < 1.0f ? 1.0f - t : 0.0f;
  if (filter != Filter::bicubic) return static_cast<float>(rare_filter_value(filter, static_cast<double>(x)));
  const float a = antialias ? -0.5f : -0.75f;
  if (t < 1.0f) {
    const float u = __fmaf_rn(a + 2.0f, t, -(a + 3.0f)) * t;
    return antialias ? __fmaf_rn(u, t, 1.0f) : u * t + 1.0f;
  }
  if (t < 2.0f) {
    const float u = __fmaf_rn(__fmaf_rn(a, t, -5.0f * a), t, 8.0f * a);
    return antialias ? __fmaf_rn(u, t, -4.0f * a) : u * t - 4.0f * a;
  }
  return 0.0f;
}

// ---------------------------------------------------------------------------------------------------------------------
// Rows

/// Source pixels [first, first + taps) of one output position, counted from the start of the source.
struct AxisSpan {
  int first = 0, taps = 1;
};

/// One row of the table. Copies and nearest have one tap of weight 1.
template <class Real>
struct AxisRow {
  int first = 0;  ///< source pixel of tap 0, the box's begin included
  int taps = 1;

  AxisKind kind = AxisKind::copy;
  Filter filter = Filter::nearest;
  int lead = 0;      ///< window: tap 0 in the box. clamped: the first of the 2 or 4 taps in the box, beyond it too
  int in = 1;        ///< pixels of the box
  Real centre = 0;   ///< window: of the window. clamped: lambda, the distance of the position to its pixel
  Real inverse = 1;  ///< window
  Real total = 0;    ///< window: the sum that every value is divided by

  /// Of tap k in [0, taps). Computes the filter's value and divides it: about 20 instructions for bicubic.
  __device__ Real weight(int k) const {
    if (kind == AxisKind::window) return total != 0 ? value(k) / total : value(k);
    if (kind != AxisKind::clamped) return Real(1);
    Real sum = 0;
    visit_taps([&](int at, Real tap) {
      if (at == k) sum += tap;
    });
    return sum;
  }

  /// The largest weight that fill_i16 has seen of this row: of the partial sums at a clamped edge too. Needs no total.
  __device__ Real largest() const {
    if (kind == AxisKind::copy || kind == AxisKind::nearest || kind == AxisKind::nearest_exact) return Real(1);
    Real most = 0;
    if (kind == AxisKind::clamped) {
      Real sum = 0;
      int last = -1;
      visit_taps([&](int at, Real tap) {
        sum = at == last ? sum + tap : Real(0) + tap;
        last = at;
        most = sum > most ? sum : most;
      });
    } else {  // the largest quotient is that of the largest value: rounding is monotonic
      Real sum = 0, high = 0, low = 0;
      for (int k = 0; k < taps; ++k) {
        const Real v = value(k);
        sum += v;
        high = v > high ? v : high;
        low = v < low ? v : low;
      }
      if (sum != 0) most = (sum > 0 ? high : low) / sum;
    }
    return most;
  }

  /// window: before the division. The literal 0.5 is a double, so the sum and the product are doubles, rounded once.
  __device__ Real value(int k) const {
    const Real distance = static_cast<Real>(lead + k) - centre;
    return filter_value(filter, static_cast<Real>((distance + 0.5) * inverse));
  }

 private:
  /// clamped: calls visit(k, value) for the 2 or 4 taps in order, k being the tap of the row that it is added to.
  template <class Visit>
  __device__ void visit_taps(const Visit& visit) const {
    const bool cubic = filter == Filter::bicubic;
    const int begin = min(max(lead, 0), in - 1);
    const auto at = [&](int j) { return min(max(lead + j, 0), in - 1) - begin; };
    if constexpr (std::is_same_v<Real, float>) {
      // aten evaluates the cubic at four mirrored distances for float images, ...
      const float rest = 1.0f - centre;
      if (!cubic) {
        visit(at(0), rest);
        visit(at(1), centre);
      } else {
        visit(at(0), filter_value(filter, centre + 1.0f, false));
        visit(at(1), filter_value(filter, centre, false));
        visit(at(2), filter_value(filter, rest, false));
        visit(at(3), filter_value(filter, rest + 1.0f, false));
      }
    } else {
      // ... and the filter at each tap's signed distance for uint8 images.
      const int radius = cubic ? 2 : 1;
      for (int j = 0; j < 2 * radius; ++j) visit(at(j), filter_value(filter, (j + 1 - radius) - centre, false));
    }
  }
};

/// Scale, half width and reciprocal of a window; float has them in the descriptor.
template <class Real>
struct AxisScale {
  Real scale, support, inverse;

  __device__ explicit AxisScale(const AxisDesc& axis) {
    if constexpr (std::is_same_v<Real, float>) {
      scale = axis.scale;
      support = axis.support;
      inverse = axis.inverse;
    } else {
      const double radius = filter_radius(axis.filter);
      scale = static_cast<double>(axis.in) / static_cast<double>(axis.out);
      support = scale >= 1 ? radius * scale : radius;
      inverse = scale >= 1 ? 1.0 / scale : 1.0;
    }
  }
};

/// clamped, nearest_exact: aten's area_pixel_compute_source_index for output i of the whole axis.
template <class Real>
__device__ inline Real source_position(const AxisDesc& axis, int i, bool cubic) {
  if constexpr (std::is_same_v<Real, float>) {
    if (axis.align_corners) return axis.scale * static_cast<float>(i);
    const float position = __fmaf_rn(axis.scale, static_cast<float>(i) + 0.5f, -0.5f);
    return !cubic && position < 0.0f ? 0.0f : position;
  } else {
    if (axis.align_corners) {
      const double scale = axis.out > 1 ? static_cast<double>(axis.in - 1) / static_cast<double>(axis.out - 1) : 0.0;
      return scale * static_cast<double>(i);
    }
    const double position =
        static_cast<double>(axis.in) / static_cast<double>(axis.out) * (static_cast<double>(i) + 0.5) - 0.5;
    return !cubic && position < 0.0 ? 0.0 : position;
  }
}

/// Row `i` of the window [0, axis.count), all but the total of its weights: weight() does not work yet.
template <class Real>
__device__ inline AxisRow<Real> axis_row_without_total(const AxisDesc& axis, int i) {
  AxisRow<Real> row;
  row.kind = axis.kind;
  row.filter = axis.filter;
  row.in = axis.in;
  const int output = axis.first + i;
  switch (axis.kind) {
    case AxisKind::copy:
      row.first = output;
      break;
    case AxisKind::nearest:
      row.first = min(static_cast<int>(floorf(axis.scale * static_cast<float>(output))), axis.in - 1);
      break;
    case AxisKind::nearest_exact:
      row.first = min(static_cast<int>(floorf(static_cast<float>(source_position<float>(axis, output, false) + 0.5))),
                      axis.in - 1);
      break;
    case AxisKind::window: {
      const AxisScale<Real> window(axis);
      row.inverse = window.inverse;
      row.centre = static_cast<Real>(window.scale * (output + 0.5));
      const Real low = row.centre - window.support, high = row.centre + window.support;
      row.lead = max(static_cast<int>(low + 0.5), 0);
      const int most = 2 * static_cast<int>(ceil(window.support)) + 1;
      row.taps = min(max(min(static_cast<int>(high + 0.5), axis.in) - row.lead, 0), most);
      row.first = row.lead;
      break;
    }
    case AxisKind::clamped: {
      const bool cubic = axis.filter == Filter::bicubic;
      const int radius = cubic ? 2 : 1;
      const Real position = source_position<Real>(axis, output, cubic);
      const int index = min(static_cast<int>(floorf(static_cast<float>(position))), axis.in - 1);
      const Real lambda = position - static_cast<Real>(index);
      row.centre = lambda < 0 ? Real(0) : lambda > 1 ? Real(1) : lambda;
      row.lead = index - radius + 1;
      row.first = min(max(row.lead, 0), axis.in - 1);
      row.taps = min(row.lead + 2 * radius, axis.in) - row.first;
      break;
    }
  }
  row.first += axis.begin;
  return row;
}

/// Row `i` of the window [0, axis.count). Sums the weights of a window in order, so it costs as much as all of them.
template <class Real>
__device__ inline AxisRow<Real> axis_row(const AxisDesc& axis, int i) {
  AxisRow<Real> row = axis_row_without_total<Real>(axis, i);
  if (axis.kind == AxisKind::window) {
    for (int k = 0; k < row.taps; ++k) row.total += row.value(k);
  }
  return row;
}

/// The source pixels of row `i`, without its weights: cheap.
template <class Real>
__device__ __noinline__ AxisSpan axis_span(const AxisDesc& axis, int i) {
  const AxisRow<Real> row = axis_row_without_total<Real>(axis, i);
  return {row.first, row.taps};
}

// ---------------------------------------------------------------------------------------------------------------------
// torch_int16

/// AxisRow::weight of a row that is made for it alone. Not inlined, as it is rare.
template <class Real>
__device__ __noinline__ Real rare_weight(const AxisDesc& axis, int i, int k) {
  return axis_row<Real>(axis, i).weight(k);
}

/// The largest weight of an axis, of those outputs of the whole axis (in the window or not) that are this thread's: one
/// in `threads`.
__device__ inline double largest_of_axis(const AxisDesc& axis, int thread, int threads) {
  double largest = 0;
  for (int output = thread; output < axis.out; output += threads) {
    largest = fmax(largest, axis_row_without_total<double>(axis, output - axis.first).largest());
    if (axis.kind != AxisKind::window && axis.kind != AxisKind::clamped) break;  // every row is the same
  }
  return largest;
}

/// The power of two that the weights of an axis are multiplied by; `largest` is that of all rows of the whole axis, of
/// [0, axis.out) and not only of the window.
__device__ inline int shift_of(double largest) {
  int shift = 0;
  while (shift < 22 && static_cast<int>(0.5 + largest * (1 << (shift + 1))) < (1 << 15)) ++shift;
  return shift;
}

__device__ inline std::int16_t quantised(double weight, int shift) {
  const double scaled = weight * (1 << shift);
  return static_cast<std::int16_t>(static_cast<int>(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
}

}  // namespace kir::cuda
