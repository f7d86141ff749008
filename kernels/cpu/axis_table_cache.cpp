#include "kernels/cpu/axis_table_cache.hpp"

#include <bit>
#include <cstdint>

namespace kir::cpu {

std::size_t AxisTableCache::Hash::operator()(const Key& key) const {
  const Axis& a = key.axis;
  std::uint64_t hash = 0;
  const auto mix = [&hash](std::uint64_t v) {
    hash = (hash ^ v) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
  };
  mix(std::uint64_t(std::uint32_t(a.in)) << 32 | std::uint32_t(a.out));
  mix(std::uint64_t(std::uint32_t(a.first)) << 32 | std::uint32_t(a.count));
  mix(std::bit_cast<std::uint64_t>(a.box_begin));
  mix(std::bit_cast<std::uint64_t>(a.box_end));
  mix(std::uint64_t(a.filter) << 24 | std::uint64_t(a.border) << 16 | std::uint64_t(a.antialias) << 9 |
      std::uint64_t(a.align_corners) << 8 | std::uint64_t(key.arithmetic));
  return static_cast<std::size_t>(hash);
}

std::shared_ptr<const AxisTable> AxisTableCache::get(const Axis& axis, Arithmetic arithmetic) {
  const Key key{axis, arithmetic};
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = index_.find(key); found != index_.end()) {
      recent_.splice(recent_.begin(), recent_, found->second);
      return found->second->table;
    }
  }

  // Two threads may make the same table; the second one is then dropped.
  auto table = std::make_shared<const AxisTable>(make_axis_table(axis, arithmetic));
  if (table->bytes() > capacity_) return table;

  const std::lock_guard lock(mutex_);
  if (const auto found = index_.find(key); found != index_.end()) return found->second->table;
  recent_.push_front({key, table});
  index_.emplace(key, recent_.begin());
  bytes_ += table->bytes();
  while (bytes_ > capacity_) {
    bytes_ -= recent_.back().table->bytes();
    index_.erase(recent_.back().key);
    recent_.pop_back();
  }
  return table;
}

std::size_t AxisTableCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace kir::cpu
