// Reading a JSON object whose keys are all known: a missing, wrong-typed or unknown key is an Error naming file and
// key.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace kir::gate {

class JsonObject {
 public:
  /// `where` is "FILE: KEY" of the object itself. Throws Error{invalid_argument} unless `value` is an object.
  JsonObject(const nlohmann::json& value, std::string where);

  /// The values of required keys. Error{invalid_argument, "FILE: KEY", ...} when missing or of another type.
  std::string text(const std::string& key);
  std::string one_of(const std::string& key, const std::vector<std::string>& allowed);
  double finite_number(const std::string& key);
  std::int64_t integer(const std::string& key, std::int64_t at_least);
  std::vector<std::string> texts(const std::string& key);
  std::vector<JsonObject> objects(const std::string& key);
  JsonObject object(const std::string& key);

  bool has(const std::string& key) const { return value_->contains(key); }
  const std::string& where() const { return where_; }

  /// Throws for a key that nobody asked for. Call it last.
  void no_other_keys() const;

 private:
  const nlohmann::json& required(const std::string& key);
  [[noreturn]] void wrong(const std::string& key, const std::string& wanted) const;

  const nlohmann::json* value_;  // outlived by the parsed document, which the caller keeps
  std::string where_;
  std::set<std::string> known_;
};

/// For messages: "a", "b", each in quotation marks.
std::string quoted(const std::vector<std::string>& names);

/// The parsed file. Error{io} when it cannot be read, Error{invalid_argument} when it is not JSON.
nlohmann::json read_json_file(const std::string& path);

}  // namespace kir::gate
