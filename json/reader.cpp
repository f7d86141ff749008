#include "json/reader.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <utility>

#include "kir/error.hpp"

namespace kir {

using nlohmann::json;

json parse_json(std::string_view text, const std::string& source) {
  try {
    return json::parse(text);
  } catch (const json::exception& error) {
    std::string what = error.what();  // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    what = what.substr(what.find(']') == std::string::npos ? 0 : what.find(']') + 2);
    throw Error(ErrorCode::invalid_argument, source, "malformed JSON: " + what);
  }
}

json parse_json_object(std::string_view text, const std::string& source) {
  json value = parse_json(text, source);
  if (!value.is_object()) throw Error(ErrorCode::invalid_argument, source, "is not a JSON object");
  return value;
}

json read_json_object(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  file.peek();  // a folder opens, but cannot be read
  if (!file.good() && !file.eof()) throw Error(ErrorCode::io, path, "cannot be read");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return parse_json_object(text, path);
}

std::string quoted(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "\"" : ", \"") + name + "\"";
  return text;
}

// ---------------------------------------------------------------------------------------------------------------------
// A value

std::string JsonValue::where() const {
  return source_.empty() || path_.empty() ? source_ + path_ : source_ + ": " + path_;
}

void JsonValue::refuse(const std::string& sentence) const {
  throw Error(ErrorCode::invalid_argument, where(), sentence);
}

void JsonValue::refuse_unless(const std::string& wanted) const {
  refuse("must be " + wanted + ", not " + value_->dump());
}

std::string JsonValue::text() const {
  if (!value_->is_string() || value_->get_ref<const std::string&>().empty()) refuse_unless("a text that is not empty");
  return value_->get<std::string>();
}

std::string JsonValue::one_of(const std::vector<std::string>& allowed) const {
  if (value_->is_string() &&
      std::find(allowed.begin(), allowed.end(), value_->get_ref<const std::string&>()) != allowed.end()) {
    return value_->get<std::string>();
  }
  refuse_unless("one of " + quoted(allowed));
}

bool JsonValue::boolean() const {
  if (!value_->is_boolean()) refuse_unless("true or false");
  return value_->get<bool>();
}

double JsonValue::number(double low, double high) const {
  const double value = value_->is_number() ? value_->get<double>() : std::nan("");
  if (std::isfinite(value) && value >= low && value <= high) return value;
  std::string wanted = "a finite number";
  if (std::isfinite(low)) wanted += " >= " + json(low).dump();
  if (std::isfinite(high)) wanted += (std::isfinite(low) ? " and <= " : " <= ") + json(high).dump();
  refuse_unless(wanted);
}

std::int64_t JsonValue::integer(std::int64_t low, std::int64_t high) const {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const bool fits = value_->is_number_integer() &&
                    !(value_->is_number_unsigned() && value_->get<std::uint64_t>() > static_cast<std::uint64_t>(kMost));
  if (fits && value_->get<std::int64_t>() >= low && value_->get<std::int64_t>() <= high) {
    return value_->get<std::int64_t>();
  }
  refuse_unless(high == kMost ? "a whole number >= " + std::to_string(low)
                              : "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
}

std::vector<JsonValue> JsonValue::list(std::size_t at_least, const std::string& wanted) const {
  if (!value_->is_array() || value_->size() < at_least) {
    const bool one = at_least == 1;
    refuse_unless(at_least == 0 ? wanted
                                : wanted + (one ? " that is not empty" : " of at least " + std::to_string(at_least)));
  }
  std::vector<JsonValue> items;
  for (std::size_t i = 0; i < value_->size(); ++i) items.push_back(item(i));
  return items;
}

JsonValue JsonValue::member(const std::string& key) const {
  const auto found = value_->find(key);
  if (found == value_->end()) JsonValue(*value_, source_, path_of(key)).refuse("missing");
  return {*found, source_, path_of(key)};
}

JsonValue JsonValue::item(std::size_t index) const {
  return {value_->at(index), source_, path_ + "[" + std::to_string(index) + "]"};
}

// ---------------------------------------------------------------------------------------------------------------------
// An object

JsonObject::JsonObject(JsonValue value) : self_(std::move(value)) {
  if (!self_.raw().is_object()) self_.refuse_unless("an object");
}

JsonValue JsonObject::at(const std::string& key) {
  known_.insert(key);
  return self_.member(key);
}

std::optional<JsonValue> JsonObject::find(const std::string& key) {
  known_.insert(key);
  if (!has(key)) return std::nullopt;
  return self_.member(key);
}

std::vector<JsonObject> JsonObject::objects(const std::string& key) {
  std::vector<JsonObject> result;
  for (JsonValue& item : at(key).list(1, "a list of objects")) result.emplace_back(std::move(item));
  return result;
}

void JsonObject::no_other_keys() const {
  for (const auto& [key, value] : self_.raw().items()) {
    if (known_.count(key) == 0) self_.member(key).refuse("unknown key");
  }
}

}  // namespace kir
