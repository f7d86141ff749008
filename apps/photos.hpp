// Photographs from files and folders, as the parity and bench commands and the gate use them.
#pragma once

#include <string>
#include <vector>

#include "parity/image.hpp"

namespace kir::apps {

/// Decodes each file, and the *.jpg, *.jpeg and *.png of each folder in alphabetical order; each image is named after
/// its file. Throws Error{io} for a path that does not exist, a folder without photographs, and a file that read_image
/// refuses.
std::vector<parity::Image> load_photos(const std::vector<std::string>& files_and_folders);

}  // namespace kir::apps
