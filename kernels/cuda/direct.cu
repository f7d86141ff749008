#include "kernels/cuda/direct.cuh"

namespace kir::cuda {

DirectKernel direct_kernel_for(StoreKind store, Reach reach) {
  return with_store(store, reach, [](auto of_store, auto of_reach) -> DirectKernel {
    return direct_kernel<FloatArithmetic, typename decltype(of_store)::type, decltype(of_reach)::value>;
  });
}

}  // namespace kir::cuda
