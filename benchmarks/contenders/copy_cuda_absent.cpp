// Takes the place of copy_cuda.cpp in a build without CUDA.
#include "benchmarks/contenders/copy_cuda.hpp"
#include "kir/error.hpp"

namespace kir::benchmarks {

std::string cuda_copy_not_run() {
  return std::string("built without CUDA: ") + KIR_CUDA_REASON;
}

Contender cuda_copy_contender(std::int64_t, std::int64_t) {
  throw Error(ErrorCode::unsupported, kCudaCopy, cuda_copy_not_run());
}

}  // namespace kir::benchmarks
