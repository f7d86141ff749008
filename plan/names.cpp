// The names of enumerators, as files, messages and the command line spell them.
#include <array>

#include "kir/error.hpp"
#include "kir/spec.hpp"
#include "plan/names.hpp"
#include "plan/numerics.hpp"

namespace kir {

namespace {

template <typename Enum, std::size_t N>
const char* name_in(const std::array<const char*, N>& names, Enum value) {
  const auto index = static_cast<std::size_t>(value);
  return index < N ? names[index] : "?";
}

constexpr std::array<const char*, 7> kTypes = {"uint8", "bool", "int32", "int64", "float16", "bfloat16", "float32"};
constexpr std::array<const char*, 7> kFilters = {"nearest", "nearest-exact", "box",     "bilinear",
                                                 "hamming", "bicubic",       "lanczos3"};
constexpr std::array<const char*, 5> kArithmetics = {"float32", "cuda_float32", "torch_int16", "pillow_int22",
                                                     "cv2_int11"};
constexpr auto kNumerics = [] {
  std::array<const char*, kNumericsRows.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kNumericsRows[i].name;
  return names;
}();
constexpr std::array<const char*, 5> kReturns = {"features", "pixels", "pair", "stacked", "samples"};
constexpr std::array<const char*, 3> kGroups = {"none", "videos", "samples"};

template <typename Enum, std::size_t N>
Enum value_in(const std::array<const char*, N>& names, std::string_view name, const std::string& argument) {
  std::string known;
  for (std::size_t i = 0; i < N; ++i) {
    if (name == names[i]) return static_cast<Enum>(i);
    known += (i == 0 ? "" : ", ") + std::string(names[i]);
  }
  throw Error(ErrorCode::invalid_argument, argument, "\"" + std::string(name) + "\" is not one of: " + known);
}

}  // namespace

const char* name_of(Type type) {
  return name_in(kTypes, type);
}
const char* name_of(Filter filter) {
  return name_in(kFilters, filter);
}
const char* name_of(Arithmetic arithmetic) {
  return name_in(kArithmetics, arithmetic);
}
const char* name_of(Numerics numerics) {
  return name_in(kNumerics, numerics);
}
const char* name_of(Returns returns) {
  return name_in(kReturns, returns);
}
const char* name_of(Groups groups) {
  return name_in(kGroups, groups);
}

Type type_named(std::string_view name, const std::string& argument) {
  return value_in<Type>(kTypes, name, argument);
}
Filter filter_named(std::string_view name, const std::string& argument) {
  return value_in<Filter>(kFilters, name, argument);
}
Numerics numerics_named(std::string_view name, const std::string& argument) {
  return value_in<Numerics>(kNumerics, name, argument);
}

}  // namespace kir
