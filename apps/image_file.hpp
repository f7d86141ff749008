// Images from files: JPEG and PNG, with the pixels of transformers.image_utils.load_image, and .npy arrays.
//
// load_image is Pillow's open, exif_transpose, convert("RGB"); the rules that follow from it (Pillow 13):
//   JPEG    baseline, extended, progressive and arithmetic, 8 bits. Grey is repeated to three channels. CMYK and YCCK are taken as
//           Adobe writes them (inverted), then R = clip(255 - C - K rounded as Pillow does), never through an ICC profile.
//   PNG     1, 2, 4 and 8 bits: grey is widened to 0..255, a palette is looked up, alpha and tRNS are dropped (not blended), gamma
//           and ICC profiles are ignored, interlacing makes no difference.
//   PNG 16  RGB, RGBA and grey + alpha keep the high byte. Grey without alpha: as Pillow converts I;16.
//   EXIF    the orientation tag (1..8) of the APP1 segment or the eXIf chunk is applied, and so is XMP's tiff:Orientation where there is no
//           EXIF tag. An unknown value is ignored.
// Stricter than Pillow: entropy-coded data that is missing or corrupt is an error, never grey bars; animated PNG is refused.
//   .npy    uint8 in C order. (H, W) is one channel. For three axes channels are looked for as transformers does: an axis of 1 or 3, then
//           of 2 or 4, the first axis before the last: (C, H, W), else (H, W, C). No conversion: the channels stay as they are.
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

/// Decodes a file; its first bytes decide the format, not its name. Throws Error{io, path} for a file that cannot be read, is none of the
/// formats, is truncated or corrupt, has a side of zero or more than kMaxImagePixels, or an array of another type or shape.
DecodedImage read_image(const std::string& path);

/// A four-dimensional .npy, (N, C, H, W) or (N, H, W, C) by the rule above; nothing when the file is not one. Throws as read_image.
std::optional<DecodedStack> read_stack(const std::string& path);

}  // namespace kir::apps
