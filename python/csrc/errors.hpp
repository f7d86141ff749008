// How errors leave an op. The message begins with the name of the class that Python shall raise, and
// python/kernel_image_resize/_library.py takes it off again: torch makes RuntimeError of everything, but that older
// versions (2.11) make ValueError of std::invalid_argument, which is what the ops themselves raise there.
#pragma once

#include <stdexcept>
#include <string>

#include "kir/error.hpp"

namespace kir::python {

/// A tensor of the wrong kind: becomes TypeError("argument: sentence").
[[noreturn]] inline void throw_type_error(const std::string& argument, const std::string& sentence) {
  throw std::runtime_error("TypeError: " + argument + ": " + sentence);
}

/// Memory that the allocator did not give: becomes torch.OutOfMemoryError.
[[noreturn]] inline void throw_out_of_memory(const std::string& sentence) {
  throw std::runtime_error("OutOfMemoryError: " + sentence);
}

[[noreturn]] inline void throw_value_error(const std::string& argument, const std::string& sentence) {
  throw std::invalid_argument("ValueError: " + argument + ": " + sentence);
}

/// Calls `work`; the library's errors become ValueError("argument: sentence"), those of files OSError.
template <class Work>
auto translated(const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.code == ErrorCode::io) throw std::runtime_error(std::string("OSError: ") + error.what());
    throw std::invalid_argument(std::string("ValueError: ") + error.what());
  }
}

}  // namespace kir::python
