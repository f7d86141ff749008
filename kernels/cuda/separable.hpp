// The fast kernels: weight tables built on the device, both passes fused, the intermediate on chip.
#pragma once

#include <memory>

#include "kernels/cuda/lower.hpp"
#include "kernels/cuda/lowered_part.hpp"

namespace kir::cuda {

/// For the current device. Two launches: the tables, then all tiles; for parts beyond kMaxBlobBytes one more for each
/// further blob. A few images are one launch (direct.cuh). How many bytes it needs depends on the plan alone, never on
/// the strides of images.
std::unique_ptr<LoweredPart> lower_separable(const PlanMemory& memory, const Part& part);

}  // namespace kir::cuda
