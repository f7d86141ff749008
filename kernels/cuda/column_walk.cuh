// The general path of cuda-separable: any stride, any type, any ratio, all channels of a job. One warp makes one tile.
//
// A tile is kWalkRows output rows of walk_columns(x) neighbouring output columns. The warp walks down the source rows
// that the tile needs, once, kWalkStride at a time. In each row it sums the taps of its columns; the sum, weighted for
// each output row, is added to kWalkRows sums that stay in registers. A column belongs to walk_lanes(x) neighbouring
// lanes, one for narrow windows, up to 32 for wide ones: tap k is lane k % lanes', so that neighbouring lanes read
// neighbouring pixels.
// The weights come from two tables, which walk_tables.cuh writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/cuda/epilogue.cuh"
#include "kernels/cuda/store.cuh"
#include "kernels/cuda/walk_shape.hpp"
#include "kernels/cuda/walk_tables.cuh"

namespace kir::cuda {

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
  // The compiler does not know where pointers point that were read from memory.
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

  // Copies: for all that the compiler knows the stores below might change the originals, which it would load each time.
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
