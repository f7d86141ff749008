// The two tables that a column walk reads, written before by prepare_columns and prepare_rows, one warp a block:
//   columns: for each block of walk_columns(x) columns 32 WalkColumn, one a lane, then walk_steps(x) times 32 weights;
//   rows:    for each block of kWalkRows rows one WalkRows, then for each source row of the block kWalkRows weights.
// A weight is a float, or, in an axis of integers, an int; a copied axis has one tap of weight 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/cuda/axis_weights.cuh"
#include "kernels/cuda/walk_shape.hpp"

namespace kir::cuda {

namespace walk {

/// Lanes of a warp for a one-dimensional block of threads.
__device__ inline int lane() {
  return static_cast<int>(threadIdx.x & 31);
}

/// kInteger: int, made of the doubles of torch_int16; else float.
template <bool kInteger>
struct Weights {
  using Real = std::conditional_t<kInteger, double, float>;
  using Weight = std::conditional_t<kInteger, int, float>;

  __device__ static Weight of(const AxisRow<Real>& row, int k, int shift) {
    if (k < 0 || k >= row.taps) return Weight(0);
    if constexpr (kInteger) {
      return quantised(row.weight(k), shift);
    } else {
      return row.weight(k);
    }
  }

  __device__ static void columns(const AxisDesc& x, int shift, int block, std::byte* table) {
    const int lanes = walk_lanes(x), steps = walk_steps(x);
    const int column = block * walk_columns(x) + lane() / lanes, part = lane() % lanes;
    const AxisRow<Real> row = axis_row<Real>(x, min(column, x.count - 1));
    WalkColumn description{row.first + part, 0, shift};
    if (column < x.count) description.taps = (row.taps - part + lanes - 1) / lanes;
    std::byte* const to = table + column_block_bytes(x) * static_cast<std::size_t>(block);
    reinterpret_cast<WalkColumn*>(to)[lane()] = description;
    auto* const weights = reinterpret_cast<Weight*>(to + 32 * sizeof(WalkColumn));
    for (int step = 0; step < steps; ++step) weights[step * 32 + lane()] = of(row, step * lanes + part, shift);
  }

  __device__ static void rows(const AxisDesc& y, int shift, int block, std::byte* table) {
    const int i = block * kWalkRows + lane() % kWalkRows, part = lane() / kWalkRows;
    const AxisRow<Real> row = axis_row<Real>(y, min(i, y.count - 1));  // a row beyond the last repeats it, unseen
    WalkRows description;
    description.first = __reduce_min_sync(~0u, row.first);
    description.count = __reduce_max_sync(~0u, row.first + row.taps) - description.first;
    description.shift = shift;
    std::byte* const to = table + row_block_bytes(y) * static_cast<std::size_t>(block);
    if (lane() == 0) *reinterpret_cast<WalkRows*>(to) = description;
    auto* const weights = reinterpret_cast<Weight*>(to + sizeof(WalkRows));
    // Rows beyond the last, up to a whole stride, have no weight.
    for (int s = part; s < whole_strides(description.count); s += 32 / kWalkRows) {
      weights[s * kWalkRows + lane() % kWalkRows] = of(row, description.first + s - row.first, shift);
    }
  }
};

}  // namespace walk

/// The shift of an axis of integers, which depends on all of its outputs, in the window or not. All lanes of a warp
/// call it together.
__device__ inline int shift_of_axis(const AxisDesc& axis) {
  double largest = largest_of_axis(axis, walk::lane(), 32);
  for (int distance = 16; distance > 0; distance /= 2) {
    largest = fmax(largest, __shfl_xor_sync(~0u, largest, distance));
  }
  return shift_of(largest);
}

/// Writes block `block` of an axis' table. `shift` is shift_of_axis, unused by axes of floats. One warp.
__device__ __noinline__ inline void prepare_columns(const AxisDesc& x, int shift, int block, std::byte* table) {
  if (x.integer) {
    walk::Weights<true>::columns(x, shift, block, table);
  } else {
    walk::Weights<false>::columns(x, shift, block, table);
  }
}
__device__ __noinline__ inline void prepare_rows(const AxisDesc& y, int shift, int block, std::byte* table) {
  if (y.integer) {
    walk::Weights<true>::rows(y, shift, block, table);
  } else {
    walk::Weights<false>::rows(y, shift, block, table);
  }
}

}  // namespace kir::cuda
