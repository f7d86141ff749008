// Size rules that the classes of videos alone have.
#pragma once

#include "plan/size_rule.hpp"

namespace kir {

// By the number of frames
extern const SizeRule smart_resize_capped;  ///< Qwen2-VL: smart_resize; cap_pixels_per_frame divides max_video_tokens
extern const SizeRule smart_resize_shared;  ///< VideoLLaMA3: smart_resize; the frames share the greatest pixel count
extern const SizeRule smart_resize_video;   ///< Qwen3-VL: the pixel counts are those of all frames

// By the size of a frame alone
extern const SizeRule smart_resize_pixels;  ///< MiniMax-M3-VL: smart_resize by min_pixels and max_pixels
extern const SizeRule smolvlm_longest;      ///< the long side, at most 4096, or height and width
extern const SizeRule smolvlm_square;       ///< a square of max_image_size.longest_edge
extern const SizeRule vjepa2;               ///< the short side to 256 / 224 of crop_size, whatever `size` says

}  // namespace kir
