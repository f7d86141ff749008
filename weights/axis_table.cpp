#include "weights/axis_table.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "kir/error.hpp"
#include "weights/filters.hpp"

namespace kir {
namespace {

bool is_nearest(Filter filter) {
  return filter == Filter::nearest || filter == Filter::nearest_exact;
}

bool has_window(const Axis& axis) {
  return axis.antialias && !is_nearest(axis.filter);
}

/// The source pixels [begin, begin + count) on which taps can lie, and where the box is in them: `offset` pixels from
/// `begin`, `length` pixels long. renormalize and clamp have the pixels that the box touches, as torch crops first and
/// resizes then; what is left of a box of whole pixels is its length, with the offset 0.
struct Line {
  std::int32_t begin, count;
  double offset, length;
};
Line line_of(const Axis& axis) {
  const double length = axis.box_end - axis.box_begin;
  if (goes_on_beyond(axis.border)) return {0, axis.in, axis.box_begin, length};
  // Without std::floor and std::ceil, calls where the instructions cannot be counted on: every run asks for every axis.
  const auto begin = static_cast<std::int32_t>(axis.box_begin);
  auto end = static_cast<std::int32_t>(axis.box_end);
  if (end < axis.box_end) ++end;
  return {begin, end - begin, axis.box_begin - begin, length};
}

/// Whether the box has pixels, and lies in the source or, where there is something beyond it, not far away. NaN does
/// not.
bool is_box_near(const Axis& axis) {
  const double begin = goes_on_beyond(axis.border) ? -kMaxEdge : 0;
  const double end = goes_on_beyond(axis.border) ? 2.0 * kMaxEdge : axis.in;
  return axis.box_begin >= begin && axis.box_begin < axis.box_end && axis.box_end <= end;
}

std::string box_reason(const Axis& axis) {
  return "the box [" + std::to_string(axis.box_begin) + ", " + std::to_string(axis.box_end) +
         ") is empty, or not within [0, " + std::to_string(axis.in) + ") or what its border allows";
}

void check(const Axis& axis, Arithmetic arithmetic) {
  if (axis.in < 1 || axis.out < 1 || axis.in > kMaxEdge || axis.out > kMaxEdge) {
    throw Error(ErrorCode::invalid_argument, "axis",
                "in = " + std::to_string(axis.in) + ", out = " + std::to_string(axis.out) + "; allowed: 1.." +
                    std::to_string(kMaxEdge));
  }
  if (axis.first < 0 || axis.count < 0 || axis.first > axis.out - axis.count) {
    throw Error(ErrorCode::invalid_argument, "axis",
                "the window [" + std::to_string(axis.first) + ", " + std::to_string(axis.first) + " + " +
                    std::to_string(axis.count) + ") is not within [0, " + std::to_string(axis.out) + ")");
  }
  if (!is_box_near(axis)) throw Error(ErrorCode::invalid_argument, "axis", box_reason(axis));
  const std::string reason = why_no_axis_table(axis, arithmetic);
  if (!reason.empty()) throw Error(ErrorCode::unsupported, "axis", reason);
}

// ---------------------------------------------------------------------------------------------------------------------
// With antialias: a window as wide as the filter, cut at the edges, its weights divided by their sum.
// Real = float is torch's path for float images, Real = double its path for uint8 images.

/// The scale and the half width of the window, as aten's _compute_index_ranges_weights has them.
template <class Real>
struct Window {
  Real scale, support, inverse;

