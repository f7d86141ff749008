// Where the pixels of a picture stand in its tokens.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/draft.hpp"
#include "plan/stages.hpp"

namespace kir {

/// The lengths of the axes of a picture's tokens.
struct TokenShape {
  std::int64_t columns = 1;  ///< of tokens
  Extent patch;
  std::int64_t merge = 1, channels = 1, slots = 1;
  std::int64_t header = 0;  ///< values ahead of the pixels of a token

  std::int64_t values() const { return header + channels * slots * patch.height * patch.width; }
};

/// The shape of `count` tokens: their number, and a side for each further word of the order.
std::vector<std::int64_t> shape_of_tokens(TokenOrder order, const TokenShape& shape, std::int64_t count);

/// Where a picture's elements go, from element `base` on: the Strides of a layout carry every order.
Layout layout_of_tokens(TokenOrder order, const TokenShape& shape, std::int64_t base);

/// Refuses a picture whose sides are no multiples of `factor`, which is one that was not resized; `keys` names the
/// factor.
void check_sides(const Picture& picture, Extent factor, const char* keys);

}  // namespace kir
