// A build without CUDA has the host's memory alone.
#include "kir/error.hpp"
#include "parity/block.hpp"

namespace kir::parity {

std::string why_no_memory(MemorySpace space) {
  return space == MemorySpace::host ? "" : "this build has no CUDA code: " KIR_CUDA_REASON;
}

Block::Block(MemorySpace space, std::size_t) {
  throw Error(ErrorCode::unsupported, "space", why_no_memory(space));
}

void Block::Free::operator()(std::byte*) const {}
void Block::upload(std::size_t, std::span<const std::uint8_t>) {}
void Block::download(std::span<std::uint8_t>) const {}

}  // namespace kir::parity
