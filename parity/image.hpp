// Images that own their pixels, and the synthetic ones: constant, noise, and a smooth picture with edges.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kir/types.hpp"
#include "parity/random.hpp"

namespace kir::parity {

/// How an image lies in memory. Backends read through strides, so each must see every kind.
enum class Memory : std::uint8_t {
  chw,           ///< contiguous planes
  hwc,           ///< contiguous interleaved, as decoders write it
  window,        ///< interleaved, inside a larger image: an odd row stride and an unaligned first pixel
  flipped,       ///< planes, rows stored bottom up: a negative row stride
  unaligned,     ///< contiguous planes that begin at an odd address
  plane_window,  ///< planes, inside larger ones: gaps between rows and between planes
};
inline constexpr int kMemoryKinds = 6;
const char* name_of(Memory memory);

/// A uint8 image with its pixels. `name` says what it shows, for messages.
class Image {
 public:
  /// An image of zeros. Memory beyond the image holds 0xAA.
  Image(std::string name, ImageSize size, Memory memory = Memory::hwc);
  /// Takes contiguous HWC pixels, as a decoder gives them. Throws Error{invalid_argument} when their count is not
  /// h*w*c.
  Image(std::string name, ImageSize size, std::vector<std::uint8_t> hwc_pixels);

  const std::string& name() const { return name_; }
  ImageSize size() const { return layout_.size; }
  Memory memory() const { return memory_; }
  /// Valid while the image lives (it may be moved).
  ImageView view() const;
  std::uint8_t& at(std::int64_t channel, std::int64_t y, std::int64_t x) { return pixels_[offset(channel, y, x)]; }
  std::uint8_t at(std::int64_t channel, std::int64_t y, std::int64_t x) const { return pixels_[offset(channel, y, x)]; }
  /// "noise 3x37x53 hwc"
  std::string describe() const;

 private:
  std::size_t offset(std::int64_t channel, std::int64_t y, std::int64_t x) const {
    return static_cast<std::size_t>(first_ + channel * layout_.stride_channel + y * layout_.stride_y +
                                    x * layout_.stride_x);
  }

  std::string name_;
  Memory memory_;
  ImageView layout_;  ///< size and strides; its data pointer is not used
  std::int64_t first_ = 0;
  std::vector<std::uint8_t> pixels_;
};

/// Every sample is `level`.
Image constant_image(ImageSize size, std::uint8_t level, Memory memory);
/// Every sample is independent and uniform in 0..255: the hardest content for rounding.
Image noise_image(ImageSize size, Random& random, Memory memory);
/// Like a photograph: gradients, soft blobs, hard edges and a little grain, in correlated channels.
Image smooth_image(ImageSize size, Random& random, Memory memory);
/// The same picture in another size without resampling it: mirrored tiles of it, from a random offset.
Image mirrored_tiles(const Image& photo, ImageSize size, Random& random, Memory memory);
/// The same pixels in another memory order.
Image with_memory(const Image& image, Memory memory);

}  // namespace kir::parity
