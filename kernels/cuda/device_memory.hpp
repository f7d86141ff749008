// Memory of the current device that is freed at the end of a scope. For measurements and tests: run() allocates
// nothing.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>

#include "kernels/cuda/check.hpp"

namespace kir::cuda {

struct DeviceFree {
  void operator()(std::byte* memory) const { cudaFree(memory); }
};
using DeviceMemory = std::unique_ptr<std::byte, DeviceFree>;

/// Throws Error{unsupported, "cudaMalloc"} when there is no room. Not initialised; `bytes` may be 0.
inline DeviceMemory allocate_on_device(std::size_t bytes) {
  void* memory = nullptr;
  check(cudaMalloc(&memory, bytes > 0 ? bytes : 1), "cudaMalloc");
  return DeviceMemory(static_cast<std::byte*>(memory));
}

}  // namespace kir::cuda
