// Catch2 2 and 3 spell their string matcher differently.
#pragma once

#include <string_view>

namespace kir::test {

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

}  // namespace kir::test
