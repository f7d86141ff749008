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

/// Without std::floor, a call where the instruction cannot be counted on: every run checks every axis.
bool is_whole(double edge) {
  constexpr double kMost = 1 << 24;  // beyond it and for NaN the cast is not asked
  return std::abs(edge) <= kMost && edge == static_cast<double>(static_cast<std::int32_t>(edge));
}

bool has_window(const Axis& axis) {
  return axis.antialias && !is_nearest(axis.filter);
}

/// The source interval as whole pixels: torch crops first and resizes then, so the box's length is the axis's input.
struct Box {
  std::int32_t begin, length;
};
Box box_of(const Axis& axis) {
  const auto begin = static_cast<std::int32_t>(axis.box_begin);
  return {begin, static_cast<std::int32_t>(axis.box_end) - begin};
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
  if (!(axis.box_begin >= 0 && axis.box_begin < axis.box_end && axis.box_end <= axis.in)) {
    throw Error(ErrorCode::invalid_argument, "axis",
                "the box [" + std::to_string(axis.box_begin) + ", " + std::to_string(axis.box_end) +
                    ") is empty or not within [0, " + std::to_string(axis.in) + ")");
  }
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

  Window(const Axis& axis, std::int32_t in) {
    scale = static_cast<Real>(in) / static_cast<Real>(axis.out);
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
/// each sum with it is one too and is rounded once, where aten stores it in a scalar_t (exact_arithmetic: "torch CPU
/// float32").
template <class Real>
Real window_row(const Axis& axis, std::int32_t in, const Window<Real>& window, std::int32_t i, std::int32_t& first,
                std::int32_t& taps, Real* weights) {
  const auto center = static_cast<Real>(window.scale * (i + 0.5));
  const Real low = center - window.support, high = center + window.support;
  const auto begin = std::max<std::int64_t>(static_cast<std::int64_t>(low + 0.5), 0);
  const auto end = std::min<std::int64_t>(static_cast<std::int64_t>(high + 0.5), in);
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
Real source_scale(const Axis& axis, std::int32_t in) {
  if (axis.align_corners) return axis.out > 1 ? static_cast<Real>(in - 1) / static_cast<Real>(axis.out - 1) : Real(0);
  return static_cast<Real>(in) / static_cast<Real>(axis.out);
}

/// aten's area_pixel_compute_source_index; its float form is fused in the shipped binary, its double form is not seen
/// to be.
template <class Real>
Real source_position(const Axis& axis, Real scale, std::int32_t i, bool cubic) {
  if (axis.align_corners) return scale * static_cast<Real>(i);
  const Real centre = static_cast<Real>(i) + Real(0.5);
  const Real position = std::is_same_v<Real, float> ? std::fma(scale, centre, Real(-0.5)) : scale * centre - Real(0.5);
  return !cubic && position < 0 ? Real(0) : position;
}

/// The taps before the edges are folded in. For float images aten evaluates the cubic at four mirrored distances; for
/// uint8 images it evaluates the filter at each tap's signed distance.
void clamped_taps(bool cubic, float lambda, float* tap) {
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
void clamped_taps(bool cubic, double lambda, double* tap) {
  const Filter filter = cubic ? Filter::bicubic : Filter::bilinear;
  const std::int32_t radius = cubic ? 2 : 1;
  for (std::int32_t k = 0; k < 2 * radius; ++k) {
    tap[k] = filter_value(filter, (k + 1 - radius) - lambda, false);
  }
}

template <class Real>
Real clamped_row(const Axis& axis, std::int32_t in, std::int32_t i, std::int32_t& first, std::int32_t& taps,
                 Real* weights) {
  const bool cubic = axis.filter == Filter::bicubic;
  const std::int32_t radius = cubic ? 2 : 1;
  const Real position = source_position<Real>(axis, source_scale<Real>(axis, in), i, cubic);
  // aten takes floorf of a double too, so a position just below an integer is that integer.
  const auto index = std::min(static_cast<std::int32_t>(std::floor(static_cast<float>(position))), in - 1);
  const Real lambda = std::clamp(position - static_cast<Real>(index), Real(0), Real(1));
  Real tap[4];
  clamped_taps(cubic, lambda, tap);

  const std::int32_t unbound = index - radius + 1;
  first = std::clamp(unbound, 0, in - 1);
  taps = std::min(unbound + 2 * radius, in) - first;
  std::fill_n(weights, taps, Real(0));
  Real largest = 0;  // of the partial sums at an edge too, as aten has it
  for (std::int32_t k = 0; k < 2 * radius; ++k) {
    Real& weight = weights[std::clamp(unbound + k, 0, in - 1) - first];
    weight += tap[k];
    largest = std::max(largest, weight);
  }
  return largest;
}

// ---------------------------------------------------------------------------------------------------------------------
// Nearest: one source pixel.

/// aten's HelperInterpNearest and HelperInterpNearestExact, which compute in float for uint8 images too.
std::int32_t nearest_index(const Axis& axis, std::int32_t in, std::int32_t i) {
  const auto scale = source_scale<float>(axis, in);
  const float position = axis.filter == Filter::nearest
                             ? scale * static_cast<float>(i)
                             : static_cast<float>(source_position(axis, scale, i, /*cubic=*/false) + 0.5);
  return std::min(static_cast<std::int32_t>(std::floor(position)), in - 1);
}

// ---------------------------------------------------------------------------------------------------------------------

/// Row i of the whole axis in whole-box coordinates, whichever of the three it is.
template <class Real>
class RowMaker {
 public:
  RowMaker(const Axis& axis, std::int32_t in) : axis_(axis), in_(in), window_(axis, in) {}

  /// Returns the largest weight on the way.
  Real operator()(std::int32_t i, std::int32_t& first, std::int32_t& taps, Real* weights) const {
    if (is_nearest(axis_.filter)) {
      first = nearest_index(axis_, in_, i);
      taps = 1;
      return weights[0] = Real(1);
    }
    if (axis_.antialias) return window_row(axis_, in_, window_, i, first, taps, weights);
    return clamped_row(axis_, in_, i, first, taps, weights);
  }

 private:
  const Axis& axis_;
  std::int32_t in_;
  Window<Real> window_;
};

template <class Real>
std::int32_t row_length(const Axis& axis) {
  const std::int32_t in = box_of(axis).length;
  if (is_nearest(axis.filter)) return 1;
  if (!has_window(axis)) return std::min(axis.filter == Filter::bicubic ? 4 : 2, in);
  return std::min(Window<Real>(axis, in).max_taps(), in);
}

void fill_f32(const Axis& axis, AxisTable& table) {
  const Box box = box_of(axis);
  const RowMaker<float> row(axis, box.length);
  table.f32.assign(table.first.size() * table.stride, 0.0f);
  for (std::int32_t i = 0; i < axis.count; ++i) {
    row(axis.first + i, table.first[i], table.taps[i], table.f32.data() + std::size_t(i) * table.stride);
    table.first[i] += box.begin;
  }
}

/// The scale of the integers is the largest that keeps the axis's largest weight below 2^15, at most 2^22. It depends
/// on every output of the axis, so that a window's weights are those of the whole (aten's
/// _compute_index_ranges_int16_weights).
void fill_i16(const Axis& axis, AxisTable& table) {
  const Box box = box_of(axis);
  const RowMaker<double> row(axis, box.length);
  std::vector<double> window(table.first.size() * table.stride, 0.0), outside(table.stride);
  double largest = 0.0;
  for (std::int32_t i = 0; i < axis.out; ++i) {
    const std::int32_t w = i - axis.first;
    std::int32_t first = 0, taps = 0;
    double* weights = outside.data();
    if (w >= 0 && w < axis.count) weights = window.data() + std::size_t(w) * table.stride;
    largest = std::max(largest, row(i, first, taps, weights));
    if (w >= 0 && w < axis.count) {
      table.first[w] = first + box.begin;
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

}  // namespace

std::string why_no_axis_table(const Axis& axis, Arithmetic arithmetic) {
  if (arithmetic != Arithmetic::float32 && arithmetic != Arithmetic::torch_int16) {
    return std::string("arithmetic = ") + name_of(arithmetic) + " has no weight tables yet";
  }
  const auto filter = [&axis] { return std::string(name_of(axis.filter)); };
  const bool torch_filter = axis.filter == Filter::bilinear || axis.filter == Filter::bicubic;
  if (!is_whole(axis.box_begin) || !is_whole(axis.box_end)) {
    return "box = [" + std::to_string(axis.box_begin) + ", " + std::to_string(axis.box_end) +
           "): only whole source pixels have a weight table";
  }
  if (is_nearest(axis.filter)) return axis.align_corners ? "align_corners with filter " + filter() : "";
  if (axis.border == Border::zero || axis.border == Border::reflect || axis.border == Border::symmetric) {
    return "border = zero, reflect or symmetric has no weight table yet: renormalize and clamp have";
  }
  if (axis.antialias && axis.border != Border::renormalize) return "border = clamp goes with antialias = false";
  if (!axis.antialias && axis.border != Border::clamp) return "border = renormalize goes with antialias = true";
  if (axis.antialias && axis.align_corners) return "align_corners goes with antialias = false";
  if (!axis.antialias && !torch_filter)
    return "antialias = false with filter " + filter() + ": only bilinear and bicubic";
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
  } else {
    fill_i16(axis, table);
  }
  return table;
}

}  // namespace kir
