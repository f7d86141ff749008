// In place of kernels/cuda/launch.cuh: a launch runs the blocks one after the other, before it returns.
#pragma once

#include "kernels/cuda/device.hpp"
#include "kernels/cuda/matrix.cuh"
#include "tests/cuda_on_cpu/on_cpu.hpp"

namespace kir::cuda {

template <class... Parameters, class... Arguments>
cudaError_t launch_kernel(void (*kernel)(Parameters...), dim3 grid, unsigned threads, std::size_t shared,
                          const DeviceFacts& device, cudaStream_t, const Arguments&... arguments) {
  if (shared > device.tuning.shared_per_block) return cudaErrorInvalidValue;
  test::launch_records.push_back({grid.x, grid.y, threads, shared});
  if (!test::runs_kernels) return cudaSuccess;
  ::gridDim = grid;
  ::blockDim = dim3(threads);
  for (unsigned y = 0; y < grid.y; ++y) {
    for (unsigned x = 0; x < grid.x; ++x) {
      ::blockIdx = dim3(x, y);
      std::fill_n(shared_memory, kSharedBytes, std::byte{0xee});
      lanes::block.run(threads, [&] { kernel(arguments...); });
      const auto is_touched = [](std::byte byte) { return byte != std::byte{0xee}; };
      if (std::any_of(shared_memory + shared, shared_memory + kSharedBytes, is_touched)) {
        throw std::out_of_range("shared memory beyond what the launch asked for");
      }
    }
  }
  return cudaSuccess;
}

}  // namespace kir::cuda
