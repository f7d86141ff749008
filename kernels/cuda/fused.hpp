// The readable kernel: each thread sums taps x taps of one output pixel in the order of aten's CUDA kernel.
#pragma once

#include <cuda_runtime_api.h>

#include <string>
#include <vector>

#include "kernels/cuda/lower.hpp"

namespace kir::cuda {

/// Why the fused kernel does not run this plan, which support_of() accepts; empty when it does.
std::string why_not_fused(const Plan& plan);

/// One launch on `stream` for each blob of the part. No workspace, no synchronisation, no allocation; capturable.
cudaError_t launch_fused(const PlanMemory& memory, const Part& part, cudaStream_t stream);

/// One line a launch.
std::vector<std::string> explain_fused(const Plan& plan, const Part& part);

}  // namespace kir::cuda
