// The stages that write pictures as patch tokens.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "plan/size_rules.hpp"
#include "plan/stage.hpp"

namespace kir {

/// An order of tokens, from the slowest axis to the fastest: rows Y and columns X of blocks of merge x merge tokens,
/// rows y and columns x of tokens in a block, and inside of a token its pixel rows i and pixel columns j, channels c
/// and slots t (frames). "YXyxctij" is Qwen2-VL's. Without merging Y and X alone.
using TokenOrder = std::string_view;

/// tokens(ORDER): patch_size, merge_size, temporal_patch_size: the tokens of all images behind each other in
/// pixel_values (tokens, values), and image_grid_thw. An image fills all slots of its tokens.
Stage tokens(TokenOrder order);

/// rows(ORDER, header): patch_size, max_patches: an image is a row of max_patches tokens, each {row, column, values}
/// with row and column counted from 1; zeros behind the last. flattened_patches and attention_mask. models/pix2struct:
/// Pix2StructImageProcessor.extract_flattened_patches
Stage token_rows(TokenOrder order);

/// The sides of tokens.
struct TokenSides {
  std::int64_t patch = 1, merge = 1, slots = 1;
};

/// Images and clips as lists of frames: item i has the next lengths[i] >= 1 of `frames`, indices into the request's
/// images. A clip is cut into groups of as many frames as a token has slots; its last frame fills the slots that are
/// left over, as an image fills them all.
struct Items {
  std::vector<std::int32_t> frames, lengths;
};

/// The operation of tokens(ORDER) whose values are known; without items every image is one.
Operation write_tokens(TokenOrder order, TokenSides sides, Items items = {});

}  // namespace kir
