#include "reference/resample.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "reference/weights.hpp"

namespace kir::reference {
namespace {

// ---------------------------------------------------------------------------------------------------------------------
// weights * source in float32, with every sum rounded as torch's x86 kernels round it. The source of those kernels only
// says `output += t * wts`; what the shipped binary (GCC 13, FMA; the AVX2 and the AVX-512 kernels alike) makes of it
// was found by comparing bits, which the tests repeat.

struct Term {
  Eigen::Index pixel = 0;
  float weight = 0;
  bool fused = false;  // fma(pixel, weight, sum), rounded once; else the product is rounded before the sum
};

// The terms of one output pixel in the order of their summation.
std::vector<Term> terms_of(const WeightMatrix<float>& weights, Eigen::Index row, bool antialias) {
  std::vector<Term> terms;
  for (WeightMatrix<float>::InnerIterator tap(weights, row); tap; ++tap) {
    terms.push_back({tap.index(), tap.value(), true});
  }
  const std::size_t count = terms.size();
  if (antialias) {
    // The loop over taps is unrolled by vectors of four products, which are then added one by one; the rest is fused.
    for (std::size_t k = 0; k < count && k <= (count - 1) / 4 * 4; ++k) terms[k].fused = false;
  } else if (count > 1) {
    // t0 * w0 + t1 * w1: the second product is rounded, the first fused.
    std::swap(terms[0], terms[1]);
  }
  return terms;
}

Plane product(const WeightMatrix<float>& weights, const Plane& source, bool antialias) {
  Plane result = Plane::Zero(weights.rows(), source.cols());
  for (Eigen::Index i = 0; i < weights.rows(); ++i) {
    auto sum = result.row(i);
    for (const Term& term : terms_of(weights, i, antialias)) {
      const auto pixels = source.row(term.pixel);
      if (term.fused) {
        sum = pixels.binaryExpr(sum, [&](float pixel, float so_far) { return std::fma(pixel, term.weight, so_far); });
      } else {
        sum += pixels * term.weight;
      }
    }
  }
  return result;
}

// ---------------------------------------------------------------------------------------------------------------------
// weights * source in integers, which no order changes; each pixel rounded half up and clamped to a level.

Plane product(const FixedPointWeights& weights, const Plane& source) {
  using Integers = Eigen::Matrix<std::int32_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Integers sums = weights.matrix * source.cast<std::int32_t>().matrix();
  const std::int32_t half = 1 << (weights.precision - 1);
  const auto level_of = [&](std::int32_t sum) { return std::clamp((sum + half) >> weights.precision, 0, 255); };
  return sums.unaryExpr(level_of).array().cast<float>();
}

// ---------------------------------------------------------------------------------------------------------------------

// One pass down the columns.
Plane pass(const Axis& axis, Arithmetic arithmetic, const Plane& source) {
  if (arithmetic == Arithmetic::pillow_int22) return product(pillow_weights(axis), source);
  const bool selects = axis.filter == Filter::nearest || axis.filter == Filter::nearest_exact;
  if (arithmetic == Arithmetic::torch_int16 && !selects) return product(fixed_point_weights(axis), source);
  return product(float_weights(axis), source, axis.antialias);
}

}  // namespace

Plane turned(Plane source, std::int32_t quarters) {
  for (; quarters > 0; --quarters) source = Plane(source.transpose().rowwise().reverse());
  return source;
}

Plane resample(const Job& job, const Plane& source) {
  const auto vertical = [&](const Plane& plane) -> Plane { return pass(job.y, job.arithmetic, plane); };
  const auto horizontal = [&](const Plane& plane) -> Plane {
    return pass(job.x, job.arithmetic, plane.transpose()).transpose();
  };
  const auto rows = [&](const Plane& plane) -> Plane {
    return plane.middleRows(Eigen::Index(job.y.box_begin) + job.y.first, job.y.count);
  };
  const auto columns = [&](const Plane& plane) -> Plane {
    return plane.middleCols(Eigen::Index(job.x.box_begin) + job.x.first, job.x.count);
  };

  switch (job.passes) {
    case Passes::copy:
      return columns(rows(source));
    case Passes::x:
      return horizontal(rows(source));
    case Passes::y:
      return vertical(columns(source));
    case Passes::xy:
      return vertical(horizontal(source));
    case Passes::yx:
      return horizontal(vertical(source));
  }
  return source;
}

}  // namespace kir::reference
