#include "parity/guarded_buffer.hpp"

#include <algorithm>

namespace kir::parity {
namespace {

constexpr std::uint8_t kGuardByte = 0xC3;

}  // namespace

GuardedBuffer::GuardedBuffer(std::size_t bytes, std::uint8_t poison, std::size_t misalign, MemorySpace space)
    : memory_(bytes + 2 * kGuard + kAlignment + misalign, kGuardByte), bytes_(bytes), poison_(poison) {
  if (space != MemorySpace::host) device_.emplace(space, memory_.size());
  const auto address = reinterpret_cast<std::uintptr_t>(data()) + kGuard;
  begin_ = kGuard + (kAlignment - address % kAlignment) % kAlignment + misalign;
  std::fill_n(memory_.begin() + static_cast<std::ptrdiff_t>(begin_), bytes_, poison_);
  if (device_) device_->upload(0, memory_);
}

void GuardedBuffer::fetch() {
  if (!device_) return;
  device_->download(memory_);
  device_.reset();
}

std::string GuardedBuffer::stray_write() const {
  for (std::size_t i = begin_; i-- > 0;) {
    if (memory_[i] != kGuardByte) return std::to_string(begin_ - i) + " bytes before its first byte";
  }
  for (std::size_t i = begin_ + bytes_; i < memory_.size(); ++i) {
    if (memory_[i] == kGuardByte) continue;
    return std::to_string(i - begin_ - bytes_) + " bytes past its end (of " + std::to_string(bytes_) + ")";
  }
  return {};
}

bool GuardedBuffer::untouched() const {
  const auto first = memory_.begin() + static_cast<std::ptrdiff_t>(begin_);
  return std::all_of(first, first + static_cast<std::ptrdiff_t>(bytes_), [&](std::uint8_t b) { return b == poison_; });
}

}  // namespace kir::parity
