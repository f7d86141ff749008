// In place of kernels/cuda/architecture.cuh: the kernels of a Hopper, but for what the host has no words for.
#pragma once

namespace kir::cuda {

inline constexpr int kArchitecture = 90;
inline constexpr bool kSharesRegisters = false;

}  // namespace kir::cuda
