// What the JPEG and PNG decoders hand to read_image: pixels as stored, and the metadata that may turn them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>

#include "apps/image_file.hpp"

namespace kir::apps {

/// A decoded RGB image before its orientation is applied.
struct CodedImage {
  DecodedImage image;
  std::string exif;  ///< an EXIF block, with or without its "Exif\0\0" prefix; empty = none
  std::string xmp;   ///< an XMP packet; empty = none
  /// Of a header: what the decoder will hold of the whole image beside its pixels.
  std::size_t decoder_bytes = 0;
};

/// Both decode a whole file in memory, and throw Error{io, path}.
CodedImage decode_jpeg(std::span<const std::uint8_t> file, const std::string& path);
CodedImage decode_png(std::span<const std::uint8_t> file, const std::string& path);

/// Both read what an open file has beside its pixels: the result has a size, and no pixels. Throw Error{io, path}; what
/// is wrong with the pixels alone shows when they are decoded.
CodedImage jpeg_header(std::FILE* file, const std::string& path);
CodedImage png_header(std::FILE* file, const std::string& path);

/// Throws Error{io, path} unless 1 <= height, width <= kMaxEdge and height * width <= kMaxImagePixels.
void check_coded_size(const std::string& path, std::int64_t height, std::int64_t width);

}  // namespace kir::apps
