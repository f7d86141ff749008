// What cuda-fused launches for a part of a plan. Host code that needs no CUDA.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/cuda/lower.hpp"
#include "kernels/cuda/tuning.hpp"

namespace kir::cuda {

inline constexpr int kFusedColumns = 32, kFusedRows = 8;  ///< pixels of a block of threads; a warp is one row
inline constexpr int kFusedPiece = 64;                    ///< taps of a window that are in shared memory at once

/// Shared memory of a block: for each column and row the weights of a piece, and the sum that they are divided by.
inline constexpr std::size_t kFusedSharedBytes = (kFusedPiece + 1) * (kFusedColumns + kFusedRows) * sizeof(float);

/// Why the fused kernel does not run this plan, which support_of() accepts; empty when it does.
std::string why_not_fused(const Plan& plan);

/// Numbers the blocks of jobs and fills (JobDesc::first_tile and tiles): jobs first, then fills, each as many blocks as
/// it needs. Returns how many there are.
std::int64_t number_fused_blocks(Blob& blob);

/// One line a launch. The same for every device.
std::vector<std::string> explain_fused(const Plan& plan, const Part& part, const Tuning& tuning);

}  // namespace kir::cuda
