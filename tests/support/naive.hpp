// The plan's meaning as plain loops, one element at a time: sums in double, every offset by the layout's formula.
#pragma once

#include <vector>

#include "kir/backend.hpp"
#include "tests/support/images.hpp"

namespace kir::test {

/// What an output's element must be. `exact`: made of whole levels only, so that its bits are known.
struct Expected {
  double value = 0;
  bool written = false, exact = false;
};

/// All elements of every output. REQUIREs that none is written twice and every one once.
std::vector<std::vector<Expected>> run_naive(const Plan& plan, const std::vector<Image>& images);

/// Runs the backend, poisoned, and compares every element. `exact` elements must have the value's bits after rounding
/// to the output's type; others may be off by `bound` and half a last place of the type. Returns the largest error
/// beyond that half place.
double compare_with_naive(const Backend& backend, const Plan& plan, const std::vector<Image>& images, double bound,
                          const RunContext& context = {});

}  // namespace kir::test
