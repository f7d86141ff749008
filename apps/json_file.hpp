// JSON results: to a file, or to standard output when the path is "-".
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace kir::apps {

/// Checks before any work that write_json can write there. Throws Error{io, "--json PATH"}; an empty path and "-" are
/// fine.
void check_json_path(const std::string& path_or_dash);

/// Writes the value, indented, with a final newline; the file appears whole or not at all. An empty path writes
/// nothing. Throws Error{io}.
void write_json(const std::string& path_or_dash, const nlohmann::json& value);

/// Whether results go to standard output, where a command must then print nothing else.
inline bool is_stdout(const std::string& path_or_dash) {
  return path_or_dash == "-";
}

}  // namespace kir::apps
