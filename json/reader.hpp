// Reading JSON whose keys are all known. Every error is an Error{invalid_argument} that names the place,
// "SOURCE: key[2].name", the value found there and what is allowed.
// Thread safety: all of it is plain data; a JsonObject is one thread's, for it remembers which keys were asked for.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kir {

/// The parsed text. "SOURCE: malformed JSON: parse error at line 1, column 2: ..." when it is none.
nlohmann::json parse_json(std::string_view text, const std::string& source);

/// parse_json of a text that must hold an object: "SOURCE: is not a JSON object".
nlohmann::json parse_json_object(std::string_view text, const std::string& source);

/// parse_json_object of a file. Error{io} when it cannot be read.
nlohmann::json read_json_object(const std::string& path);

/// For messages: "a", "b", each in quotation marks.
std::string quoted(const std::vector<std::string>& names);

/// A value and its place. The document must outlive it.
class JsonValue {
 public:
  /// `source` names the text, `path` the value in it. An empty one is left out of messages.
  JsonValue(const nlohmann::json& value, std::string source, std::string path = "")
      : value_(&value), source_(std::move(source)), path_(std::move(path)) {}

  const nlohmann::json& raw() const { return *value_; }
  bool is_null() const { return value_->is_null(); }

  /// "SOURCE: PATH"
  std::string where() const;
  /// Throws with this sentence.
  [[noreturn]] void refuse(const std::string& sentence) const;
  /// Throws "must be WANTED, not VALUE".
  [[noreturn]] void refuse_unless(const std::string& wanted) const;

  /// A text that is not empty.
  std::string text() const;
  std::string one_of(const std::vector<std::string>& allowed) const;
  bool boolean() const;
  /// A finite number in low..high.
  double number(double low = -std::numeric_limits<double>::infinity(),
                double high = std::numeric_limits<double>::infinity()) const;
  /// A whole number in low..high; 3.0 is none.
  std::int64_t integer(std::int64_t low, std::int64_t high = std::numeric_limits<std::int64_t>::max()) const;
  /// The items of a list, of which there must be `at_least`; `wanted` says in a message what the list holds.
  std::vector<JsonValue> list(std::size_t at_least = 0, const std::string& wanted = "a list") const;

  /// The value of a member, which must be there.
  JsonValue member(const std::string& key) const;
  JsonValue item(std::size_t index) const;

 private:
  std::string path_of(const std::string& key) const { return path_.empty() ? key : path_ + "." + key; }

  const nlohmann::json* value_;
  std::string source_, path_;
};

/// An object of which every key has a meaning.
class JsonObject {
 public:
  /// Throws unless the value is an object.
  explicit JsonObject(JsonValue value);
  JsonObject(const nlohmann::json& value, std::string source, std::string path = "")
      : JsonObject(JsonValue(value, std::move(source), std::move(path))) {}

  /// "SOURCE: PATH" of the object itself.
  std::string where() const { return self_.where(); }
  [[noreturn]] void refuse(const std::string& sentence) const { self_.refuse(sentence); }

  bool has(const std::string& key) const { return self_.raw().contains(key); }
  /// "SOURCE: PATH.key: missing" when it is not there.
  JsonValue at(const std::string& key);
  /// Nothing when it is not there; a null is there.
  std::optional<JsonValue> find(const std::string& key);
  JsonObject object(const std::string& key) { return JsonObject(at(key)); }
  /// The objects of a list that is not empty.
  std::vector<JsonObject> objects(const std::string& key);

  /// Throws "SOURCE: PATH.key: unknown key" for a key that nobody asked for. Call it last.
  void no_other_keys() const;

 private:
  JsonValue self_;
  std::set<std::string> known_;
};

}  // namespace kir
