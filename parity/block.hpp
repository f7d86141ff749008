// Memory of the space in which a backend runs, filled from the host and read back to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "kir/types.hpp"

namespace kir::parity {

/// Why there is no such memory here; empty when there is.
std::string why_no_memory(MemorySpace space);

/// `bytes` bytes of a space other than the host's, for which there are vectors. Not initialised.
class Block {
 public:
  /// Throws Error{unsupported} for a space that is not here, or that is full.
  Block(MemorySpace space, std::size_t bytes);

  std::byte* data() const { return data_.get(); }
  void upload(std::size_t at, std::span<const std::uint8_t> bytes);
  /// Waits for everything that the device has been given.
  void download(std::span<std::uint8_t> to) const;

 private:
  struct Free {
    void operator()(std::byte* memory) const;
  };
  std::unique_ptr<std::byte, Free> data_;
};

}  // namespace kir::parity
