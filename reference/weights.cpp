#include "reference/weights.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

namespace kir::reference {
namespace {

// ---------------------------------------------------------------------------------------------------------------------
// Filters. Real is float for float images and double for uint8 images.

// a*b + c as the shipped torch has it: its float kernels are compiled with FMA and the compiler fuses; its table for
// uint8 images is made in double, where fusing moves a weight by far less than one unit of its int16.
template <typename Real>
Real multiply_add(Real a, Real b, Real c) {
  return std::fma(a, b, c);
}

// Keys' cubic, in the nesting of ATen's cubic_convolution1 and cubic_convolution2. The compiler fuses the last addition
// too in the antialiased filter, and leaves it alone where it computes four coefficients side by side.
enum class LastAddition { fused, separate };

template <typename Real>
Real cubic(Real x, Real a, LastAddition last) {
  const auto finish = [&](Real u, Real c) { return last == LastAddition::fused ? multiply_add(u, x, c) : u * x + c; };
  x = std::abs(x);
  if (x < 1) return finish(multiply_add<Real>(a + 2, x, -(a + 3)) * x, 1);
  if (x < 2) return finish(multiply_add<Real>(multiply_add<Real>(a, x, -5 * a), x, 8 * a), -4 * a);
  return 0;
}

template <typename Real>
Real sinc(Real x) {
  if (x == 0) return 1;
  x *= std::numbers::pi_v<Real>;
  return std::sin(x) / x;
}

// box, hamming and lanczos3 as Pillow's Resample.c has them; the constants of hamming are floats there.
template <typename Real>
Real filter_value(Filter filter, Real x) {
  switch (filter) {
    case Filter::box:
      return x > Real(-0.5) && x <= Real(0.5) ? 1 : 0;
    case Filter::bilinear:
      return std::abs(x) < 1 ? 1 - std::abs(x) : 0;
    case Filter::hamming:
      if (x == 0) return 1;
      return std::abs(x) < 1 ? sinc(x) * (Real(0.54f) + Real(0.46f) * std::cos(std::numbers::pi_v<Real> * x)) : 0;
    case Filter::bicubic:
      return cubic<Real>(x, Real(-0.5), LastAddition::fused);
    case Filter::lanczos3:
      return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
    case Filter::nearest:
    case Filter::nearest_exact:
      break;  // no filter: nearest_selection
  }
  return 0;
}

double radius_of(Filter filter) {
  switch (filter) {
    case Filter::box:
      return 0.5;
    case Filter::bilinear:
    case Filter::hamming:
      return 1;
    case Filter::bicubic:
      return 2;
    case Filter::lanczos3:
      return 3;
    case Filter::nearest:
    case Filter::nearest_exact:
      break;
  }
  return 0;
}

// ---------------------------------------------------------------------------------------------------------------------
// The taps of one output pixel: source pixels first, first + 1, ... and their weights

template <typename Real>
struct Taps {
  std::int64_t first = 0;
  std::vector<Real> weights;
  Real largest = 0;  // as ATen tracks it to choose the precision of int16 weights
};

template <typename Real>
Real scale_of(const Axis& axis) {
  if (axis.align_corners) return axis.out > 1 ? Real(axis.box_end - axis.box_begin - 1) / Real(axis.out - 1) : Real(0);
  return Real(axis.box_end - axis.box_begin) / Real(axis.out);
}

// Positions are counted from the first pixel that the box touches, as torch crops first and resizes then; or from the
// source's, where the border says what stands beyond it.
std::int64_t origin_of(const Axis& axis) {
  return goes_on_beyond(axis.border) ? 0 : std::int64_t(std::floor(axis.box_begin));
}

// The pixel that stands at a place of the source, or beyond it; none where that is nothing.
std::optional<std::int64_t> pixel_at(const Axis& axis, std::int64_t place) {
  const auto outside = [&] { return place < 0 || place >= axis.in; };
  switch (axis.border) {
    case Border::renormalize:
    case Border::clamp:
      return std::clamp(place, origin_of(axis), std::int64_t(std::ceil(axis.box_end)) - 1);
    case Border::zero:
      if (outside()) return std::nullopt;
      break;
    case Border::reflect:
      if (axis.in == 1) return 0;
      while (outside()) place = place < 0 ? -place : 2 * (std::int64_t{axis.in} - 1) - place;
      break;
    case Border::symmetric:
      while (outside()) place = place < 0 ? -1 - place : 2 * std::int64_t{axis.in} - 1 - place;
      break;
  }
  return place;
}

// Each weight is added, in the order of the taps, to the pixel that stands at its place.
template <typename Real>
Taps<Real> collected(const Axis& axis, std::int64_t leftmost, const std::vector<Real>& weights) {
  std::map<std::int64_t, Real> sums;
  Taps<Real> taps;
  for (std::size_t j = 0; j < weights.size(); ++j) {
    const std::optional<std::int64_t> pixel = pixel_at(axis, leftmost + std::int64_t(j));
    if (pixel) taps.largest = std::max(taps.largest, sums[*pixel] += weights[j]);
  }
  if (sums.empty()) return taps;
  taps.first = sums.begin()->first;
  taps.weights.resize(std::size_t(sums.rbegin()->first - taps.first + 1));
  for (const auto& [pixel, weight] : sums) taps.weights[std::size_t(pixel - taps.first)] = weight;
  return taps;
}

// HelperInterpBase::_compute_indices_min_size_weights_aa: the filter widens with the scale; the window is cut at the
// edges and renormalized. The literals 0.5 are doubles there, so each expression is rounded to Real once, as cast here.
template <typename Real>
Taps<Real> antialiased_taps(const Axis& axis, std::int64_t i) {
  const Real scale = scale_of<Real>(axis);
  const Real radius = Real(radius_of(axis.filter));
  const Real support = scale >= 1 ? radius * scale : radius;
  const Real inverse = scale >= 1 ? Real(1.0 / scale) : Real(1);
  const std::int64_t origin = origin_of(axis);
  const Real center = Real(axis.box_begin - double(origin) + double(scale) * (double(i) + 0.5));
  const std::int64_t longest = std::int64_t(std::ceil(support)) * 2 + 1;

  Taps<Real> taps;
  taps.first = std::int64_t(std::floor(double(center - support) + 0.5));
  std::int64_t end = std::int64_t(std::floor(double(center + support) + 0.5));
  if (axis.border == Border::renormalize) {
    taps.first = std::max<std::int64_t>(taps.first, 0);
    end = std::min(end, std::int64_t(std::ceil(axis.box_end)) - origin);
  }
  const std::int64_t count = std::clamp<std::int64_t>(end - taps.first, 0, longest);

  Real total = 0;
  for (std::int64_t j = 0; j < count; ++j) {
    const Real distance = Real(j + taps.first) - center;
    taps.weights.push_back(filter_value<Real>(axis.filter, Real((double(distance) + 0.5) * double(inverse))));
    total += taps.weights.back();
  }
  for (Real& weight : taps.weights) {
    if (total != 0) weight /= total;
    taps.largest = std::max(taps.largest, weight);
  }
  taps.first += origin;
  return goes_on_beyond(axis.border) ? collected(axis, taps.first, taps.weights) : taps;
}

// Without antialiasing: 2 or 4 taps around the source position; what stands beyond an edge, the border says.
// float: compute_indices_weights of HelperInterpLinear and HelperInterpCubic (four calls of the cubic on rounded
// arguments). double: _compute_indices_min_size_weights; its floorf, a float function on a double, is kept.
template <typename Real>
Taps<Real> plain_taps(const Axis& axis, std::int64_t i) {
  const bool is_cubic = axis.filter == Filter::bicubic;
  const std::int64_t origin = origin_of(axis);
  Real position = axis.align_corners ? scale_of<Real>(axis) * Real(i)
                                     : multiply_add<Real>(scale_of<Real>(axis), Real(i) + Real(0.5), Real(-0.5));
  position += Real(axis.box_begin - double(origin));
  std::int64_t base = 0;
  Real fraction = 0;
  if (axis.border == Border::clamp) {
    if (!is_cubic) position = std::max(position, Real(0));
    const std::int64_t last = std::int64_t(std::ceil(axis.box_end)) - origin - 1;
    base = std::min(std::int64_t(std::floor(float(position))), last);
    fraction = std::clamp<Real>(position - Real(base), 0, 1);
  } else {
    base = std::int64_t(std::floor(position));
    fraction = position - Real(base);
  }

  std::vector<Real> weights;
  if (!is_cubic) {
    weights = {1 - fraction, fraction};
  } else {
    const Real rest = 1 - fraction;
    for (const Real x : {fraction + 1, fraction, rest, rest + 1}) {
      weights.push_back(cubic<Real>(x, Real(-0.75), LastAddition::separate));
    }
  }

  return collected(axis, origin + base - std::int64_t(weights.size()) / 2 + 1, weights);
}

// Pillow's bicubic, whose polynomials are not fused.
double pillow_filter(Filter filter, double x) {
  if (filter != Filter::bicubic) return filter_value<double>(filter, x);
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

template <typename Real>
Taps<Real> taps_of(const Axis& axis, std::int64_t i) {
  return axis.antialias ? antialiased_taps<Real>(axis, i) : plain_taps<Real>(axis, i);
}

// Fills the matrix row by row; `weight_of(weight)` converts.
template <typename Weight, typename Real, typename Convert>
WeightMatrix<Weight> to_matrix(const Axis& axis, const std::vector<Taps<Real>>& rows, Convert weight_of) {
  WeightMatrix<Weight> matrix(axis.count, axis.in);
  for (std::int32_t i = 0; i < axis.count; ++i) {
    const Taps<Real>& taps = rows[std::size_t(i)];
    matrix.startVec(i);
    for (std::size_t j = 0; j < taps.weights.size(); ++j) {
      matrix.insertBack(i, Eigen::Index(taps.first) + Eigen::Index(j)) = weight_of(taps.weights[j]);
    }
  }
  matrix.finalize();
  return matrix;
}

// Geometry.c: ImagingScaleAffine, whose place is a sum of one scale after the other.
FixedPointWeights pillow_selection(const Axis& axis, int precision) {
  const double scale = (axis.box_end - axis.box_begin) / axis.out;
  double place = axis.box_begin + scale * 0.5;
  std::vector<Taps<double>> rows;
  for (std::int32_t i = 0; i < axis.first + axis.count; ++i, place += scale) {
    if (i >= axis.first) rows.push_back({std::int64_t(place), {1.0}, 1.0});
  }
  return {to_matrix<std::int32_t>(axis, rows, [&](double) { return 1 << precision; }), precision};
}

}  // namespace

// ---------------------------------------------------------------------------------------------------------------------

WeightMatrix<float> float_weights(const Axis& axis) {
  if (axis.filter == Filter::nearest || axis.filter == Filter::nearest_exact) return nearest_selection(axis);
  std::vector<Taps<float>> rows;
  for (std::int32_t i = 0; i < axis.count; ++i) rows.push_back(taps_of<float>(axis, axis.first + i));
  return to_matrix<float>(axis, rows, [](float weight) { return weight; });
}

// _compute_index_ranges_int16_weights: the precision is the largest that lets every weight of the whole axis fit int16,
// so it is the same in every window of the axis.
FixedPointWeights fixed_point_weights(const Axis& axis) {
  double largest = 0;
  std::vector<Taps<double>> rows;
  for (std::int32_t i = 0; i < axis.out; ++i) {
    Taps<double> taps = taps_of<double>(axis, i);
    largest = std::max(largest, taps.largest);
    if (i >= axis.first && i < axis.first + axis.count) rows.push_back(std::move(taps));
  }
  FixedPointWeights result;
  while (result.precision < 22 && int(0.5 + largest * (1 << (result.precision + 1))) < (1 << 15)) ++result.precision;
  result.matrix = to_matrix<std::int32_t>(axis, rows, [&](double weight) {
    const double scaled = weight * (1 << result.precision);
    return std::int32_t(std::int16_t(scaled < 0 ? int(scaled - 0.5) : int(scaled + 0.5)));
  });
  return result;
}

// Resample.c: precompute_coeffs and normalize_coeffs_8bpc, in double and without fused products.
FixedPointWeights pillow_weights(const Axis& axis) {
  constexpr int kPrecision = 32 - 8 - 2;
  if (axis.filter == Filter::nearest_exact) return pillow_selection(axis, kPrecision);
  const double scale = (axis.box_end - axis.box_begin) / axis.out, widening = std::max(scale, 1.0);
  const double support = radius_of(axis.filter) * widening;
  const std::int64_t origin = origin_of(axis), pixels = std::int64_t(std::ceil(axis.box_end)) - origin;
  std::vector<Taps<double>> rows;
  for (std::int32_t i = axis.first; i < axis.first + axis.count; ++i) {
    const double center = axis.box_begin - double(origin) + (i + 0.5) * scale;
    Taps<double> taps;
    taps.first = std::max<std::int64_t>(std::int64_t(center - support + 0.5), 0);
    const std::int64_t end = std::min(std::int64_t(center + support + 0.5), pixels);
    double total = 0;
    for (std::int64_t at = taps.first; at < end; ++at) {
      taps.weights.push_back(pillow_filter(axis.filter, (double(at) - center + 0.5) * (1.0 / widening)));
      total += taps.weights.back();
    }
    for (double& weight : taps.weights) {
      if (total != 0) weight /= total;
    }
    taps.first += origin;
    rows.push_back(std::move(taps));
  }
  const auto rounded = [](double w) { return std::int32_t(w * (1 << kPrecision) + (w < 0 ? -0.5 : 0.5)); };
  return {to_matrix<std::int32_t>(axis, rows, rounded), kPrecision};
}

// HelperInterpNearest and HelperInterpNearestExact. ATen evaluates the latter in two ways that differ on exact ties of
// some sizes; this is the one of images (width + height > 128), see the tests.
WeightMatrix<float> nearest_selection(const Axis& axis) {
  const float scale = scale_of<float>(axis);
  WeightMatrix<float> matrix(axis.count, axis.in);
  for (std::int32_t i = 0; i < axis.count; ++i) {
    const float place = float(axis.first + i);
    const float position =
        axis.filter == Filter::nearest ? scale * place : float(double(std::fma(scale, place + 0.5f, -0.5f)) + 0.5);
    const std::int64_t origin = origin_of(axis);
    const float shift = float(axis.box_begin - double(origin));
    const auto pixel = pixel_at(axis, origin + std::int64_t(std::floor(position + shift)));
    matrix.startVec(i);
    if (pixel) matrix.insertBack(i, Eigen::Index(*pixel)) = 1;
  }
  matrix.finalize();
  return matrix;
}

Support supports_arithmetic(const Job& job, bool reads_floats) {
  const std::string name = name_of(job.arithmetic);
  const bool integer = job.arithmetic == Arithmetic::torch_int16 || job.arithmetic == Arithmetic::pillow_int22;
  if (!integer && job.arithmetic != Arithmetic::float32) {
    return {false, "arithmetic " + name + "; the reference defines float32, torch_int16 and pillow_int22"};
  }
  if (job.passes == Passes::copy) return {};
  if (job.round == Round::last) return {false, "one rounding after the last pass"};
  if (integer != (job.round == Round::each)) {
    return {false, "torch_int16 and pillow_int22 round after each pass, float32 never"};
  }
  if (integer && reads_floats) return {false, name + " from a float canvas"};
  return {};
}

namespace {

Support supports_pillow_axis(const Axis& axis) {
  if (goes_on_beyond(axis.border)) return {false, "border: Pillow's resize ends at the source"};
  if (axis.filter == Filter::nearest) return {false, "nearest: Pillow's NEAREST is nearest_exact"};
  if (axis.filter == Filter::nearest_exact) return {};
  if (!axis.antialias || axis.border != Border::renormalize) return {false, "no antialias: Pillow always does"};
  return {};
}

}  // namespace

Support supports_axis(const Axis& axis, Arithmetic arithmetic) {
  const bool selects = axis.filter == Filter::nearest || axis.filter == Filter::nearest_exact;
  const bool inside = axis.box_begin >= 0 && axis.box_end <= axis.in;
  if (!inside && !goes_on_beyond(axis.border)) return {false, "a box beyond the source with a border that ends there"};
  if (axis.align_corners && (selects || axis.antialias)) {
    return {false, "align_corners: the reference defines it for bilinear and bicubic without antialias"};
  }
  if (arithmetic == Arithmetic::pillow_int22) return supports_pillow_axis(axis);
  if (selects) return {};
  if (axis.border == (axis.antialias ? Border::clamp : Border::renormalize)) {
    return {false, "border: the reference defines renormalize with antialias and clamp without"};
  }
  if (arithmetic == Arithmetic::torch_int16 && goes_on_beyond(axis.border)) {
    return {false, "border: torch_int16 ends at the source, where weights are not only selected"};
  }
  const bool is_torchs = axis.filter == Filter::bilinear || axis.filter == Filter::bicubic;
  if (arithmetic == Arithmetic::torch_int16 && !is_torchs) {
    return {false, std::string(name_of(axis.filter)) + " on uint8: torch has only bilinear and bicubic"};
  }
  if (!axis.antialias && !is_torchs) {
    return {false, std::string(name_of(axis.filter)) + " without antialias is defined nowhere"};
  }
  return {};
}

}  // namespace kir::reference
