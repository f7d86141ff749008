#include "kernels/cuda/separable_kernel.cuh"

namespace kir::cuda {

SeparableKernel integer_kernel(StoreKind store) {
  return kernel_of<IntegerArithmetic>(store);
}

}  // namespace kir::cuda
