#include "apps/json_file.hpp"

#include <cstdio>

#include "apps/atomic_file.hpp"
#include "kir/error.hpp"

namespace kir::apps {

void check_json_path(const std::string& path_or_dash) {
  if (path_or_dash.empty() || is_stdout(path_or_dash)) return;
  try {
    check_writable(path_or_dash);
  } catch (const Error& error) {
    throw Error(error.code, "--json " + error.argument, error.message);
  }
}

void write_json(const std::string& path_or_dash, const nlohmann::json& value) {
  if (path_or_dash.empty()) return;
  const std::string text = value.dump(2) + "\n";
  if (is_stdout(path_or_dash)) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
      throw Error(ErrorCode::io, "--json -", "standard output cannot be written");
    }
    return;
  }
  AtomicFile file(path_or_dash);
  file.write(text.data(), text.size());
  file.commit();
}

}  // namespace kir::apps
