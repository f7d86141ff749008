// Memory that shows what is written beyond it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kir::test {

/// Memory with a pattern before and after it, filled with `poison`; checks the pattern when it dies.
class GuardedMemory {
 public:
  GuardedMemory(std::size_t bytes, std::uint8_t poison);
  ~GuardedMemory();
  GuardedMemory(GuardedMemory&&) = default;

  std::byte* data() { return memory_.data() + offset_; }
  const std::byte* data() const { return memory_.data() + offset_; }
  std::size_t bytes() const { return bytes_; }
  bool intact() const;

 private:
  std::vector<std::byte> memory_;
  std::size_t offset_ = 0, bytes_ = 0;
};

}  // namespace kir::test
