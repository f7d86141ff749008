// The keys of earlier versions of transformers that some classes still take in __init__.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace kir {

/// Writes what older keys say to the keys of today, as __init__ of the classes that know them does. `own`: the class's
/// own values. Error{invalid_argument, "SOURCE: KEY"} for one that cannot be written.
void apply_older_keys(nlohmann::json& file, const nlohmann::json& own, const std::string& source);

/// What __init__ of one class alone does with a file, before that: named in its row.
using OlderFiles = void (*)(nlohmann::json& file, const nlohmann::json& own);
/// A `size` that is a list has the width first. models/donut: DonutImageProcessor.__init__
void width_first(nlohmann::json& file, const nlohmann::json& own);
/// The `size` [672, 672] of its checkpoints, which nothing used, is the class's own.
/// models/minimax_m3_vl: MiniMaxM3VLImageProcessor.__init__
void size_of_checkpoints(nlohmann::json& file, const nlohmann::json& own);

}  // namespace kir
