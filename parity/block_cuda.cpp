#include "kernels/cuda/check.hpp"
#include "kernels/cuda/device.hpp"
#include "parity/block.hpp"

namespace kir::parity {

std::string why_no_memory(MemorySpace space) {
  return space == MemorySpace::host ? "" : cuda::list_devices().reason;
}

Block::Block(MemorySpace space, std::size_t bytes) {
  if (space == MemorySpace::host) throw Error(ErrorCode::invalid_argument, "space", "host memory needs no block");
  void* memory = nullptr;
  cuda::check(cudaMalloc(&memory, bytes > 0 ? bytes : 1), "cudaMalloc");
  data_.reset(static_cast<std::byte*>(memory));
}

void Block::Free::operator()(std::byte* memory) const {
  cudaFree(memory);
}

void Block::upload(std::size_t at, std::span<const std::uint8_t> bytes) {
  cuda::check(cudaMemcpy(data() + at, bytes.data(), bytes.size(), cudaMemcpyHostToDevice), "cudaMemcpy");
}

void Block::download(std::span<std::uint8_t> to) const {
  cuda::check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  cuda::check(cudaMemcpy(to.data(), data(), to.size(), cudaMemcpyDeviceToHost), "cudaMemcpy");
}

}  // namespace kir::parity
