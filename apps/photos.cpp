#include "apps/photos.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "apps/image_file.hpp"
#include "kir/error.hpp"

namespace kir::apps {

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> photos_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code code;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, code)) {
    const fs::path extension = entry.path().extension();
    if (extension == ".jpg" || extension == ".jpeg" || extension == ".png") files.push_back(entry.path());
  }
  if (code) throw Error(ErrorCode::io, folder.string(), code.message());
  if (files.empty()) throw Error(ErrorCode::io, folder.string(), "holds no photograph (*.jpg, *.jpeg, *.png)");
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<parity::Image> load_photos(const std::vector<std::string>& files_and_folders) {
  std::vector<parity::Image> photos;
  for (const std::string& path : files_and_folders) {
    std::error_code unreadable;  // then read_image says why
    const std::vector<fs::path> files =
        fs::is_directory(path, unreadable) ? photos_in(path) : std::vector<fs::path>{path};
    for (const fs::path& file : files) {
      DecodedImage image = read_image(file.string());
      photos.emplace_back(file.filename().string(), image.size, std::move(image.pixels));
    }
  }
  return photos;
}

}  // namespace kir::apps
