// A mirrored copy as runs of source pixels, forwards and backwards: device code knows no mirrors.
#pragma once

#include <cstdint>
#include <vector>

#include "kir/plan.hpp"

namespace kir::cuda {

/// Outputs [at, at + count) of an axis's window are the source pixels first, first + 1, ... or, backwards, first, first
/// - 1, ...
struct Run {
  std::int32_t at = 0, first = 0, count = 0;
  bool backwards = false;
};

/// Of an axis that is a mirrored copy (is_mirrored_copy), in the order of its outputs.
std::vector<Run> runs_of(const Axis& axis);

}  // namespace kir::cuda
