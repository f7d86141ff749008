#include "weights/level_counts.hpp"

#include <cmath>

namespace kir {

ProbeResult mean_std_of(const LevelCounts& counts) {
  std::int64_t samples = 0, sum = 0;
  for (std::size_t level = 0; level < counts.size(); ++level) {
    samples += counts[level];
    sum += static_cast<std::int64_t>(level) * counts[level];
  }
  ProbeResult result;
  result.mean = static_cast<double>(sum) / static_cast<double>(samples);
  double squares = 0;
  for (std::size_t level = 0; level < counts.size(); ++level) {
    const double distance = static_cast<double>(level) - result.mean;
    squares += static_cast<double>(counts[level]) * distance * distance;
  }
  result.std = std::sqrt(squares / static_cast<double>(samples - 1));
  return result;
}

}  // namespace kir
