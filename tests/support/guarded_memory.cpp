#include "tests/support/guarded_memory.hpp"

#include <algorithm>

#include "tests/catch.hpp"

namespace kir::test {

namespace {

constexpr std::size_t kGuard = 256;
constexpr std::byte kPattern{0xc3};

}  // namespace

GuardedMemory::GuardedMemory(std::size_t bytes, std::uint8_t poison)
    : memory_(bytes + 3 * kGuard, kPattern), bytes_(bytes) {
  offset_ = kGuard;
  while (reinterpret_cast<std::uintptr_t>(memory_.data() + offset_) % 64 != 0) ++offset_;
  std::fill_n(data(), bytes, std::byte{poison});
}

bool GuardedMemory::intact() const {
  const auto guards = [](std::byte b) { return b == kPattern; };
  return std::all_of(memory_.begin(), memory_.begin() + static_cast<std::ptrdiff_t>(offset_), guards) &&
         std::all_of(memory_.begin() + static_cast<std::ptrdiff_t>(offset_ + bytes_), memory_.end(), guards);
}

GuardedMemory::~GuardedMemory() {
  if (!memory_.empty()) CHECK(intact());
}

}  // namespace kir::test
