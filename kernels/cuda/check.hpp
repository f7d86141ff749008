// A failed call of the CUDA runtime, as the error of this library.
#pragma once

#include <cuda_runtime_api.h>

#include "kir/error.hpp"

namespace kir::cuda {

/// Throws Error{unsupported, call, ...} unless status is cudaSuccess. Clears the runtime's last error, which would
/// otherwise meet the caller's next launch.
inline void check(cudaError_t status, const char* call) {
  if (status == cudaSuccess) return;
  cudaGetLastError();
  throw Error(ErrorCode::unsupported, call, std::string(cudaGetErrorName(status)) + ": " + cudaGetErrorString(status));
}

}  // namespace kir::cuda
