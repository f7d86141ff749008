// The fast kernels: weight tables built on the device, both passes fused, the intermediate on chip.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "kernels/cuda/lower.hpp"

namespace kir::cuda {

/// Two launches: the tables, then all tiles; for parts beyond kMaxBlobBytes one more for each further blob. A few
/// images are one launch (direct.cuh). How many bytes it needs depends on the plan alone, never on the strides of
/// images.
std::unique_ptr<LoweredPart> lower_separable(const PlanMemory& memory, const Part& part);

/// One line a launch and a variant: tile, shared memory, registers, and why it was chosen.
std::vector<std::string> explain_separable(const Plan& plan, const Part& part);

}  // namespace kir::cuda
