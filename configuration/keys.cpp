#include "configuration/keys.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "configuration/value_check.hpp"
#include "kir/error.hpp"

namespace kir {

namespace {

using nlohmann::json;

/// Python's truth.
bool truth_of(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return false;
    case json::value_t::boolean:
      return value.get<bool>();
    case json::value_t::string:
      return !value.get_ref<const std::string&>().empty();
    case json::value_t::array:
    case json::value_t::object:
      return !value.empty();
    default:
      return value.get<double>() != 0;
  }
}

/// Python's numbers: true and false are 1 and 0. Where torch wants an integer it refuses them.
bool is_number(const json& value) {
  return value.is_number() || value.is_boolean();
}

double number_in(const json& value) {
  return value.is_boolean() ? (value.get<bool>() ? 1 : 0) : value.get<double>();
}

}  // namespace

Keys::Keys(const json& file, const json& own, std::string class_name, std::string source)
    : file_(file), own_(own), class_name_(std::move(class_name)), source_(std::move(source)) {}

void Keys::refuse(const std::string& key, const std::string& message) const {
  throw Error(ErrorCode::invalid_argument, source_ + ": " + key, message);
}

void Keys::refuse_missing(const std::string& key, const std::string& because) const {
  refuse(key, (in_file(key) ? "null: " : "missing: ") + because);
}

void Keys::require(const std::string& key) const {
  if (find(key) == nullptr) refuse_missing(key, class_name_ + " computes with it");
}

void Keys::not_built(const std::string& key, const std::string& reason) {
  for (const Toolkit toolkit : {Toolkit::torchvision, Toolkit::pillow}) not_built(key, reason, toolkit);
}

void Keys::not_built(const std::string& key, const std::string& reason, Toolkit toolkit) {
  std::string& first = unsupported_[static_cast<std::size_t>(toolkit)];
  if (first.empty()) first = key + ": " + reason;
}

const json* Keys::find(const std::string& key) const {
  const auto own = own_.find(key);
  if (own == own_.end()) return nullptr;
  const auto given = file_.find(key);
  const json& value = given != file_.end() ? *given : *own;
  return value.is_null() ? nullptr : &value;
}

std::string Keys::text(const std::string& key) const {
  const json* value = find(key);
  return value == nullptr ? "null" : value->dump();
}

bool Keys::boolean(const std::string& key, bool where_unknown) const {
  if (!knows(key)) return where_unknown;
  const json* value = find(key);
  return value != nullptr && truth_of(*value);
}

std::int64_t Keys::integer(const std::string& key, std::int64_t low, std::int64_t high, std::int64_t otherwise) const {
  const json* value = find(key);
  return value == nullptr ? otherwise : integer_in(*value, key, low, high, Numbers::integers);
}

std::int64_t Keys::required_integer(const std::string& key, std::int64_t low, std::int64_t high) const {
  require(key);
  return integer(key, low, high, 0);
}

double Keys::positive(const std::string& key, double otherwise) const {
  const json* value = find(key);
  if (value == nullptr) return otherwise;
  if (!is_number(*value)) refuse(key, value->dump() + " is not a number");
  check_positive(number_in(*value), source_ + ": " + key);
  return number_in(*value);
}

std::vector<double> Keys::channel_values(const std::string& key) const {
  const json* value = find(key);
  if (value == nullptr) return {};
  const json list = value->is_array() ? *value : json::array({*value});
  if (list.empty() || list.size() > 4)
    refuse(key, value->dump() + " has " + std::to_string(list.size()) + " values; 1..4 are allowed");
  std::vector<double> values;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!is_number(list[i])) refuse(key + "[" + std::to_string(i) + "]", list[i].dump() + " is not a number");
    values.push_back(number_in(list[i]));
  }
  return values;
}

std::int64_t Keys::integer_in(const json& value, const std::string& key, std::int64_t low, std::int64_t high,
                              Numbers numbers) const {
  const std::string allowed = std::to_string(low) + ".." + std::to_string(high);
  if (numbers == Numbers::whole && value.is_number_float() && value.get<double>() == std::trunc(value.get<double>()) &&
      std::abs(value.get<double>()) <= static_cast<double>(kMaxElements)) {
    return integer_in(json(static_cast<std::int64_t>(value.get<double>())), key, low, high, numbers);
  }
  if (!value.is_number_integer()) refuse(key, value.dump() + " is not an integer in " + allowed);
  const bool huge = value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(high);
  if (huge || value.get<std::int64_t>() < low || value.get<std::int64_t>() > high) {
    refuse(key, value.dump() + " is not in " + allowed);
  }
  return value.get<std::int64_t>();
}

