// How Python rounds, for the size rules.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace kir::size_rules {

/// Python's int(): towards zero. Values beyond any allowed side are cut to one that the planner refuses.
inline std::int64_t to_int(double value) {
  constexpr double kFar = 1e15;
  return static_cast<std::int64_t>(std::clamp(value, -kFar, kFar));
}

/// Python's round(): half to even (the default rounding mode of the processor).
inline std::int64_t round_half_even(double value) {
  return to_int(std::nearbyint(value));
}

/// A division of two integers.
inline double ratio(std::int64_t a, std::int64_t b) {
  return static_cast<double>(a) / static_cast<double>(b);
}

}  // namespace kir::size_rules