  Window(const Axis& axis, const Line& line) {
    scale = static_cast<Real>(line.length) / static_cast<Real>(axis.out);
    const auto radius = static_cast<Real>(filter_radius(axis.filter));
    support = scale >= 1 ? radius * scale : radius;
    inverse = scale >= 1 ? static_cast<Real>(1.0 / static_cast<double>(scale)) : Real(1);
  }
  std::int32_t max_taps() const { return static_cast<std::int32_t>(std::ceil(support)) * 2 + 1; }
};

float value(Filter filter, float x) {
  return filter_value_f32(filter, x);
}
double value(Filter filter, double x) {
  return filter_value(filter, x);
}

/// First source index, tap count and weights of output i; returns the largest weight. The literal 0.5 is a double, so
/// each sum with it is one too and is rounded once, where aten stores it in a scalar_t.
template <class Real>
Real window_row(const Axis& axis, const Line& line, const Window<Real>& window, std::int32_t i, std::int32_t& first,
                std::int32_t& taps, Real* weights) {
  const auto center = static_cast<Real>(line.offset + window.scale * (i + 0.5));
  const Real low = center - window.support, high = center + window.support;
  const auto begin = std::max<std::int64_t>(static_cast<std::int64_t>(low + 0.5), 0);
  const auto end = std::min<std::int64_t>(static_cast<std::int64_t>(high + 0.5), line.count);
  first = static_cast<std::int32_t>(begin);
  taps = static_cast<std::int32_t>(std::clamp<std::int64_t>(end - begin, 0, window.max_taps()));

  Real total = 0;
  for (std::int32_t k = 0; k < taps; ++k) {
    const Real distance = static_cast<Real>(begin + k) - center;
    weights[k] = value(axis.filter, static_cast<Real>((distance + 0.5) * window.inverse));
    total += weights[k];
  }
  Real largest = 0;
  if (total != 0) {
    for (std::int32_t k = 0; k < taps; ++k) {
      weights[k] /= total;
      largest = std::max(largest, weights[k]);
    }
  }
  return largest;
}

// ---------------------------------------------------------------------------------------------------------------------
// Without antialias: 2 or 4 taps around the source position, whatever the scale. A tap beyond the edge is the edge's
// pixel, so its weight is added to the edge's, in tap order.

template <class Real>
Real source_scale(const Axis& axis, const Line& line) {
  if (axis.align_corners) {
    return axis.out > 1 ? static_cast<Real>(line.length - 1) / static_cast<Real>(axis.out - 1) : Real(0);
  }
  return static_cast<Real>(line.length) / static_cast<Real>(axis.out);
}

/// aten's area_pixel_compute_source_index, without its cut at 0, and as far from line.begin as the box; its float form
/// is fused in the shipped binary, its double form is not seen to be.
template <class Real>
Real source_position(const Axis& axis, const Line& line, std::int32_t i) {
  const auto scale = source_scale<Real>(axis, line);
  const auto offset = static_cast<Real>(line.offset);
  if (axis.align_corners) return scale * static_cast<Real>(i) + offset;
  const Real centre = static_cast<Real>(i) + Real(0.5);
  return (std::is_same_v<Real, float> ? std::fma(scale, centre, Real(-0.5)) : scale * centre - Real(0.5)) + offset;
}

/// The taps before the edges are folded in. For float images aten evaluates the cubic at four mirrored distances; for
/// uint8 images it evaluates the filter at each tap's signed distance.
void plain_taps(bool cubic, float lambda, float* tap) {
  if (!cubic) {
    tap[0] = 1.0f - lambda;
    tap[1] = lambda;
    return;
  }
  const float rest = 1.0f - lambda;
  tap[0] = filter_value_f32(Filter::bicubic, lambda + 1.0f, false);
  tap[1] = filter_value_f32(Filter::bicubic, lambda, false);
  tap[2] = filter_value_f32(Filter::bicubic, rest, false);
  tap[3] = filter_value_f32(Filter::bicubic, rest + 1.0f, false);
}
void plain_taps(bool cubic, double lambda, double* tap) {
  const Filter filter = cubic ? Filter::bicubic : Filter::bilinear;
  const std::int32_t radius = cubic ? 2 : 1;
  for (std::int32_t k = 0; k < 2 * radius; ++k) {
    tap[k] = filter_value(filter, (k + 1 - radius) - lambda, false);
  }
}

template <class Real>
Real clamped_row(const Axis& axis, const Line& line, std::int32_t i, std::int32_t& first, std::int32_t& taps,
                 Real* weights) {
  const bool cubic = axis.filter == Filter::bicubic;
  const std::int32_t radius = cubic ? 2 : 1, last = line.count - 1;
  Real position = source_position<Real>(axis, line, i);
  if (!cubic && position < 0) position = 0;
  // aten takes floorf of a double too, so a position just below an integer is that integer.
  const auto index = std::min(static_cast<std::int32_t>(std::floor(static_cast<float>(position))), last);
  const Real lambda = std::clamp(position - static_cast<Real>(index), Real(0), Real(1));
  Real tap[4];
  plain_taps(cubic, lambda, tap);

  const std::int32_t unbound = index - radius + 1;
  first = std::clamp(unbound, 0, last);
  taps = std::min(unbound + 2 * radius, line.count) - first;
  std::fill_n(weights, taps, Real(0));
  Real largest = 0;  // of the partial sums at an edge too, as aten has it
  for (std::int32_t k = 0; k < 2 * radius; ++k) {
    Real& weight = weights[std::clamp(unbound + k, 0, last) - first];
    weight += tap[k];
    largest = std::max(largest, weight);
  }
  return largest;
}

// ---------------------------------------------------------------------------------------------------------------------
// Beyond the edge of the source: zero, reflect, symmetric. Taps are those of a source without an end, and the weight of
// one beyond the edge goes to the pixel that stands there.

/// The row of the taps begin + k, k < count, with the weights tap(k). A mirrored run of pixels is a run of pixels. A
/// row of no pixels (zero) stands at the edge that it is beyond.
template <class Real, class Tap>
void fold(const Axis& axis, std::int64_t begin, std::int32_t count, const Tap& tap, std::int32_t& first,
          std::int32_t& taps, Real* weights) {
  std::int32_t low = axis.in, high = -1;
  for (std::int32_t k = 0; k < count; ++k) {
    const std::int32_t pixel = pixel_at(axis.border, begin + k, axis.in);
    if (pixel < 0) continue;
    low = std::min(low, pixel);
    high = std::max(high, pixel);
  }
  taps = std::max(high - low + 1, 0);
  first = taps > 0 ? low : begin < 0 ? 0 : axis.in - 1;
  std::fill_n(weights, taps, Real(0));
  for (std::int32_t k = 0; k < count; ++k) {
    const std::int32_t pixel = pixel_at(axis.border, begin + k, axis.in);
    if (pixel >= 0) weights[pixel - first] += tap(k);
  }
}

template <class Real>
void endless_window_row(const Axis& axis, const Line& line, const Window<Real>& window, std::int32_t i,
                        std::int32_t& first, std::int32_t& taps, Real* weights) {
  const auto center = static_cast<Real>(line.offset + window.scale * (i + 0.5));
  const auto begin = static_cast<std::int64_t>(std::floor(static_cast<Real>(center - window.support) + 0.5));
  const auto end = static_cast<std::int64_t>(std::floor(static_cast<Real>(center + window.support) + 0.5));
  const auto count = static_cast<std::int32_t>(std::clamp<std::int64_t>(end - begin, 0, window.max_taps()));
  const auto tap = [&](std::int32_t k) {
    const Real distance = static_cast<Real>(begin + k) - center;
    return value(axis.filter, static_cast<Real>((distance + 0.5) * window.inverse));
  };
  Real total = 0;
  for (std::int32_t k = 0; k < count; ++k) total += tap(k);
  fold(
      axis, begin, count, [&](std::int32_t k) { return total != 0 ? tap(k) / total : tap(k); }, first, taps, weights);
}

template <class Real>
void endless_plain_row(const Axis& axis, const Line& line, std::int32_t i, std::int32_t& first, std::int32_t& taps,
                       Real* weights) {
  const bool cubic = axis.filter == Filter::bicubic;
  const std::int32_t radius = cubic ? 2 : 1;
  const auto position = source_position<Real>(axis, line, i);
  const Real index = std::floor(position);
  Real tap[4];
  plain_taps(cubic, position - index, tap);
  fold(
      axis, static_cast<std::int64_t>(index) - radius + 1, 2 * radius, [&](std::int32_t k) { return tap[k]; }, first,
      taps, weights);
}

// ---------------------------------------------------------------------------------------------------------------------
// Nearest: one source pixel, or none.

/// aten's HelperInterpNearest and HelperInterpNearestExact, which compute in float for uint8 images too.
template <class Real>
void nearest_row(const Axis& axis, const Line& line, std::int32_t i, std::int32_t& first, std::int32_t& taps,
                 Real* weights) {
  float position = 0;
  if (axis.filter == Filter::nearest) {
    position = source_scale<float>(axis, line) * static_cast<float>(i) + static_cast<float>(line.offset);
  } else {
    const auto centre = source_position<float>(axis, line, i);
    const bool cut = !goes_on_beyond(axis.border) && centre < 0;  // as aten has it
    position = static_cast<float>((cut ? 0.0f : centre) + 0.5);
  }
  const auto index = static_cast<std::int64_t>(std::floor(position));
  if (goes_on_beyond(axis.border))
    return fold(
        axis, index, 1, [](std::int32_t) { return Real(1); }, first, taps, weights);
  first = static_cast<std::int32_t>(std::min<std::int64_t>(index, line.count - 1));
  taps = 1;
  weights[0] = Real(1);
}

// ---------------------------------------------------------------------------------------------------------------------

/// Row i of the whole axis, counted from line.begin, whichever of the five above it is.
template <class Real>
class RowMaker {
 public:
  RowMaker(const Axis& axis, const Line& line) : axis_(axis), line_(line), window_(axis, line) {}

