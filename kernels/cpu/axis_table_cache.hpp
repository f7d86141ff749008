// Weight tables are shared between the bands and runs that need them, and forgotten when there are too many: ragged
// sizes rarely repeat.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "weights/axis_table.hpp"

namespace kir::cpu {

/// The tables made last, at most `capacity_bytes` of them. Thread safety: all functions may be called at once.
class AxisTableCache {
 public:
  explicit AxisTableCache(std::size_t capacity_bytes) : capacity_(capacity_bytes) {}

  /// The table of this axis, made if it is not here. Errors: make_axis_table's.
  std::shared_ptr<const AxisTable> get(const Axis& axis, Arithmetic arithmetic);

  /// Bytes of the tables that are kept; never above the capacity.
  std::size_t bytes() const;

 private:
  struct Key {
    Axis axis;
    Arithmetic arithmetic;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  struct Entry {
    Key key;
    std::shared_ptr<const AxisTable> table;
  };

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::list<Entry> recent_;  ///< the one used last is in front
  std::unordered_map<Key, std::list<Entry>::iterator, Hash> index_;
  std::size_t bytes_ = 0;
};

}  // namespace kir::cpu
