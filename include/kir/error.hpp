// The one error type of the library: what kind, which argument (or "file: key"), and a sentence that says
// what was given and what is allowed. Libraries throw it before any work is done; they never print or abort.
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace kir {

enum class ErrorCode {
  invalid_argument,  ///< a value out of range, missing, contradictory or of the wrong type
  unsupported,       ///< valid, but this backend, class or numerics cannot do it
  io,                ///< a file that cannot be read, decoded or written
};

/// Thrown by every function of the library. `argument` names the argument, or "FILE: KEY" for a configuration.
struct Error : std::exception {
  ErrorCode code;
  std::string argument;
  std::string message;

  Error(ErrorCode kind, std::string which, std::string sentence)
      : code(kind), argument(std::move(which)), message(std::move(sentence)) {
    text_ = argument.empty() ? message : argument + ": " + message;
  }

  /// "argument: message"
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

}  // namespace kir
