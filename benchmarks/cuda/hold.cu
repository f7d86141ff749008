#include "benchmarks/cuda/hold.hpp"

namespace kir::benchmarks {
namespace {

__device__ std::uint64_t nanoseconds_now() {
  std::uint64_t now;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  return now;
}

__global__ void hold_kernel(std::uint64_t nanoseconds, HeldClock* seen) {
  const std::uint64_t start = nanoseconds_now();
  const long long start_cycle = clock64();
  std::uint64_t passed = 0;
  do {
    passed = nanoseconds_now() - start;
  } while (passed < nanoseconds);
  *seen = {passed, static_cast<std::uint64_t>(clock64() - start_cycle)};
}

}  // namespace

cudaError_t launch_hold(std::uint64_t nanoseconds, HeldClock* seen, cudaStream_t stream) {
  hold_kernel<<<1, 1, 0, stream>>>(nanoseconds, seen);
  return cudaGetLastError();
}

}  // namespace kir::benchmarks
