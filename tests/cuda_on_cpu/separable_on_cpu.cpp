// The device code and the host's choices, compiled for the host.
#include "tests/cuda_on_cpu/lanes.hpp"
// Then the kernels, which find this room's matrix.cuh and launch.cuh before their own.
#include "kernels/cuda/direct.cu"
#include "kernels/cuda/separable.cu"
#include "kernels/cuda/separable_float.cu"
#include "kernels/cuda/separable_integer.cu"

namespace kir::cuda {

/// A Hopper.
const DeviceFacts& device_facts() {
  static DeviceFacts facts{0, tuning_of(kArchitecture)};
  facts.tuning.multiprocessors = test::multiprocessors;
  facts.tuning.shared_per_block = kSharedBytes;
  return facts;
}

}  // namespace kir::cuda