  /// Returns the largest weight on the way, which integer weights are scaled by.
  Real operator()(std::int32_t i, std::int32_t& first, std::int32_t& taps, Real* weights) const {
    if (is_nearest(axis_.filter)) {
      nearest_row(axis_, line_, i, first, taps, weights);
      return Real(1);
    }
    if (!goes_on_beyond(axis_.border)) {
      if (axis_.antialias) return window_row(axis_, line_, window_, i, first, taps, weights);
      return clamped_row(axis_, line_, i, first, taps, weights);
    }
    if (axis_.antialias) {
      endless_window_row(axis_, line_, window_, i, first, taps, weights);
    } else {
      endless_plain_row(axis_, line_, i, first, taps, weights);
    }
    return Real(1);
  }

 private:
  const Axis& axis_;
  const Line& line_;
  Window<Real> window_;
};

template <class Real>
std::int32_t row_length(const Axis& axis) {
  if (is_nearest(axis.filter)) return 1;
  const Line line = line_of(axis);
  if (!has_window(axis)) return std::min(axis.filter == Filter::bicubic ? 4 : 2, line.count);
  return std::min(Window<Real>(axis, line).max_taps(), line.count);
}

void fill_f32(const Axis& axis, AxisTable& table) {
  const Line line = line_of(axis);
  const RowMaker<float> row(axis, line);
  table.f32.assign(table.first.size() * table.stride, 0.0f);
  for (std::int32_t i = 0; i < axis.count; ++i) {
    row(axis.first + i, table.first[i], table.taps[i], table.f32.data() + std::size_t(i) * table.stride);
    table.first[i] += line.begin;
  }
}

/// The scale of the integers is the largest that keeps the axis's largest weight below 2^15, at most 2^22. It depends
/// on every output of the axis, so that a window's weights are those of the whole (aten's
/// _compute_index_ranges_int16_weights).
void fill_i16(const Axis& axis, AxisTable& table) {
  const Line line = line_of(axis);
  const RowMaker<double> row(axis, line);
  std::vector<double> window(table.first.size() * table.stride, 0.0), outside(table.stride);
  double largest = 0.0;
  for (std::int32_t i = 0; i < axis.out; ++i) {
    const std::int32_t w = i - axis.first;
    std::int32_t first = 0, taps = 0;
    double* weights = outside.data();
    if (w >= 0 && w < axis.count) weights = window.data() + std::size_t(w) * table.stride;
    largest = std::max(largest, row(i, first, taps, weights));
    if (w >= 0 && w < axis.count) {
      table.first[w] = first + line.begin;
      table.taps[w] = taps;
    }
  }

  while (table.shift < 22 && static_cast<std::int32_t>(0.5 + largest * (1 << (table.shift + 1))) < (1 << 15)) {
    ++table.shift;
  }
  table.i16.resize(window.size());
  std::transform(window.begin(), window.end(), table.i16.begin(), [&](double weight) {
    const double scaled = weight * (1 << table.shift);
    return static_cast<std::int16_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
  });
}

// ---------------------------------------------------------------------------------------------------------------------
// Pillow

constexpr std::int32_t kPillowShift = 32 - 8 - 2;  // Resample.c: PRECISION_BITS

/// Geometry.c: ImagingScaleAffine, which NEAREST is. A position is a sum of one scale after the other.
void fill_pillow_nearest(const Axis& axis, const Line& line, AxisTable& table) {
  const auto scale = source_scale<double>(axis, line);
  double position = line.offset + scale * 0.5;
  for (std::int32_t i = 0; i < axis.first + axis.count; ++i, position += scale) {
    if (i < axis.first) continue;
    table.first[i - axis.first] = line.begin + std::min(static_cast<std::int32_t>(position), line.count - 1);
    table.taps[i - axis.first] = 1;
    table.i32[i - axis.first] = 1 << kPillowShift;
  }
}

/// Resample.c: precompute_coeffs, normalize_coeffs_8bpc. In double its window is that of torch_int16.
void fill_i32(const Axis& axis, AxisTable& table) {
  const Line line = line_of(axis);
  table.shift = kPillowShift;
  table.i32.assign(table.first.size() * table.stride, 0);
  if (is_nearest(axis.filter)) return fill_pillow_nearest(axis, line, table);
  const RowMaker<double> row(axis, line);
  std::vector<double> weights(table.stride);
  for (std::int32_t i = 0; i < axis.count; ++i) {
    row(axis.first + i, table.first[i], table.taps[i], weights.data());
    table.first[i] += line.begin;
    std::int32_t* to = table.i32.data() + static_cast<std::size_t>(i) * table.stride;
    for (std::int32_t k = 0; k < table.taps[i]; ++k) {
      to[k] = static_cast<std::int32_t>(weights[k] * (1 << kPillowShift) + (weights[k] < 0 ? -0.5 : 0.5));
    }
  }
}

/// What Pillow's resize does not do.
std::string why_not_pillow(const Axis& axis) {
  const std::string filter = name_of(axis.filter);
  if (goes_on_beyond(axis.border))
    return "border = zero, reflect or symmetric in pillow_int22, which ends at the source";
  if (axis.filter == Filter::nearest) return "filter nearest in pillow_int22: Pillow's NEAREST is nearest-exact";
  if (is_nearest(axis.filter)) return "";
  return axis.antialias ? ""
                        : "antialias = false with filter " + filter + " in pillow_int22: Pillow always antialiases";
}

}  // namespace

std::int32_t pixel_at(Border border, std::int64_t at, std::int32_t in) {
  if (at >= 0 && at < in) return static_cast<std::int32_t>(at);
  if (border == Border::zero) return -1;
  if (border == Border::reflect && in == 1) return 0;
  const std::int64_t period = border == Border::reflect ? 2 * std::int64_t{in} - 2 : 2 * std::int64_t{in};
  const std::int64_t within = (at % period + period) % period;
  const std::int64_t mirrored = border == Border::reflect ? period - within : period - 1 - within;
  return static_cast<std::int32_t>(within < in ? within : mirrored);
}

std::string why_no_axis_table(const Axis& axis, Arithmetic arithmetic) {
  if (arithmetic != Arithmetic::float32 && arithmetic != Arithmetic::torch_int16 &&
      arithmetic != Arithmetic::pillow_int22) {
    return std::string("arithmetic = ") + name_of(arithmetic) + " has no weight tables yet";
  }
  if (!is_box_near(axis)) return box_reason(axis);
  if (arithmetic == Arithmetic::pillow_int22) {
    if (std::string reason = why_not_pillow(axis); !reason.empty()) return reason;
  }
  const auto filter = [&axis] { return std::string(name_of(axis.filter)); };
  const bool torch_filter = axis.filter == Filter::bilinear || axis.filter == Filter::bicubic;
  if (is_nearest(axis.filter)) return axis.align_corners ? "align_corners with filter " + filter() : "";
  if (axis.antialias && axis.border == Border::clamp) return "border = clamp goes with antialias = false";
  if (!axis.antialias && axis.border == Border::renormalize) return "border = renormalize goes with antialias = true";
  if (axis.antialias && axis.align_corners) return "align_corners goes with antialias = false";
  if (axis.align_corners && axis.box_end - axis.box_begin < 1) return "align_corners of a box of less than one pixel";
  if (!axis.antialias && !torch_filter)
    return "antialias = false with filter " + filter() + ": only bilinear and bicubic";
  if (arithmetic == Arithmetic::torch_int16 && goes_on_beyond(axis.border)) {
    return "border = zero, reflect or symmetric in torch_int16: only nearest and nearest_exact, which have no weights";
  }
  if (arithmetic == Arithmetic::torch_int16 && !torch_filter) {
    return "filter " + filter() + " on uint8 images: torch has only nearest, nearest_exact, bilinear and bicubic";
  }
  return "";
}

std::int32_t max_taps(const Axis& axis, Arithmetic arithmetic) {
  check(axis, arithmetic);
  return arithmetic == Arithmetic::float32 ? row_length<float>(axis) : row_length<double>(axis);
}

AxisTable make_axis_table(const Axis& axis, Arithmetic arithmetic) {
  AxisTable table;
  table.arithmetic = arithmetic;
  table.stride = max_taps(axis, arithmetic);
  table.first.resize(axis.count);
  table.taps.resize(axis.count);
  if (arithmetic == Arithmetic::float32) {
    fill_f32(axis, table);
  } else if (arithmetic == Arithmetic::torch_int16) {
    fill_i16(axis, table);
  } else {
    fill_i32(axis, table);
  }
  return table;
}

}  // namespace kir
