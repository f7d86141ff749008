// Pinned memory, events and streams that free themselves; device memory is kernels/cuda/device_memory.hpp.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>

#include "kernels/cuda/check.hpp"

namespace kir::benchmarks {

struct PinnedFree {
  void operator()(std::byte* memory) const { cudaFreeHost(memory); }
};
struct EventDestroy {
  void operator()(cudaEvent_t event) const { cudaEventDestroy(event); }
};
struct StreamDestroy {
  void operator()(cudaStream_t stream) const { cudaStreamDestroy(stream); }
};
using PinnedMemory = std::unique_ptr<std::byte, PinnedFree>;
using Event = std::unique_ptr<CUevent_st, EventDestroy>;
using Stream = std::unique_ptr<CUstream_st, StreamDestroy>;

/// All three throw Error{unsupported} when the CUDA runtime fails.
inline PinnedMemory allocate_pinned(std::size_t bytes) {
  void* memory = nullptr;
  cuda::check(cudaMallocHost(&memory, bytes > 0 ? bytes : 1), "cudaMallocHost");
  return PinnedMemory(static_cast<std::byte*>(memory));
}

inline Event make_event() {
  cudaEvent_t event = nullptr;
  cuda::check(cudaEventCreate(&event), "cudaEventCreate");
  return Event(event);
}

inline Stream make_stream() {
  cudaStream_t stream = nullptr;
  cuda::check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  return Stream(stream);
}

}  // namespace kir::benchmarks
