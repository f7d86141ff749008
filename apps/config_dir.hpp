// Where the configurations are.
#pragma once

#include <string>
#include <vector>

namespace kir::apps {

/// The folder that holds processors/, suites/ and gate.json: KIR_CONFIGS of the environment when set, else ./configs,
/// else the source folder's. Throws Error{io, "configs"} when none of them is there (or KIR_CONFIGS names no such
/// folder).
std::string config_dir();

/// Where a processor's configuration is: `name_or_path` itself if it is a file; else config_dir()/processors/NAME.json;
/// else `name_or_path` if it is a model's folder. Throws Error{io, "CONFIG"} when none of them is there.
std::string config_path(const std::string& name_or_path);

/// The *.json files of a folder, sorted by name. Throws Error{io} when the folder cannot be read or has none.
std::vector<std::string> config_files(const std::string& folder);

/// "configs/processors/clip.json" -> "clip".
std::string config_name(const std::string& path);

}  // namespace kir::apps
