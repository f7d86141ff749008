// The EXIF orientation tag, read and applied as Pillow's exif_transpose does.
#pragma once

#include "apps/coded_image.hpp"

namespace kir::apps {

/// The orientation 1..8 of an image: the tag 0x0112 of the EXIF block, else the XMP packet's tiff:Orientation, else 1.
/// Any other value, and a type that is no integer, count as 1. A malformed block counts as none.
int orientation_of(const CodedImage& coded);

/// The image as it is meant to be seen: orientation 6 turns it by 90 degrees clockwise, and so on.
DecodedImage oriented(DecodedImage image, int orientation);
ImageSize oriented(ImageSize size, int orientation);

}  // namespace kir::apps
