// How kernels are launched: all of a block's shared memory where it is asked for, and so that a kernel may begin while
// the one before it ends.
#pragma once

#include <cuda_runtime.h>

#include <atomic>
#include <cstddef>

#include "kernels/cuda/device.hpp"

namespace kir::cuda {

/// Lets a kernel use all shared memory of a block: what it does not name itself is for each launch to ask for.
inline cudaError_t allow_shared_memory(const void* kernel, const DeviceFacts& device) {
  cudaFuncAttributes attributes{};
  const cudaError_t status = cudaFuncGetAttributes(&attributes, kernel);
  if (status != cudaSuccess) return status;
  return cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                              static_cast<int>(device.tuning.shared_per_block - attributes.sharedSizeBytes));
}

/// The same for a kernel that asks for any shared memory, once a device and kernel, since the call takes a microsecond.
/// However little it asks for: the memory that it names itself counts too towards the 48 KB that need no permission.
inline cudaError_t allow_shared_memory(const void* kernel, std::size_t bytes, const DeviceFacts& device) {
  constexpr int kDevices = 64, kKernels = 32;
  struct Allowed {
    std::atomic<const void*> kernel[kKernels];
  };
  static Allowed allowed[kDevices];
  if (bytes == 0) return cudaSuccess;
  Allowed& here = allowed[device.index % kDevices];
  for (std::atomic<const void*>& slot : here.kernel) {
    const void* known = slot.load(std::memory_order_relaxed);
    if (known == kernel) return cudaSuccess;
    if (known != nullptr) continue;
    const cudaError_t status = allow_shared_memory(kernel, device);
    if (status != cudaSuccess) return status;
    if (slot.compare_exchange_strong(known, kernel, std::memory_order_relaxed)) return cudaSuccess;
  }
  return allow_shared_memory(kernel, device);
}

template <class... Parameters, class... Arguments>
cudaError_t launch_kernel(void (*kernel)(Parameters...), dim3 grid, unsigned threads, std::size_t shared,
                          const DeviceFacts& device, cudaStream_t stream, const Arguments&... arguments) {
  const cudaError_t status = allow_shared_memory(reinterpret_cast<const void*>(kernel), shared, device);
  if (status != cudaSuccess) return status;
  cudaLaunchAttribute overlap;
  overlap.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  overlap.val.programmaticStreamSerializationAllowed = 1;
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = dim3(threads);
  config.dynamicSmemBytes = shared;
  config.stream = stream;
  config.attrs = &overlap;
  config.numAttrs = device.tuning.waits ? 1 : 0;
  return cudaLaunchKernelEx(&config, kernel, arguments...);
}

}  // namespace kir::cuda
