#include "kernels/cuda/separable_kernel.cuh"

namespace kir::cuda {

SeparableKernel float_kernel(StoreKind store, Reach reach) {
  return kernel_of<FloatArithmetic>(store, reach);
}

}  // namespace kir::cuda
