// Parsed texts: a configuration is used for many batches, and parsing costs more than planning.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace kir::python {

/// What `parse` makes of a text, once for each text. Thread-safe. Holds the newest kTexts, not all. An error is not
/// kept.
template <class Value>
class TextCache {
 public:
  using Parse = Value (*)(const std::string&);

  explicit TextCache(Parse parse) : parse_(parse) {}

  std::shared_ptr<const Value> get(const std::string& text) {
    const std::lock_guard lock(mutex_);
    const auto found = values_.find(text);
    if (found != values_.end()) return found->second;
    auto value = std::make_shared<const Value>(parse_(text));
    if (values_.size() == kTexts) {
      values_.erase(oldest_.front());
      oldest_.pop_front();
    }
    values_.emplace(text, value);
    oldest_.push_back(text);
    return value;
  }

 private:
  static constexpr std::size_t kTexts = 64;
  Parse parse_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const Value>> values_;
  std::deque<std::string> oldest_;  ///< first
};

}  // namespace kir::python