// ---------------------------------------------------------------------------------------------------------------------
// Sizes

namespace {

constexpr const char* kForms =
    "height and width, shortest_edge, shortest_edge and longest_edge, longest_edge, max_height and max_width, "
    "min_pixels and max_pixels";

constexpr std::array<std::array<std::string_view, 2>, 6> kKeySets = {{{"height", "width"},
                                                                      {"shortest_edge", ""},
                                                                      {"longest_edge", "shortest_edge"},
                                                                      {"longest_edge", ""},
                                                                      {"max_height", "max_width"},
                                                                      {"max_pixels", "min_pixels"}}};

/// Whether an object, whose keys are sorted, has exactly these.
bool has_keys(const json& object, const std::array<std::string_view, 2>& keys) {
  if (object.size() != (keys[1].empty() ? 1 : 2)) return false;
  return object.contains(keys[0]) && (keys[1].empty() || object.contains(keys[1]));
}

}  // namespace

/// image_processing_utils.get_size_dict and is_valid_size_dict. A null member counts as a key there.
void Keys::check_form(const std::string& key) const {
  const json* value = find(key);
  if (value == nullptr || value->is_number_integer()) return;
  if (value->is_array()) {
    if (value->size() < 2) refuse(key, value->dump() + " is not [height, width]");
    return;
  }
  if (!value->is_object()) refuse(key, value->dump() + " is not an object, an integer or [height, width]");
  if (value->empty()) refuse(key, value->dump() + " is empty");
  if (std::any_of(kKeySets.begin(), kKeySets.end(), [&](const auto& set) { return has_keys(*value, set); })) return;
  for (const auto& [name, side] : value->items()) {
    const bool known = std::any_of(kKeySets.begin(), kKeySets.end(),
                                   [&name = name](const auto& set) { return name == set[0] || name == set[1]; });
    if (!known) refuse(key + "." + name, std::string("is not a key of a size; the sizes are ") + kForms);
  }
  for (const auto& set : kKeySets) {  // half of a pair
    for (const std::size_t given : {0, 1}) {
      if (value->size() == 1 && !set[1].empty() && value->contains(set[given])) {
        refuse(key + "." + std::string(set[1 - given]), "missing: " + std::string(set[given]) + " is given");
      }
    }
  }
  refuse(key, value->dump() + " contradicts itself; the sizes are " + kForms);
}

SizeKeys Keys::size(const std::string& key, bool integer_is_square, std::int64_t high, Numbers numbers) const {
  const json* value = find(key);
  SizeKeys keys;
  if (value == nullptr) return keys;
  check_form(key);
  if (value->is_object()) return size_object(*value, key, high, numbers);
  if (value->is_array()) {
    keys.height = integer_in((*value)[0], key + "[0]", 1, high, numbers);
    keys.width = integer_in((*value)[1], key + "[1]", 1, high, numbers);
    return keys;
  }
  const std::int64_t edge = integer_in(*value, key, 1, high, numbers);
  if (integer_is_square) {
    keys.height = keys.width = edge;
  } else {
    keys.shortest_edge = edge;
  }
  return keys;
}

SizeKeys Keys::size_object(const json& value, const std::string& key, std::int64_t high, Numbers numbers) const {
  const auto side = [&](const char* name, Numbers allowed, bool may_be_absent) -> std::int64_t {
    const auto found = value.find(name);
    if (found == value.end()) return 0;
    if (may_be_absent && !truth_of(*found)) return 0;
    return integer_in(*found, key + "." + name, 1, high, allowed);
  };
  const bool both_edges = value.contains("shortest_edge") && value.contains("longest_edge");
  SizeKeys keys;
  keys.height = side("height", numbers, false);
  keys.width = side("width", numbers, false);
  keys.shortest_edge = side("shortest_edge", numbers, both_edges);
  keys.longest_edge = side("longest_edge", numbers, both_edges);
  keys.max_height = side("max_height", Numbers::whole, false);
  keys.max_width = side("max_width", Numbers::whole, false);
  return keys;
}

}  // namespace kir
