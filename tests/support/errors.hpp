// The Error that a call throws.
#pragma once

#include "kir/error.hpp"
#include "tests/catch.hpp"

namespace kir::test {

/// The Error that `call` throws; fails the test when it throws none.
template <typename Call>
Error error_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  FAIL("nothing was thrown");
  return Error(ErrorCode::invalid_argument, "", "");
}

}  // namespace kir::test
