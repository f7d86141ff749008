#include "gate/json_object.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <utility>

#include "kir/error.hpp"

namespace kir::gate {

JsonObject::JsonObject(const nlohmann::json& value, std::string where) : value_(&value), where_(std::move(where)) {
  if (!value.is_object()) throw Error(ErrorCode::invalid_argument, where_, "must be an object, not " + value.dump());
}

const nlohmann::json& JsonObject::required(const std::string& key) {
  known_.insert(key);
  const auto found = value_->find(key);
  if (found == value_->end()) throw Error(ErrorCode::invalid_argument, where_ + "." + key, "this key is missing");
  return *found;
}

void JsonObject::wrong(const std::string& key, const std::string& wanted) const {
  throw Error(ErrorCode::invalid_argument, where_ + "." + key, "must be " + wanted + ", not " + value_->at(key).dump());
}

std::string JsonObject::text(const std::string& key) {
  const nlohmann::json& value = required(key);
  if (!value.is_string() || value.get_ref<const std::string&>().empty()) wrong(key, "a text that is not empty");
  return value.get<std::string>();
}

std::string JsonObject::one_of(const std::string& key, const std::vector<std::string>& allowed) {
  const std::string value = text(key);
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return value;
  wrong(key, "one of " + quoted(allowed));
}

double JsonObject::finite_number(const std::string& key) {
  const nlohmann::json& value = required(key);
  if (!value.is_number() || !std::isfinite(value.get<double>())) wrong(key, "a finite number");
  return value.get<double>();
}

std::int64_t JsonObject::integer(const std::string& key, std::int64_t at_least) {
  const nlohmann::json& value = required(key);
  if (!value.is_number_integer() || value.get<std::int64_t>() < at_least)
    wrong(key, "a whole number >= " + std::to_string(at_least));
  return value.get<std::int64_t>();
}

std::vector<std::string> JsonObject::texts(const std::string& key) {
  const nlohmann::json& value = required(key);
  if (!value.is_array() || value.empty()) wrong(key, "a list of texts that is not empty");
  std::vector<std::string> result;
  for (const nlohmann::json& item : value) {
    if (!item.is_string()) wrong(key, "a list of texts");
    result.push_back(item.get<std::string>());
  }
  return result;
}

std::vector<JsonObject> JsonObject::objects(const std::string& key) {
  const nlohmann::json& value = required(key);
  if (!value.is_array() || value.empty()) wrong(key, "a list of objects that is not empty");
  std::vector<JsonObject> result;
  for (std::size_t i = 0; i < value.size(); ++i)
    result.emplace_back(value[i], where_ + "." + key + "[" + std::to_string(i) + "]");
  return result;
}

JsonObject JsonObject::object(const std::string& key) {
  return {required(key), where_ + "." + key};
}

void JsonObject::no_other_keys() const {
  for (const auto& item : value_->items())
    if (known_.count(item.key()) == 0)
      throw Error(ErrorCode::invalid_argument, where_ + "." + item.key(), "unknown key");
}

std::string quoted(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "\"" : ", \"") + name + "\"";
  return text;
}

nlohmann::json read_json_file(const std::string& path) {
  std::ifstream stream(path);
  if (!stream) throw Error(ErrorCode::io, path, "cannot be read");
  try {
    return nlohmann::json::parse(stream);
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::invalid_argument, path, std::string("is not JSON: ") + error.what());
  }
}

}  // namespace kir::gate
