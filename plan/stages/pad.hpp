// The stages that pad. Where one stands decides what its value goes through: before the affine a level, behind it 0.
#pragma once

#include "plan/stage.hpp"

namespace kir {

/// pad(batch): do_pad, pad_size: bottom right, with 0, to pad_size or to the largest of the batch. With a mask of the
/// pictures themselves (pixel_mask) where the class has one; Detr's older name of the switch is
/// pad_and_return_pixel_mask.
Stage pad_batch(bool mask = false);

/// pad(multiple): do_pad, size_divisor: centred, the near side with the smaller half, each edge up to a multiple.
/// models/dpt: DPTImageProcessor.pad_image. Without a divisor the padding is refused, or if `optional` left out.
Stage pad_multiple(bool optional = false);

/// pad(square, mean): do_pad, image_mean: centred in a square of the longer edge, filled with int(mean * 255).
/// models/llava: LlavaImageProcessor.pad_to_square
Stage pad_square();

}  // namespace kir
