// What the gate's tests ask of its checks.
#pragma once

#include <string>
#include <vector>

#include "gate/check.hpp"

namespace kir::test {

/// The check of a name; a check without a room when there is none.
inline gate::Check find(const std::vector<gate::Check>& checks, const std::string& name) {
  for (const gate::Check& check : checks)
    if (check.name == name) return check;
  return {};
}

}  // namespace kir::test
