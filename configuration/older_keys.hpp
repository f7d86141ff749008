// The keys of earlier versions of transformers that some classes still take in __init__.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace kir {

/// Writes what older keys say to the keys of today, as __init__ of the classes that know them does. `own`: the class's
/// own values. Error{invalid_argument, "SOURCE: KEY"} for one that cannot be written.
void apply_older_keys(nlohmann::json& file, const nlohmann::json& own, const std::string& class_name,
                      const std::string& source);

}  // namespace kir
