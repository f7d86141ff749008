// The answers to probes that follow from a histogram of an image's levels.
#pragma once

#include <array>
#include <cstdint>

#include "kir/plan.hpp"

namespace kir {

/// How many samples of an image have each level.
using LevelCounts = std::array<std::int64_t, 256>;

/// Mean and unbiased deviation, with one rounding a level. Of one sample the deviation is NaN, as torch has it.
ProbeResult mean_std_of(const LevelCounts& counts);

}  // namespace kir
