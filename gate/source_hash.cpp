#include "gate/source_hash.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "kir/error.hpp"

namespace kir::gate {
namespace fs = std::filesystem;

std::uint64_t fnv1a64(std::string_view bytes, std::uint64_t hash) {
  for (const char byte : bytes) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 0x100000001b3U;
  }
  return hash;
}

std::vector<std::string> source_files(const std::string& source_dir, const std::vector<std::string>& roots) {
  std::vector<std::string> files;
  for (const std::string& root : roots) {
    const fs::path path = fs::path(source_dir) / root;
    if (fs::is_regular_file(path)) {
      files.push_back(root);
    } else if (fs::is_directory(path)) {
      for (auto entry = fs::recursive_directory_iterator(path); entry != fs::recursive_directory_iterator(); ++entry) {
        if (entry->path().filename() == "__pycache__") entry.disable_recursion_pending();
        if (entry->is_regular_file() && entry->path().extension() != ".md")
          files.push_back(entry->path().lexically_relative(source_dir).generic_string());
      }
    } else {
      throw Error(ErrorCode::io, path.string(), "no such source file or folder");
    }
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

std::string file_hash(const std::string& source_dir, const std::string& file) {
  std::ifstream stream(fs::path(source_dir) / file, std::ios::binary);
  if (!stream) throw Error(ErrorCode::io, file, "cannot read this source file");
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(fnv1a64(bytes)));
  return text;
}

}  // namespace kir::gate
