#include "gate/source_hash.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string_view>

#include "describe/plan_hash.hpp"
#include "kir/error.hpp"

namespace kir::gate {
namespace fs = std::filesystem;

namespace {

std::string read(const std::string& source_dir, const std::string& file) {
  std::ifstream stream(fs::path(source_dir) / file, std::ios::binary);
  if (!stream) throw Error(ErrorCode::io, file, "cannot read this source file");
  return std::string{std::istreambuf_iterator<char>(stream), {}};
}

bool is_source(const fs::directory_entry& entry) {
  return entry.is_regular_file() && entry.path().extension() != ".md";
}

/// The files of a folder, without those of the folders in it.
void add_files_of(const fs::path& folder, const std::string& source_dir, std::vector<std::string>& files) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (is_source(entry)) files.push_back(entry.path().lexically_relative(source_dir).generic_string());
  }
}

void add_files_under(const fs::path& folder, const std::string& source_dir, std::vector<std::string>& files) {
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::recursive_directory_iterator(); ++entry) {
    if (entry->path().filename() == "__pycache__") entry.disable_recursion_pending();
    if (is_source(*entry)) files.push_back(entry->path().lexically_relative(source_dir).generic_string());
  }
}

void sort_once(std::vector<std::string>& files) {
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
}

/// The project's headers that a file includes.
std::vector<std::string> included_by(const std::string& source_dir, const std::string& file) {
  constexpr std::string_view kInclude = "#include \"";
  std::istringstream lines(read(source_dir, file));
  std::vector<std::string> found;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(kInclude, 0) != 0) continue;
    const std::string name = line.substr(kInclude.size(), line.find('"', kInclude.size()) - kInclude.size());
    for (const fs::path& folder : {fs::path(file).parent_path(), fs::path("include"), fs::path()}) {
      const fs::path header = (folder / name).lexically_normal();
      if (!fs::is_regular_file(fs::path(source_dir) / header)) continue;
      found.push_back(header.generic_string());
      break;
    }
  }
  return found;
}

}  // namespace

std::vector<std::string> source_files(const std::string& source_dir, const std::vector<std::string>& roots) {
  std::vector<std::string> files;
  for (const std::string& root : roots) {
    const bool is_flat = root.ends_with("/*");
    const fs::path path = fs::path(source_dir) / (is_flat ? root.substr(0, root.size() - 2) : root);
    if (fs::is_regular_file(path)) {
      files.push_back(root);
    } else if (fs::is_directory(path)) {
      is_flat ? add_files_of(path, source_dir, files) : add_files_under(path, source_dir, files);
    } else {
      throw Error(ErrorCode::io, path.string(), "no such source file or folder");
    }
  }
  sort_once(files);
  return files;
}

std::vector<std::string> with_included(const std::string& source_dir, std::vector<std::string> files) {
  std::set<std::string> seen(files.begin(), files.end());
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (const std::string& header : included_by(source_dir, files[i])) {
      if (seen.insert(header).second) files.push_back(header);
    }
  }
  sort_once(files);
  return files;
}

std::string file_hash(const std::string& source_dir, const std::string& file) {
  return hash_text(fnv1a64(read(source_dir, file)));
}

}  // namespace kir::gate
