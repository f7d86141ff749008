// Which architecture is being compiled. tests/cuda_on_cpu has another header of this name.
#pragma once

namespace kir::cuda {

#ifdef __CUDA_ARCH__
inline constexpr int kArchitecture = __CUDA_ARCH__ / 10;
#else
inline constexpr int kArchitecture = 0;  ///< the host's pass over a .cu file, which makes no device code
#endif

/// Warps can give registers to others (setmaxnreg): on Hopper alone, in code that is compiled for it alone.
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
inline constexpr bool kSharesRegisters = true;
#else
inline constexpr bool kSharesRegisters = false;
#endif

}  // namespace kir::cuda
