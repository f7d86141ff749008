// What the gate's tests ask of its checks.
#pragma once

#include <string>
#include <vector>

#include "gate/check.hpp"
#include "kir/error.hpp"

namespace kir::test {

/// The check of a name; a check without a room when there is none.
inline gate::Check find(const std::vector<gate::Check>& checks, const std::string& name) {
  for (const gate::Check& check : checks)
    if (check.name == name) return check;
  return {};
}

/// The text of the Error that `call` throws; "no error" when it throws none.
template <class Call>
std::string error_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace kir::test
