// launch_kernel gives a kernel the shared memory that it asks for, beside what the kernel names itself.
#include <cstddef>

#include "kernels/cuda/device_memory.hpp"
#include "kernels/cuda/launch.cuh"
#include "tests/catch.hpp"

using namespace kir::cuda;

namespace {

constexpr std::size_t kOwnBytes = 128;

/// A kernel a size: permission is given once a kernel, by the first that asks.
template <std::size_t kBytes>
__global__ void asks_for_kernel(unsigned* sum) {
  __shared__ std::byte own[kOwnBytes];
  extern __shared__ std::byte asked[];
  own[0] = std::byte{1};
  asked[kBytes - 1] = std::byte{2};
  __syncthreads();
  *sum = std::to_integer<unsigned>(own[0]) + std::to_integer<unsigned>(asked[kBytes - 1]);
}

template <std::size_t kBytes>
void check_launch_with() {
  const DeviceFacts& device = device_facts();
  const DeviceMemory memory = allocate_on_device(sizeof(unsigned));
  auto* const sum = reinterpret_cast<unsigned*>(memory.get());
  CAPTURE(kBytes);
  CHECK(launch_kernel(asks_for_kernel<kBytes>, dim3(1), 1, kBytes, device, nullptr, sum) == cudaSuccess);
  unsigned found = 0;
  REQUIRE(cudaMemcpy(&found, sum, sizeof found, cudaMemcpyDeviceToHost) == cudaSuccess);
  CHECK(found == 3);
}

}  // namespace

TEST_CASE("any shared memory up to all of a block's, beside what the kernel names itself", "[cuda][launch]") {
  check_launch_with<16>();
  // With its own it is more than the 48 KB that need no permission, though what it asks for is not.
  check_launch_with<(48 << 10) - kOwnBytes>();
  check_launch_with<(48 << 10) - kOwnBytes + 16>();
  check_launch_with<(48 << 10)>();
  check_launch_with<(48 << 10) + 16>();
  check_launch_with<(99 << 10) - kOwnBytes>();  // what every device of compute capability 8.0 or newer has
}
