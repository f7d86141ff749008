// Images from files: JPEG and PNG, with the pixels of transformers.image_utils.load_image, and .npy arrays.
//
// load_image is Pillow's open, exif_transpose, convert("RGB"); the rules that follow from it (Pillow 13):
//   JPEG    8 bits, baseline, extended, progressive or arithmetic; 1 (grey), 3 or 4 components. Grey is repeated to
//           three channels. Four components are CMYK as Adobe writes it (inverted, or YCCK); then
//           R = nk - round(C * nk / 255) for nk = 255 - K.
//   PNG     1, 2, 4 and 8 bits, interlaced or not. Grey is widened to 0..255 and repeated. A palette is looked up; an
//           index beyond it is black. Of 16 bits the high byte is kept, but 16-bit grey without alpha is clipped to
//           255, as Pillow converts its mode I;16. An animated PNG gives its default image.
//   both    Alpha and transparent colors are dropped, not blended. Gamma and ICC profiles are ignored. The EXIF
//           orientation 1..8 is applied (APP1, eXIf), or XMP's tiff:Orientation when there is no EXIF tag; another
//           value counts as 1.
// Stricter than Pillow, these are errors: a PNG that ends early (Pillow needs no IEND), a wrong checksum in any of its
// chunks, no palette where one is needed, and entropy-coded JPEG data that is missing or corrupt (Pillow shows grey
// there).
//   .npy    uint8 in C order. (H, W) is one channel. Of three axes the channels are found as transformers does: an axis
//           of 1 or 3, then one of 2 or 4, the first axis before the last: (C, H, W), else (H, W, C). There is no
//           conversion: the channels stay as they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kir/types.hpp"

namespace kir::apps {

/// One image in memory, contiguous.
struct DecodedImage {
  std::vector<std::uint8_t> pixels;
  ImageSize size;
  bool planar = false;  ///< CHW, as a .npy may be; else HWC

  ImageView view() const { return planar ? chw_view(pixels.data(), size) : hwc_view(pixels.data(), size); }
};

/// The most pixels (height * width) of an image file, Pillow's limit against decompression bombs: 2 * (1 GiB / 4 / 3).
inline constexpr std::int64_t kMaxImagePixels = 2 * ((std::int64_t{1} << 30) / 4 / 3);

/// Decodes a file to HWC; its first bytes decide the format, not its name. Throws Error{io, path} for a file that
/// cannot be read, is none of the formats, is truncated or corrupt, has a side of zero or more than kMaxImagePixels, or
/// an array of another type or shape.
DecodedImage read_image(const std::string& path);

/// An image file that is read twice: first its header, later its pixels, which may be when few other images are in
/// memory. A pipe, which can be read once, is kept as it came. Thread-safe once made.
class ImageFile {
 public:
  /// Throws as read_image for what its header shows, which is anything but damage to the pixels.
  explicit ImageFile(std::string path);

  /// The size that decode() gives.
  const ImageSize& size() const { return size_; }
  /// Bytes that decode() takes beside the pixels until it returns: the file's, those that its decoder holds of the
  /// whole image, those of the pixels before they are turned.
  std::size_t decoding_bytes() const { return decoding_bytes_; }
  /// Throws as read_image, and Error{io, path} when the file has another size by now.
  DecodedImage decode() const;

 private:
  std::string path_;
  std::vector<std::uint8_t> once_;  ///< a pipe's bytes
  ImageSize size_;
  std::size_t decoding_bytes_ = 0;
};

/// A stacked batch: an open .npy of four axes, (N, C, H, W) or (N, H, W, C) by the rule above. Thread-safe.
class ImageStack {
 public:
  /// Nothing when the file is not one. Throws as read_image.
  static std::optional<ImageStack> open(const std::string& path);

  /// May be 0.
  std::int64_t count() const { return count_; }
  /// Of each image.
  const ImageSize& size() const { return size_; }
  /// Throws Error{io, path} when the file cannot be read, or has become shorter.
  DecodedImage read(std::int64_t image) const;

 private:
  std::string path_;
  std::shared_ptr<std::FILE> file_;
  std::size_t data_ = 0;  ///< where the first image begins
  std::int64_t count_ = 0;
  ImageSize size_;
  bool planar_ = false;
};

}  // namespace kir::apps
