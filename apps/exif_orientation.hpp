// The EXIF orientation tag, read and applied as Pillow's exif_transpose does.
#pragma once

#include <string>

#include "apps/coded_image.hpp"

namespace kir::apps {

/// The orientation 1..8 of an image: the tag 0x0112 of the EXIF block, else the XMP packet's tiff:Orientation, else 1.
/// Any other value counts as 1. Only integer tag types are read. Throws Error{io, path} when the block is not one
/// (Pillow refuses such a file too).
int orientation_of(const CodedImage& coded, const std::string& path);

/// The image as it is meant to be seen: orientation 6 turns it by 90 degrees clockwise, and so on.
DecodedImage oriented(DecodedImage image, int orientation);

}  // namespace kir::apps
