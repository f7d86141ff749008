// A plan that cuda-separable runs by two launches a level, however small it is.
#pragma once

#include <utility>

#include "kir/plan.hpp"

namespace kir::test {

/// The plan with a fill of nothing in every level: only parts without fills have one launch (kernels/cuda/direct.cuh).
inline Plan by_two_launches(Plan plan) {
  Fill nothing;
  nothing.to = {Target::Kind::output, 0, chw_layout(0, 1, 1)};
  for (Level& level : plan.levels) level.fills.push_back(nothing);
  return plan;
}

}  // namespace kir::test
