// From the names of name_of back to the values. Each throws Error{invalid_argument, argument, ...} listing the known
// names.
#pragma once

#include <string>
#include <string_view>

#include "kir/plan.hpp"

namespace kir {

Type type_named(std::string_view name, const std::string& argument = "type");
Filter filter_named(std::string_view name, const std::string& argument = "filter");
Numerics numerics_named(std::string_view name, const std::string& argument = "numerics");

}  // namespace kir
