// The value that half of the measurements are below.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

namespace kir::benchmarks {

/// NaN for no values; the mean of the middle two for an even number.
inline double median(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace kir::benchmarks
