// The values of one configuration, typed and checked as transformers reads them. A key that the file leaves out has the
// class's own value; a null in the file is Python's None: no value, or off (BaseImageProcessor.__init__ sets it before
// _set_attributes looks). A switch has Python's truth: "true", 1 and "false" are on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "configuration/size_keys.hpp"
#include "kir/plan.hpp"

namespace kir {

/// Every refusal is an Error{invalid_argument, "SOURCE: KEY", ...} that names the value and what is allowed. A value is
/// checked when it is read, so stages read what their switches need and no more.
class Keys {
 public:
  /// `file`: the values of the configuration; `own`: the class's own, null where it has none. Both outlive the object.
  Keys(const nlohmann::json& file, const nlohmann::json& own, std::string class_name, std::string source);

  const std::string& class_name() const { return class_name_; }
  const std::string& source() const { return source_; }

  [[noreturn]] void refuse(const std::string& key, const std::string& message) const;
  /// Refuses a value that is missing (null, or left out where the class has none) though `because` needs it.
  [[noreturn]] void refuse_missing(const std::string& key, const std::string& because) const;
  /// refuse_missing unless the key has a value: the class computes with it.
  void require(const std::string& key) const;

  /// Notes that the configuration asks for what no stage does, or none in this toolkit. The first reason counts.
  void not_built(const std::string& key, const std::string& reason);
  void not_built(const std::string& key, const std::string& reason, Toolkit toolkit);
  /// That reason, empty when there is none.
  const std::string& unsupported(Toolkit toolkit) const { return unsupported_[static_cast<std::size_t>(toolkit)]; }

  bool in_file(const std::string& key) const { return file_.contains(key); }
  /// Whether the class accepts the key.
  bool knows(const std::string& key) const { return own_.contains(key); }
  /// nullptr for a key that has no value, or that the class does not know.
  const nlohmann::json* find(const std::string& key) const;
  /// The value as text, for messages.
  std::string text(const std::string& key) const;

  /// A switch. `where_unknown`: of a class that does not know the key.
  bool boolean(const std::string& key, bool where_unknown = false) const;
  std::int64_t integer(const std::string& key, std::int64_t low, std::int64_t high, std::int64_t otherwise) const;
  /// An integer that must be there.
  std::int64_t required_integer(const std::string& key, std::int64_t low, std::int64_t high) const;
  /// Finite and greater than 0; `otherwise` where there is no value.
  double positive(const std::string& key, double otherwise) const;
  /// A number for all channels, or a list of one number a channel (1..4); empty where there is no value.
  std::vector<double> channel_values(const std::string& key) const;

  /// Which numbers a size may have besides integers: whole floats, where the class makes integers of them itself.
  enum class Numbers : std::uint8_t { integers, whole };

  /// A size: {"height", "width"}, {"shortest_edge"}, ... ; [height, width]; or one integer: a square, else the shortest
  /// edge. Empty where there is no value. max_height and max_width are whole in any case.
  SizeKeys size(const std::string& key, bool integer_is_square, std::int64_t high = kMaxEdge,
                Numbers numbers = Numbers::integers) const;
  /// Refuses what is no form of a size, whatever its numbers: transformers looks at that when it reads the file, at the
  /// numbers when a step needs them.
  void check_form(const std::string& key) const;

  /// A value that is, or is a part of, that of `key`.
  std::int64_t integer_in(const nlohmann::json& value, const std::string& key, std::int64_t low, std::int64_t high,
                          Numbers numbers = Numbers::integers) const;

 private:
  SizeKeys size_object(const nlohmann::json& value, const std::string& key, std::int64_t high, Numbers numbers) const;

  const nlohmann::json& file_;
  const nlohmann::json& own_;
  std::string class_name_, source_;
  std::array<std::string, 2> unsupported_;  ///< of each toolkit
};

}  // namespace kir
