// Parsed texts: a configuration is used for many batches, and parsing costs more than planning.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace kir::python {

/// What `parse` makes of a text, once for each text. Thread-safe. Holds the newest kTexts, not all. An error is not
/// kept.
template <class Value>
class TextCache {
 public:
  using Parse = Value (*)(const std::string&);

  explicit TextCache(Parse parse) : parse_(parse) {}

  std::shared_ptr<const Value> get(std::string_view text) {
    const std::lock_guard lock(mutex_);
    const auto found = values_.find(text);
    if (found != values_.end()) return found->second;
    std::string key(text);
    auto value = std::make_shared<const Value>(parse_(key));
    if (values_.size() == kTexts) {
      values_.erase(oldest_.front());
      oldest_.pop_front();
    }
    values_.emplace(key, value);
    oldest_.push_back(std::move(key));
    return value;
  }

 private:
  static constexpr std::size_t kTexts = 64;

  // A view of a text finds it: a call makes no copy.
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  Parse parse_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const Value>, Hash, std::equal_to<>> values_;
  std::deque<std::string> oldest_;  ///< first
};

}  // namespace kir::python
