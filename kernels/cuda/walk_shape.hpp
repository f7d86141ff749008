// Shape of the column walk's tiles and tables (column_walk.cuh).
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/axis_desc.hpp"

namespace kir::cuda {

inline constexpr int kWalkRows = 8;    ///< output rows of a tile
inline constexpr int kWalkStride = 4;  ///< source rows that are summed at once: their loads hide each other's latency

/// What a lane reads in each source row: the pixels first, first + lanes, ... of its column, `taps` of them.
struct alignas(16) WalkColumn {
  std::int32_t first = 0;  ///< source pixel
  std::int32_t taps = 0;   ///< none beyond the last column
  std::int32_t shift = 0;  ///< integers: of the axis
};

/// What the rows of a tile read: source rows first, first + 1, ..., `count` of them.
struct alignas(16) WalkRows {
  std::int32_t first = 0, count = 0;
  std::int32_t shift = 0;  ///< integers: of the axis
};

/// At least max_taps_of(axis), without its doubles: those of a window of integers may lie on the other side of a whole
/// number.
constexpr int walk_taps(const AxisDesc& axis) {
  if (axis.kind != AxisKind::window) return max_taps_of(axis);
  const int whole = static_cast<int>(axis.support);
  const int taps = 2 * (whole + (axis.support > static_cast<float>(whole) ? 1 : 0)) + (axis.integer ? 3 : 1);
  return taps < axis.in ? taps : axis.in;
}

/// Lanes that share an output column, up to 32, as a power of two: each has 8 taps or more where there are several.
constexpr int walk_lane_bits(const AxisDesc& x) {
  const int taps = walk_taps(x);
  int bits = 0;
  while (bits < 5 && 16 << bits <= taps) ++bits;
  return bits;
}
constexpr int walk_lanes(const AxisDesc& x) {
  return 1 << walk_lane_bits(x);
}

/// Output columns of a tile.
constexpr int walk_columns(const AxisDesc& x) {
  return 32 >> walk_lane_bits(x);
}

/// The most taps of a lane.
constexpr int walk_steps(const AxisDesc& x) {
  const int bits = walk_lane_bits(x);
  return (walk_taps(x) + (1 << bits) - 1) >> bits;
}

/// `rows` source rows up to whole strides.
constexpr int whole_strides(int rows) {
  return (rows + kWalkStride - 1) / kWalkStride * kWalkStride;
}

/// The most source rows of a tile, up to a multiple of kWalkStride: the distance of its rows' centres, one window, and
/// one row for the rounding at each end.
constexpr int walk_span(const AxisDesc& y) {
  const float scale = y.kind == AxisKind::copy ? 1.0f : y.scale;
  const float span = (kWalkRows - 1) * scale + static_cast<float>(walk_taps(y)) + 3.0f;
  return whole_strides(span < static_cast<float>(y.in) ? static_cast<int>(span) : y.in);
}

/// Tiles side by side and one above the other. Tile (row block, column block) starts at row `row block` * kWalkRows and
/// column `column block` * walk_columns(x) of the job's window.
constexpr int walk_column_blocks(const AxisDesc& x) {
  const int bits = 5 - walk_lane_bits(x);  // of walk_columns(x)
  return (x.count + (1 << bits) - 1) >> bits;
}
constexpr int walk_row_blocks(const AxisDesc& y) {
  return (y.count + kWalkRows - 1) / kWalkRows;
}

/// Bytes of one block of a table, a multiple of 16; blocks follow each other. Tables are 16-byte aligned.
constexpr std::size_t column_block_bytes(const AxisDesc& x) {
  return 32 * (sizeof(WalkColumn) + static_cast<std::size_t>(walk_steps(x)) * 4);
}
constexpr std::size_t row_block_bytes(const AxisDesc& y) {
  return sizeof(WalkRows) + static_cast<std::size_t>(walk_span(y)) * kWalkRows * 4;
}
constexpr std::size_t column_table_bytes(const AxisDesc& x) {
  return column_block_bytes(x) * static_cast<std::size_t>(walk_column_blocks(x));
}
constexpr std::size_t row_table_bytes(const AxisDesc& y) {
  return row_block_bytes(y) * static_cast<std::size_t>(walk_row_blocks(y));
}

}  // namespace kir::cuda
