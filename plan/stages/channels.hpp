// The stages that reorder channels.
#pragma once

#include "plan/stage.hpp"

namespace kir {

/// reverse(rgb): do_flip_channel_order where the class knows it, else always; by the indices 2, 1, 0: exactly three
/// channels.
Stage reverse_rgb();

/// reverse(all): any number of channels.
Stage reverse_all();

}  // namespace kir
