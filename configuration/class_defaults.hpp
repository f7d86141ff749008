// The configuration keys that a planned class accepts, with the class's own values.
#pragma once

#include <string_view>

namespace kir {

/// A JSON object {key: the class's own value, or null}; empty for a class that the planner does not build.
std::string_view class_defaults(std::string_view class_name);

}  // namespace kir
