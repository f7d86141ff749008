// Images from files: JPEG and PNG, with the pixels of transformers.image_utils.load_image, and .npy arrays.
//
// load_image is Pillow's open, exif_transpose, convert("RGB"); the rules that follow from it (Pillow 13):
//   JPEG    8 bits, baseline, extended, progressive or arithmetic; 1 (grey), 3 or 4 components. Grey is repeated to
//   three channels. Four
//           components are CMYK as Adobe writes it (inverted, or YCCK), then R = nk - round(C * nk / 255) for nk = 255
//           - K.
//   PNG     1, 2, 4 and 8 bits: grey is widened to 0..255 and repeated, a palette is looked up (an index beyond it is
//   black), interlaced or
//           not. Of 16 bits the high byte is kept, but 16-bit grey without alpha is clipped to 255, as Pillow converts
//           its mode I;16. An animated PNG gives its default image.
//   both    alpha and transparent colors are dropped, not blended; gamma and ICC profiles are ignored. The EXIF
//   orientation 1..8 is applied (APP1, eXIf), or
//           XMP's tiff:Orientation when there is no EXIF tag; another value counts as 1.
// Stricter than Pillow: a PNG that ends early (Pillow needs no IEND), a wrong checksum in any of its chunks, no palette
// where one is needed, and entropy-coded JPEG data that is missing or corrupt (Pillow shows grey there) are errors.
//   .npy    uint8 in C order. (H, W) is one channel. For three axes channels are looked for as transformers does: an
//   axis of 1 or 3, then
//           of 2 or 4, the first axis before the last: (C, H, W), else (H, W, C). No conversion: the channels stay as
//           they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kir/types.hpp"

namespace kir::apps {

/// One image in memory: contiguous HWC.
struct DecodedImage {
  std::vector<std::uint8_t> pixels;
  ImageSize size;

  ImageView view() const { return hwc_view(pixels.data(), size); }
};

/// A stacked batch: `count` (which may be 0) contiguous HWC images of one size.
struct DecodedStack {
  std::vector<std::uint8_t> pixels;
  std::int64_t count = 0;
  ImageSize size;

  ImageView view(std::int64_t image) const;
};

/// The most pixels (height * width) of an image file, Pillow's limit against decompression bombs: 2 * (1 GiB / 4 / 3).
inline constexpr std::int64_t kMaxImagePixels = 2 * ((std::int64_t{1} << 30) / 4 / 3);

/// Decodes a file; its first bytes decide the format, not its name. Throws Error{io, path} for a file that cannot be
/// read, is none of the formats, is truncated or corrupt, has a side of zero or more than kMaxImagePixels, or an array
/// of another type or shape.
DecodedImage read_image(const std::string& path);

/// An image file that is read twice: first its header, later its pixels, which may be when few other images are in
/// memory. A pipe, which can be read once, is kept as it came. Thread-safe once made.
class ImageFile {
 public:
  /// Throws as read_image for what its header shows, which is anything but damage to the pixels.
  explicit ImageFile(std::string path);

  /// The size that decode() gives.
  const ImageSize& size() const { return size_; }
  /// Throws as read_image, and Error{io, path} when the file has another size by now.
  DecodedImage decode() const;

 private:
  std::string path_;
  std::vector<std::uint8_t> once_;  ///< a pipe's bytes
  ImageSize size_;
};

/// A four-dimensional .npy, (N, C, H, W) or (N, H, W, C) by the rule above; nothing when the file is not one. Throws as
/// read_image.
std::optional<DecodedStack> read_stack(const std::string& path);

}  // namespace kir::apps
