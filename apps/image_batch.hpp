// The images of a run. Only a group of them is decoded at a time: as many as take the memory of eight photographs, with
// what their decoding needs besides.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "apps/image_file.hpp"
#include "apps/plan_slices.hpp"
#include "kir/backend.hpp"

namespace kir::apps {

/// Image files, or one stacked file, which is in memory whole. Not thread-safe.
class ImageBatch {
 public:
  /// Reads sizes, and shows progress. Throws as read_image for what the headers show.
  explicit ImageBatch(const std::vector<std::string>& paths);

  const std::vector<ImageSize>& sizes() const { return sizes_; }
  const std::string& path(std::size_t image) const { return stack_ ? paths_[0] : paths_[image]; }
  const std::optional<DecodedStack>& stack() const { return stack_; }

  /// How much to decode at a time, where `workers` decode at once. A stack is one group.
  GroupLimit limit(int workers) const;

  /// Decodes these images, on all workers, and forgets the ones before; if these were among them, and the others are
  /// small, nothing is decoded. The views are valid until the next call. Throws as read_image, for the first image of
  /// those that are broken.
  std::vector<ImageView> decode(ImageRange images, Executor& executor);

 private:
  bool is_present(ImageRange images, int workers) const;
  void decode_anew(ImageRange images, Executor& executor);

  std::vector<std::string> paths_;
  std::optional<DecodedStack> stack_;
  std::vector<ImageFile> files_;
  std::vector<ImageSize> sizes_;
  ImageRange present_;
  std::vector<DecodedImage> decoded_;  ///< of `present_`
};

}  // namespace kir::apps
