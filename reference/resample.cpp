#include "reference/resample.hpp"

#include <cmath>

#include "reference/weights.hpp"

namespace kir::reference {
namespace {

// One pass down the columns in float32.
Plane pass(const Axis& axis, const Plane& source) {
  return (float_weights(axis) * source.matrix()).array();
}

// One pass down the columns in integers, rounded to nearest and clamped to a level.
Plane pass_in_levels(const Axis& axis, const Plane& source) {
  if (axis.filter == Filter::nearest || axis.filter == Filter::nearest_exact) return pass(axis, source);
  const FixedPointWeights weights = fixed_point_weights(axis);
  using Integers = Eigen::Matrix<std::int32_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Integers sums = weights.matrix * source.cast<std::int32_t>().matrix();
  const std::int32_t half = 1 << (weights.precision - 1);
  return sums.unaryExpr([&](std::int32_t sum) { return std::clamp((sum + half) >> weights.precision, 0, 255); })
      .array()
      .cast<float>();
}

}  // namespace

Plane resample(const Job& job, const Plane& source) {
  const auto vertical = [&](const Plane& plane) -> Plane {
    return job.round == Round::each ? pass_in_levels(job.y, plane) : pass(job.y, plane);
  };
  const auto horizontal = [&](const Plane& plane) -> Plane {
    const Plane turned = plane.transpose();
    const Plane result = job.round == Round::each ? pass_in_levels(job.x, turned) : pass(job.x, turned);
    return result.transpose();
  };
  const auto rows = [&](const Plane& plane) -> Plane { return plane.middleRows(job.y.first, job.y.count); };
  const auto columns = [&](const Plane& plane) -> Plane { return plane.middleCols(job.x.first, job.x.count); };

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
