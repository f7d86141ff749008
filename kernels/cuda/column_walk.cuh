// The general path of cuda-separable: any stride, any type, any ratio, all channels of a job. One warp makes one tile.
//
// A tile is kWalkRows output rows of walk_columns(x) neighbouring output columns. The warp walks down the source rows
// that the tile needs, once, kWalkStride at a time. In each row it sums the taps of its columns; the sum, weighted for
// each output row, is added to kWalkRows sums that stay in registers. A column belongs to walk_lanes(x) neighbouring
// lanes, one for narrow windows, up to 32 for wide ones: tap k is lane k % lanes', so that neighbouring lanes read
// neighbouring pixels.
//
// The weights come from two tables, written before by prepare_columns and prepare_rows, one warp a block:
//   columns: for each block of walk_columns(x) columns 32 WalkColumn, one a lane, then walk_steps(x) times 32 weights;
//   rows:    for each block of kWalkRows rows one WalkRows, then for each source row of the block kWalkRows weights.
// A weight is a float, or, in an axis of integers, an int; a copied axis has one tap of weight 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/cuda/axis_weights.cuh"
#include "kernels/cuda/epilogue.cuh"
#include "kernels/cuda/store.cuh"

namespace kir::cuda {

// ---------------------------------------------------------------------------------------------------------------------
// Shape of tiles and tables

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

// ---------------------------------------------------------------------------------------------------------------------
// Tables

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

// ---------------------------------------------------------------------------------------------------------------------
// The walk

namespace walk {

__device__ inline float multiply_add(float weight, float sample, float sum) {
  return __fmaf_rn(weight, sample, sum);
}
__device__ inline int multiply_add(int weight, int sample, int sum) {
  return weight * sample + sum;
}

/// The end of a pass: floats are left alone, sums of integers become levels.
__device__ inline float rounded(float sum, int) {
  return sum;
}
__device__ inline int rounded(int sum, int shift) {
  return min(max((sum + ((1 << shift) >> 1)) >> shift, 0), 255);
}

/// The sum over the `lanes` neighbouring lanes of a column.
template <class Sum>
__device__ inline Sum sum_of_lanes(Sum sum, int lanes) {
  for (int distance = lanes / 2; distance > 0; distance /= 2) sum += __shfl_xor_sync(~0u, sum, distance);
  return sum;
}

template <class Weight>
struct alignas(16) RowWeights {
  Weight of[kWalkRows];
};

/// The steps of an epilogue on the channels of a pixel; one copy of the code for all forms of a tile.
__device__ __noinline__ inline float4 after_steps(const EpilogueDesc& epilogue, float4 pixel, int channels) {
  float v[4] = {pixel.x, pixel.y, pixel.z, pixel.w};
  apply(epilogue, v, channels);
  return make_float4(v[0], v[1], v[2], v[3]);
}

/// How the samples that a lane reads lie: where the distances are known at compile time, addresses cost nothing.
enum class Spacing {
  planar,       ///< taps are neighbours
  interleaved,  ///< channels are neighbours, taps kChannels apart
  any,
};

/// Sample is what the source holds; Sum is int for levels, which are rounded after each pass, else float.
template <class Sample, class Sum, int kChannels, Spacing kSpacing>
__device__ inline void tile(const std::byte* blob, const JobDesc& job, const std::byte* x_table,
                            const std::byte* y_table, int row_block, int column_block) {
  const auto& x = record_at<AxisDesc>(blob, job.x_axis);
  const auto& y = record_at<AxisDesc>(blob, job.y_axis);
  const int lanes = walk_lanes(x);

  const std::byte* const column_table = x_table + column_block_bytes(x) * static_cast<std::size_t>(column_block);
  const WalkColumn column = reinterpret_cast<const WalkColumn*>(column_table)[lane()];
  const Sum* const x_weights = reinterpret_cast<const Sum*>(column_table + 32 * sizeof(WalkColumn)) + lane();
  const std::byte* const row_table = y_table + row_block_bytes(y) * static_cast<std::size_t>(row_block);
  const WalkRows rows = *reinterpret_cast<const WalkRows*>(row_table);
  const auto* const y_weights = reinterpret_cast<const RowWeights<Sum>*>(row_table + sizeof(WalkRows));

  const Sample* const first_row =
      static_cast<const Sample*>(job.source) + column.first * job.source_x + rows.first * job.source_y;
  // Pointers that were read from memory may point anywhere, for all that the compiler knows.
  __builtin_assume(__isGlobal(column_table));
  __builtin_assume(__isGlobal(row_table));
  __builtin_assume(__isGlobal(job.source));
  const std::int64_t tap_step = kSpacing == Spacing::planar        ? 1
                                : kSpacing == Spacing::interleaved ? kChannels
                                                                   : lanes * job.source_x;
  const std::int64_t channel_step = kSpacing == Spacing::interleaved ? 1 : job.source_channel;

  Sum sums[kWalkRows][kChannels] = {};
  for (int s = 0; s < rows.count; s += kWalkStride) {
    Sum across[kWalkStride][kChannels] = {};
    const Sample* pixel[kWalkStride];
#pragma unroll
    for (int i = 0; i < kWalkStride; ++i) pixel[i] = first_row + min(s + i, rows.count - 1) * job.source_y;
    const Sum* x_weight = x_weights;
#pragma unroll 2
    for (int k = 0; k < column.taps; ++k, x_weight += 32) {
      const Sum weight = *x_weight;
#pragma unroll
      for (int i = 0; i < kWalkStride; ++i) {
#pragma unroll
        for (int c = 0; c < kChannels; ++c) {
          across[i][c] = multiply_add(weight, static_cast<Sum>(pixel[i][c * channel_step]), across[i][c]);
        }
        pixel[i] += tap_step;
      }
    }
    __syncwarp();
#pragma unroll
    for (int i = 0; i < kWalkStride; ++i) {
      // Floats are summed over a column's lanes at the end, which is the same but for the rounding.
      if constexpr (std::is_same_v<Sum, int>) {
#pragma unroll
        for (int c = 0; c < kChannels; ++c) across[i][c] = rounded(sum_of_lanes(across[i][c], lanes), column.shift);
      }
      const RowWeights<Sum> weights = y_weights[s + i];
#pragma unroll
      for (int r = 0; r < kWalkRows; ++r) {
#pragma unroll
        for (int c = 0; c < kChannels; ++c) sums[r][c] = multiply_add(weights.of[r], across[i][c], sums[r][c]);
      }
    }
  }

  // What the stores below would otherwise make the compiler load again and again: they might write it.
  const LayoutDesc layout = record_at<LayoutDesc>(blob, job.layout);
  const auto& epilogue = record_at<EpilogueDesc>(blob, job.epilogue);
  void* const target = job.target;
  const Type target_type = job.target_type;
  const int channels = job.channels, row0 = row_block * kWalkRows, at_y = job.at_y + row0;
  const int row_count = min(y.count - row0, kWalkRows);
  const int i = column_block * walk_columns(x) + lane() / lanes;
  const bool exists = i < x.count;
  const std::int64_t x_offset = offset_of(layout.x, job.at_x + i);
  // One multiply-add where it is as good as the steps; whole levels are to have the bits of the steps.
  const bool affine =
      std::is_same_v<Sum, float> && epilogue.affine && !(x.kind == AxisKind::copy && y.kind == AxisKind::copy);
  float scale[4], shift[4];
#pragma unroll
  for (int c = 0; c < 4; ++c) scale[c] = epilogue.scale[c], shift[c] = epilogue.shift[c];

    // One body for all rows, or the code would be eight times as long: the sums move up by one row each time.
#pragma unroll 1
  for (int r = 0; r < row_count; ++r) {
    float v[4] = {};
#pragma unroll
    for (int c = 0; c < 4; ++c) {
      Sum sum = sums[0][c < kChannels ? c : 0];
      if constexpr (std::is_same_v<Sum, float>) sum = sum_of_lanes(sum, lanes);
      v[c] = static_cast<float>(rounded(sum, rows.shift));
    }
#pragma unroll
    for (int q = 0; q + 1 < kWalkRows; ++q) {
#pragma unroll
      for (int c = 0; c < kChannels; ++c) sums[q][c] = sums[q + 1][c];
    }
    // The rows of a column are stored by its lanes in turn.
    if (exists && (lane() - r & (lanes - 1)) == 0) {
      if (affine) {
#pragma unroll
        for (int c = 0; c < 4; ++c) v[c] = __fmaf_rn(v[c], scale[c], shift[c]);
      } else {
        const float4 result = after_steps(epilogue, make_float4(v[0], v[1], v[2], v[3]), channels);
        v[0] = result.x, v[1] = result.y, v[2] = result.z, v[3] = result.w;
      }
      const std::int64_t offset = x_offset + offset_of(layout.y, at_y + r);
#pragma unroll
      for (int c = 0; c < 4; ++c) {
        if (c < channels) store_copies(target, target_type, layout, offset + c * layout.channel, v[c]);
      }
    }
    __syncwarp();
  }
}

/// Only pixels of one and three bytes have forms of their own: each form is code that every user of this file compiles.
template <class Sample, class Sum, int kChannels>
__device__ inline void tile_of_spacing(const std::byte* blob, const JobDesc& job, const std::byte* x_table,
                                       const std::byte* y_table, int row_block, int column_block) {
  if constexpr (std::is_same_v<Sample, std::uint8_t> && (kChannels == 1 || kChannels == 3)) {
    if (walk_lanes(record_at<AxisDesc>(blob, job.x_axis)) == 1) {
      if (job.source_x == 1) {
        return tile<Sample, Sum, kChannels, Spacing::planar>(blob, job, x_table, y_table, row_block, column_block);
      }
      if (kChannels > 1 && job.source_x == kChannels && job.source_channel == 1) {
        return tile<Sample, Sum, kChannels, Spacing::interleaved>(blob, job, x_table, y_table, row_block, column_block);
      }
    }
  }
  tile<Sample, Sum, kChannels, Spacing::any>(blob, job, x_table, y_table, row_block, column_block);
}

template <class Sample, class Sum>
__device__ inline void tile_of_channels(const std::byte* blob, const JobDesc& job, const std::byte* x_table,
                                        const std::byte* y_table, int row_block, int column_block) {
  switch (job.source_channels) {
    case 1:
      return tile_of_spacing<Sample, Sum, 1>(blob, job, x_table, y_table, row_block, column_block);
    case 2:
      return tile_of_spacing<Sample, Sum, 2>(blob, job, x_table, y_table, row_block, column_block);
    case 3:
      return tile_of_spacing<Sample, Sum, 3>(blob, job, x_table, y_table, row_block, column_block);
    default:
      return tile_of_spacing<Sample, Sum, 4>(blob, job, x_table, y_table, row_block, column_block);
  }
}

}  // namespace walk

/// Makes one tile of `job`; all lanes of a warp call it together. `blob` is where the job's references point into;
/// the tables are those of its axes.
__device__ inline void column_walk(const void* blob, const JobDesc& job, const std::byte* x_table,
                                   const std::byte* y_table, int row_block, int column_block) {
  const auto* const bytes = static_cast<const std::byte*>(blob);
  if (job.levels) {
    walk::tile_of_channels<std::uint8_t, int>(bytes, job, x_table, y_table, row_block, column_block);
  } else if (job.source_type == Type::u8) {
    walk::tile_of_channels<std::uint8_t, float>(bytes, job, x_table, y_table, row_block, column_block);
  } else {
    walk::tile_of_channels<float, float>(bytes, job, x_table, y_table, row_block, column_block);
  }
}

}  // namespace kir::cuda
