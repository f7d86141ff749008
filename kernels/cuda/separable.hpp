// The fast kernels: weight tables built on the device, then both passes fused in one launch, the intermediate on chip.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "kernels/cuda/lower.hpp"

namespace kir::cuda {

/// Two launches (more only for parts beyond kMaxBlobBytes): the tables, then all tiles.
std::unique_ptr<LoweredPart> lower_separable(const PlanMemory& memory, const Part& part);

/// Workspace of launch_separable for this part on the current device (without the canvases); a multiple of 64.
std::size_t separable_bytes(const Plan& plan, const Part& part);

/// Two launches on `stream` (more only for parts beyond kMaxBlobBytes). No synchronisation, no allocation on the
/// device; capturable. `workspace` is separable_bytes() long, 64-byte aligned, need not be cleared, and is in use until
/// the stream has passed the launches.
cudaError_t launch_separable(const PlanMemory& memory, const Part& part, void* workspace, cudaStream_t stream);

/// One line a launch and a variant: tile, shared memory, registers, and why it was chosen.
std::vector<std::string> explain_separable(const Plan& plan, const Part& part);

}  // namespace kir::cuda
