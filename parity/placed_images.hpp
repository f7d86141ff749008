// Images in the memory in which a backend reads them.
#pragma once

#include <span>
#include <vector>

#include "kir/types.hpp"
#include "parity/block.hpp"

namespace kir::parity {

/// Host memory: the images as they are. A device: copies with the same strides, each in an allocation of its own that
/// ends with its last pixel, at the same place within 16 bytes: what is unaligned on the host is unaligned there.
class PlacedImages {
 public:
  /// `images` are in host memory and must outlive this. Throws Error{unsupported} for a space that is not here.
  PlacedImages(MemorySpace space, std::span<const ImageView> images);

  std::span<const ImageView> views() const { return views_; }

 private:
  std::vector<Block> blocks_;
  std::vector<ImageView> views_;
};

}  // namespace kir::parity
