// The readable kernel: each thread sums taps x taps of one output pixel in the order of aten's CUDA kernel.
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/cuda/lower.hpp"

namespace kir::cuda {

/// One launch on `stream` for each blob of the part. No workspace, no synchronisation, no allocation; capturable.
cudaError_t launch_fused(const PlanMemory& memory, const Part& part, cudaStream_t stream);

}  // namespace kir::cuda
