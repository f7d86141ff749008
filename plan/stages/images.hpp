// The stages that write image-shaped outputs.
#pragma once

#include "plan/stage.hpp"

namespace kir {

/// images: pixel_values, one tensor for all, or where shapes differ one an image. Behind pixel_mask where the padding
/// has one. The last stage of a recipe that names no other.
Stage images();

/// stack: images; refuses a batch whose shapes differ.
Stage images_stacked();

/// videos: each sample is a list of frames; (samples, frames, C, H, W), or where samples differ one tensor a sample.
/// The frames of one must have one shape.
Stage videos();

/// The operation of images.
Operation write_images();

/// original_sizes: the heights and widths of the images.
Stage original_sizes();

/// num_crops: 0 an image, without pan-and-scan.
Stage num_crops();

}  // namespace kir
