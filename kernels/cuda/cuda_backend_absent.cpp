// The factories of a build without CUDA code: they say so, and callers need no #ifdef.
#include "kir/cuda.hpp"
#include "kir/error.hpp"

namespace kir {
namespace {

[[noreturn]] void refuse(const char* name) {
  throw Error(ErrorCode::unsupported, name, "this build has no CUDA code: " KIR_CUDA_REASON);
}

}  // namespace

std::unique_ptr<Backend> make_cuda_separable_backend() {
  refuse("cuda-separable");
}

std::unique_ptr<Backend> make_cuda_fused_backend() {
  refuse("cuda-fused");
}

}  // namespace kir
