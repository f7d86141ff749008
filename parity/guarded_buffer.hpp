// Memory that tells on its writer: poisoned before, guard bands around it. In host memory or on a device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kir/types.hpp"
#include "parity/block.hpp"

namespace kir::parity {

/// A block of `bytes` bytes, every byte `poison`, between two guard bands of kGuard bytes.
/// 0xFF poison reads as NaN in every floating-point type, so an element that nobody wrote cannot pass.
class GuardedBuffer {
 public:
  static constexpr std::size_t kGuard = 256, kAlignment = 64;

  /// The block begins `misalign` bytes past a 64-byte boundary of its space.
  GuardedBuffer(std::size_t bytes, std::uint8_t poison, std::size_t misalign = 0,
                MemorySpace space = MemorySpace::host);

  /// The block in its space, for a backend. Gone after fetch() on a device.
  void* data() { return device_ ? static_cast<void*>(device_->data() + begin_) : memory_.data() + begin_; }
  std::size_t bytes() const { return bytes_; }

  /// Waits for the device, takes what it wrote, and frees its memory. Nothing to do in host memory. What follows reads
  /// the memory as it was fetched.
  void fetch();

  const void* fetched() const { return memory_.data() + begin_; }
  /// Empty when both guard bands are whole; else where the stray write nearest to the block is.
  std::string stray_write() const;
  /// True when every byte of the block still is poison.
  bool untouched() const;

 private:
  std::vector<std::uint8_t> memory_;  ///< guards included; of a device's memory, what was sent and what was fetched
  std::optional<Block> device_;
  std::size_t begin_ = 0, bytes_;
  std::uint8_t poison_;
};

}  // namespace kir::parity
