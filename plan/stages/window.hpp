// The stages that cut a centred window, 0 beyond the edges of the picture.
#pragma once

#include "plan/size_rules.hpp"
#include "plan/stage.hpp"

namespace kir {

/// window(crop_size): do_center_crop, crop_size.
Stage window();

/// window(size): what ConvNext's and Sapiens2's resize ends with: do_resize, size; of ConvNext only below an edge of
/// 384, of Sapiens2 only with do_pad.
Stage window_of_convnext();
Stage window_of_sapiens2();

/// window(perceiver): do_center_crop, crop_size, size; of the source: an axis has int(size / crop_size * the short
/// side). models/perceiver: PerceiverImageProcessor.center_crop
Stage window_of_perceiver();

/// The operation of a window that is known.
Operation window_to(Extent size);

}  // namespace kir
