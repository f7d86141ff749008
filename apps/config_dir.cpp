#include "apps/config_dir.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "kir/error.hpp"

namespace kir::apps {

namespace fs = std::filesystem;

namespace {

bool holds_configs(const fs::path& folder) {
  std::error_code code;
  return fs::is_directory(folder / "processors", code);
}

}  // namespace

std::string config_dir() {
  if (const char* chosen = std::getenv("KIR_CONFIGS"); chosen != nullptr && *chosen != '\0') {
    if (holds_configs(chosen)) return chosen;
    throw Error(ErrorCode::io, "KIR_CONFIGS", "\"" + std::string(chosen) + "\" has no folder processors/");
  }
  for (const char* folder : {"configs", KIR_SOURCE_DIR "/configs"}) {
    if (holds_configs(folder)) return folder;
  }
  throw Error(ErrorCode::io, "configs",
              "no folder configs/processors here nor in " KIR_SOURCE_DIR
              "; set KIR_CONFIGS to the folder that holds processors/");
}

std::string processors_dir(Media media) {
  return config_dir() + (media == Media::images ? "/processors" : "/video");
}

std::string config_path(const std::string& name_or_path, Media media) {
  std::error_code code;
  if (fs::is_regular_file(name_or_path, code)) return name_or_path;
  const bool is_name = !name_or_path.empty() && name_or_path.find('/') == std::string::npos;
  const std::string folder = is_name ? processors_dir(media) : "";
  const std::string path = folder + "/" + name_or_path + ".json";
  if (is_name && fs::is_regular_file(path, code)) return path;
  if (fs::is_directory(name_or_path, code)) return name_or_path;
  throw Error(ErrorCode::io, "CONFIG",
              "\"" + name_or_path + "\" is neither a file nor a folder" +
                  (is_name ? ", nor the name of a configuration in " + folder + " (" +
                                 (media == Media::images ? "kir list" : "kir list --videos") + " shows the names)"
                           : ""));
}

std::vector<std::string> config_files(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
    if (entry->path().extension() == ".json") files.push_back(entry->path().string());
  }
  if (code) throw Error(ErrorCode::io, folder, "cannot be read: " + code.message());
  if (files.empty()) throw Error(ErrorCode::io, folder, "holds no *.json configuration");
  std::ranges::sort(files, {}, config_name);
  return files;
}

std::string config_name(const std::string& path) {
  return fs::path(path).stem().string();
}

}  // namespace kir::apps
