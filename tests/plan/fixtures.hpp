// What every test of the planner begins with.
#pragma once

#include "kir/error.hpp"
#include "kir/spec.hpp"
#include "tests/catch.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/plans.hpp"
#include "tests/support/seed.hpp"

namespace kir::test {

inline PlanOptions torch_cpu() {
  PlanOptions options;
  options.numerics = Numerics::torch_cpu;
  return options;
}

}  // namespace kir::test
