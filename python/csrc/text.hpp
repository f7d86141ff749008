// Texts as arguments and results of an op. torch's own conversion between an op's text and std::string never frees a
// copy before torch 2.14 (pytorch/pytorch#191340), in either direction: an op that is called for every batch would leak
// with every batch.
#pragma once

#include <torch/csrc/stable/stableivalue_conversions.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

namespace kir::python {

/// An argument `str`. Owns the text that torch made for one call, and frees it. An op takes it as `const Text&`.
class Text {
 public:
  explicit Text(StringHandle handle) : handle_(handle) {}
  Text(Text&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Text& operator=(Text&&) = delete;
  ~Text() {
    if (handle_ != nullptr) torch_delete_string(handle_);
  }

  std::string_view view() const {
    std::size_t length = 0;
    const char* data = nullptr;
    TORCH_ERROR_CODE_CHECK(torch_string_length(handle_, &length));
    TORCH_ERROR_CODE_CHECK(torch_string_c_str(handle_, &data));
    return {data, length};
  }

 private:
  StringHandle handle_;
};

/// A text as the result `int[]`: eight bytes a number, filled up with zeros. _library.text_of reads it.
inline std::vector<std::int64_t> words_of(std::string_view text) {
  static_assert(std::endian::native == std::endian::little, "text_of reads the bytes in this order");
  std::vector<std::int64_t> words((text.size() + 7) / 8, 0);
  if (!text.empty()) std::memcpy(words.data(), text.data(), text.size());
  return words;
}

}  // namespace kir::python

namespace torch::stable::detail {

// How TORCH_BOX makes an argument of a StableIValue. The callee owns the handle: the contract of
// torch/csrc/stable/library.h, which no version of torch changes.
template <>
struct ToImpl<kir::python::Text> {
  static kir::python::Text call(StableIValue value, std::uint64_t, bool) {
    return kir::python::Text(to<StringHandle>(value));
  }
};

}  // namespace torch::stable::detail
