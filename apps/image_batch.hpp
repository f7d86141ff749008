// The images of a run. Only a group of them is in memory at a time: as many as take that of eight photographs, with
// what their decoding needs besides.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "apps/image_file.hpp"
#include "apps/plan_slices.hpp"
#include "kir/backend.hpp"

namespace kir::apps {

/// Image files, or one stacked file. Not thread-safe.
class ImageBatch {
 public:
  /// Reads sizes, and shows progress. Throws as read_image for what the headers show.
  explicit ImageBatch(const std::vector<std::string>& paths);

  const std::vector<ImageSize>& sizes() const { return sizes_; }
  const std::string& path(std::size_t image) const { return stack_ ? paths_[0] : paths_[image]; }
  const std::optional<ImageStack>& stack() const { return stack_; }

  /// What each image takes beside its pixels while it is decoded, for group_images.
  const std::vector<std::size_t>& decoding_bytes() const { return decoding_bytes_; }

  /// How much to decode at a time.
  static GroupLimit limit();

  /// Decodes these images, on all workers, and forgets the ones before; if these were among them, and all of them fit
  /// beside the `held_bytes` of the caller, nothing is decoded. The views are valid until the next call. Throws as
  /// read_image, for the first image of those that are broken.
  std::vector<ImageView> decode(ImageRange images, std::size_t held_bytes, Executor& executor);

 private:
  bool is_present(ImageRange images, std::size_t held_bytes) const;
  void decode_anew(ImageRange images, Executor& executor);

  std::vector<std::string> paths_;
  std::optional<ImageStack> stack_;
  std::vector<ImageFile> files_;
  std::vector<ImageSize> sizes_;
  std::vector<std::size_t> decoding_bytes_;
  ImageRange present_;
  std::vector<DecodedImage> decoded_;  ///< of `present_`
};

}  // namespace kir::apps
