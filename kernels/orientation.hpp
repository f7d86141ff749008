// How the samples of a source lie in memory, and the same samples turned or mirrored: other strides, no copy.
#pragma once

#include <cstdint>
#include <utility>

namespace kir {

/// Row 0, column 0 is `offset` elements from where the source's own is; strides in elements.
struct Orientation {
  std::int64_t offset = 0, stride_y = 0, stride_x = 0;
  std::int32_t height = 0, width = 0;

  void mirror_rows() {
    offset += (height - 1) * stride_y;
    stride_y = -stride_y;
  }
  void mirror_columns() {
    offset += (width - 1) * stride_x;
    stride_x = -stride_x;
  }
  /// Clockwise, by quarters: Source::turn. Rows from the bottom become columns from the left.
  void turn(std::int32_t quarters) {
    if (quarters == 1 || quarters == 2) mirror_rows();
    if (quarters == 2 || quarters == 3) mirror_columns();
    if (quarters % 2 == 0) return;
    std::swap(stride_y, stride_x);
    std::swap(height, width);
  }
};

}  // namespace kir
