// Where the configurations are.
#pragma once

#include <string>
#include <vector>

#include "kir/spec.hpp"

namespace kir::apps {

/// The folder that holds processors/, video/, suites/ and gate.json: KIR_CONFIGS of the environment when set, else
/// ./configs, else the source folder's. Throws Error{io, "configs"} when none of them is there (or KIR_CONFIGS names no
/// such folder).
std::string config_dir();

/// Where the configurations of images or of videos are: config_dir()/processors or config_dir()/video.
std::string processors_dir(Media media);

/// Where a processor's configuration is: `name_or_path` itself if it is a file; else NAME.json of processors_dir; else
/// `name_or_path` if it is a model's folder. Throws Error{io, "CONFIG"} when none of them is there.
std::string config_path(const std::string& name_or_path, Media media = Media::images);

/// The *.json files of a folder, sorted by name. Throws Error{io} when the folder cannot be read or has none.
std::vector<std::string> config_files(const std::string& folder);

/// "configs/processors/clip.json" -> "clip".
std::string config_name(const std::string& path);

}  // namespace kir::apps
