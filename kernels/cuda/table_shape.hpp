// Bytes of the weight tables of the matrix tiles, and of the shared memory in which a warp makes a unit of one
// (table_writer.cuh).
#pragma once

#include <cstddef>

#include "kernels/cuda/axis_desc.hpp"
#include "kernels/cuda/tile.hpp"

namespace kir::cuda {

inline constexpr int kUnitOutputs = 16;  ///< one block of columns, two blocks of rows
static_assert(kUnitOutputs == kBlockColumns && kUnitOutputs == 2 * kBlockRows);

constexpr int table_units(const AxisDesc& axis) {
  return blocks_of(axis.count, kUnitOutputs);
}

/// Groups of 16 bytes of one block of an axis, at most. `steps`: of a horizontal axis, instructions that a window
/// needs.
constexpr int block_groups(const AxisDesc& axis, int steps) {
  if (!axis.vertical) return static_cast<int>(x_block_units(steps, axis.integer));
  const int most_steps = axis.step_blocks > 0 ? 1 : (span_of(axis, kBlockRows) + 2 * kStepRows - 2) / kStepRows;
  return most_steps * pair_bytes(axis.integer) / 16;
}

/// Shared memory in which a warp makes a unit: its blocks, and values of the filter.
constexpr std::size_t table_scratch_bytes(const AxisDesc& axis, int steps) {
  const std::size_t values =
      kUnitOutputs * static_cast<std::size_t>(max_taps_of(axis)) * (axis.integer ? sizeof(double) : sizeof(float));
  return static_cast<std::size_t>(block_groups(axis, steps)) * (axis.vertical ? 2 : 1) * 16 + (values + 15) / 16 * 16;
}

/// Of the whole table of an axis. `steps` as above.
constexpr std::size_t table_bytes(const AxisDesc& axis, int steps) {
  if (axis.vertical) {
    return std::size_t{y_header_units(steps_of(axis))} * 16 +
           static_cast<std::size_t>(pairs_of(axis)) * static_cast<std::size_t>(pair_bytes(axis.integer));
  }
  const int blocks = blocks_of(axis.count, kBlockColumns);
  return (x_header_units(blocks) + std::size_t{x_block_units(steps, axis.integer)} * static_cast<std::size_t>(blocks)) *
         16;
}

}  // namespace kir::cuda
