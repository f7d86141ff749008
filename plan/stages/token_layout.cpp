#include "plan/stages/token_layout.hpp"

#include <string>

namespace kir {

namespace {

/// Nothing stands outside of the rows of blocks: their number does not matter.
std::int64_t length_of(char axis, const TokenShape& shape) {
  switch (axis) {
    case 'X':
      return shape.columns / shape.merge;
    case 'y':
    case 'x':
      return shape.merge;
    case 'i':
      return shape.patch.height;
    case 'j':
      return shape.patch.width;
    case 'c':
      return shape.channels;
    case 't':
      return shape.slots;
    default:
      return 1;
  }
}

std::int64_t& stride_of(char axis, Layout& layout) {
  switch (axis) {
    case 'Y':
      return layout.y.outer;
    case 'X':
      return layout.x.outer;
    case 'y':
      return layout.y.middle;
    case 'x':
      return layout.x.middle;
    case 'i':
      return layout.y.inner;
    case 'j':
      return layout.x.inner;
    case 'c':
      return layout.channel;
    default:
      return layout.copy;
  }
}

}  // namespace

std::vector<std::int64_t> shape_of_tokens(TokenOrder order, const TokenShape& shape, std::int64_t count) {
  std::vector<std::int64_t> sides = {count};
  for (const char axis : order.substr(order.find(' '))) {
    if (axis == ' ') {
      sides.push_back(1);
    } else {
      sides.back() *= length_of(axis, shape);
    }
  }
  sides.back() += shape.header;
  return sides;
}

Layout layout_of_tokens(TokenOrder order, const TokenShape& shape, std::int64_t base) {
  Layout layout;
  layout.base = base + shape.header;
  layout.y.unit = static_cast<std::int32_t>(shape.patch.height);
  layout.x.unit = static_cast<std::int32_t>(shape.patch.width);
  layout.y.group = layout.x.group = static_cast<std::int32_t>(shape.merge);
  // The stride of an axis is the product of the lengths of those behind it; a token begins with its header.
  const std::size_t tokens = order.find(' ');
  std::int64_t stride = 1;
  for (std::size_t i = order.size(); i-- > 0;) {
    if (i == tokens) stride += shape.header;
    if (order[i] == ' ') continue;
    stride_of(order[i], layout) = stride;
    stride *= length_of(order[i], shape);
  }
  return layout;
}

void check_sides(const Picture& picture, Extent factor, const char* keys) {
  const Extent size = picture.size;
  if (size.height % factor.height == 0 && size.width % factor.width == 0) return;
  refuse_image(static_cast<std::size_t>(picture.image),
               text_of(size) + "; without do_resize both sides must be multiples of " + keys + " = " +
                   (factor.height == factor.width ? std::to_string(factor.height) : text_of(factor)));
}

}  // namespace kir
