#include "kernels/cuda/separable_kernel.cuh"

namespace kir::cuda {

SeparableKernel float_kernel(StoreKind store) {
  return kernel_of<FloatArithmetic>(store);
}

}  // namespace kir::cuda
