#include "kernels/cuda/separable_kernel.cuh"

namespace kir::cuda {

SeparableKernel integer_kernel(StoreKind store, Reach reach) {
  return kernel_of<IntegerArithmetic>(store, reach);
}

}  // namespace kir::cuda
