// Memory that tells on its writer: poisoned before, guard bands around it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kir::parity {

/// A block of `bytes` bytes, every byte `poison`, between two guard bands of kGuard bytes.
/// 0xFF poison reads as NaN in every floating-point type, so an element that nobody wrote cannot pass.
class GuardedBuffer {
 public:
  static constexpr std::size_t kGuard = 256, kAlignment = 64;

  /// The block begins `misalign` bytes past a 64-byte boundary.
  GuardedBuffer(std::size_t bytes, std::uint8_t poison, std::size_t misalign = 0);

  void* data() { return memory_.data() + begin_; }
  const void* data() const { return memory_.data() + begin_; }
  std::size_t bytes() const { return bytes_; }

  /// Empty when both guard bands are whole; else where the stray write nearest to the block is.
  std::string stray_write() const;
  /// True when every byte of the block still is poison.
  bool untouched() const;

 private:
  std::vector<std::uint8_t> memory_;
  std::size_t begin_, bytes_;
  std::uint8_t poison_;
};

}  // namespace kir::parity
