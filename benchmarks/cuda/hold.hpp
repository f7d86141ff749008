// A kernel that does nothing for a while: behind it the host fills the queue, so that the calls that are timed run
// without a pause for the host.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace kir::benchmarks {

/// What the last hold saw.
struct HeldClock {
  std::uint64_t nanoseconds = 0, cycles = 0;  ///< of one multiprocessor: their ratio is its clock rate
};

/// One block that spins for `nanoseconds` and then writes *seen (device memory).
cudaError_t launch_hold(std::uint64_t nanoseconds, HeldClock* seen, cudaStream_t stream);

}  // namespace kir::benchmarks
