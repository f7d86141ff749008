// Takes the place of cuda_case.cpp in a build without CUDA.
#include "benchmarks/cuda/cuda_case.hpp"
#include "kir/error.hpp"

namespace kir::benchmarks {

struct CudaCase::State {};

std::string cuda_not_run() {
  return std::string("built without CUDA: ") + KIR_CUDA_REASON;
}

std::map<std::string, std::string> cuda_environment() {
  throw Error(ErrorCode::unsupported, "cuda", cuda_not_run());
}

CudaCase::CudaCase(const Suite&, const SuiteCase&, std::uint64_t, std::span<const parity::Image>) {
  throw Error(ErrorCode::unsupported, "cuda", cuda_not_run());
}

CudaCase::~CudaCase() = default;

const Plan& CudaCase::plan(Numerics) const {
  throw Error(ErrorCode::unsupported, "cuda", cuda_not_run());
}

void CudaCase::time(Contender&, const Backend&, Numerics) const {}

Contender CudaCase::copy() const {
  return {};
}

}  // namespace kir::benchmarks
