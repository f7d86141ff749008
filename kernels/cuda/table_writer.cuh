// The weight tables of the matrix tiles (tile.hpp has their layout), 16 outputs of an axis by a warp, a unit: first in
// shared memory, in the order in which they are read, and from there in whole groups of 16 bytes. All of it is computed
// before the kernel waits for the earlier work of the stream.
#pragma once

#include <type_traits>

#include "kernels/cuda/arithmetic.cuh"
#include "kernels/cuda/axis_weights.cuh"
#include "kernels/cuda/compiled.cuh"
#include "kernels/cuda/table_shape.hpp"
#include "kernels/cuda/tile_desc.cuh"

namespace kir::cuda {

template <bool kInteger, TableMemory kMemory>
class TableWriter {
  using Real = std::conditional_t<kInteger, double, float>;

 public:
  __device__ TableWriter(const AxisDesc& axis, std::byte* memory, std::byte* scratch)
      : axis_(axis),
        header_(reinterpret_cast<int*>(at_unit(memory, axis.table))),
        staged_(reinterpret_cast<uint4*>(scratch)),
        groups_(block_groups(axis, axis.steps)),
        values_(reinterpret_cast<Real*>(scratch + groups_ * (axis.vertical ? 2 : 1) * 16)),
        lane_(static_cast<int>(threadIdx.x % 32)),
        r_(lane_ % kUnitOutputs),
        part_(lane_ / kUnitOutputs) {}

  /// The shift of an integer axis: every thread of the block looks at some rows of the whole axis.
  __device__ void find_shift() {
    if constexpr (kInteger) {
      double most = largest_of_axis(axis_, static_cast<int>(threadIdx.x), static_cast<int>(blockDim.x));
      for (int offset = 16; offset > 0; offset /= 2) most = fmax(most, __shfl_xor_sync(~0u, most, offset));
      __shared__ double of_warps[kPrepareWarpsInteger];
      if (lane_ == 0) of_warps[threadIdx.x / 32] = most;
      __syncthreads();
      for (int warp = 0; warp < kPrepareWarpsInteger; ++warp) most = fmax(most, of_warps[warp]);
      shift_ = shift_of(most);
    }
  }

  __device__ int shift() const { return shift_; }

  __device__ void write_unit(int unit) {
    __syncwarp();  // all lanes have read the unit before
    for (int i = lane_; i < groups_ * (axis_.vertical ? 2 : 1); i += 32) staged_[i] = make_uint4(0, 0, 0, 0);
    const int first = unit * kUnitOutputs, output = min(first + r_, axis_.count - 1);
    const bool exists = first + r_ < axis_.count;
    AxisRow<Real> row = axis_row_without_total<Real>(axis_, output);
    find_values(row);
    if (axis_.vertical) {
      stage_rows(row, output, exists, unit);
      write_rows(row, unit);
    } else {
      stage_columns(row, output, exists);
      write_columns(row, unit);
    }
  }

 private:
  /// Lanes r and r + 16 make output r together, every other tap each: a value of the filter is computed once, and
  /// summed in order by both, as the row alone would sum them.
  static constexpr int kParts = 32 / kUnitOutputs;
  __device__ Real& value_of(int tap) const { return values_[tap * kUnitOutputs + r_]; }

  __device__ void find_values(AxisRow<Real>& row) const {
    if (axis_.kind == AxisKind::window) {
#pragma unroll 1
      for (int k = part_; k < row.taps; k += kParts) value_of(k) = row.value(k);
      __syncwarp();
#pragma unroll 4
      for (int k = 0; k < row.taps; ++k) row.total += value_of(k);
    }
    __syncwarp();
  }

  __device__ Real weight_of(const AxisRow<Real>& row, int output, int k) const {
    if (axis_.kind != AxisKind::window || row.total == 0) return rare_weight<Real>(axis_, output, k);
    return value_of(k) / row.total;
  }

  /// A weight as an integer of the arithmetic.
  __device__ int fixed_point(Real weight) const {
    if constexpr (kInteger) {
      return quantised(weight, shift_);
    } else {
      return __float2int_rn(weight * static_cast<float>(1 << kWeightBits));
    }
  }

  // A block of 16 output columns: row g of the matrix is column 2g, row g + 8 is column 2g + 1 (tile_store.cuh). Of
  // each lane's 16 bytes, bits 2 and 3 of a byte's number are the row's half and the column's half.
  __device__ void stage_columns(const AxisRow<Real>& row, int output, bool exists) const {
    // What rounding leaves over is spread evenly over the taps, so that a flat image stays flat. It is half a place a
    // tap where all weights are equal (box), too much for one of them.
    float rest_of_tap = 0;
    if constexpr (!kInteger) {
      int sum = 0;
#pragma unroll 1
      for (int k = part_; k < row.taps; k += kParts) {
        const int weight = fixed_point(weight_of(row, output, k));
        value_of(k) = __int_as_float(weight);
        sum += weight;
      }
      sum += __shfl_xor_sync(~0u, sum, 16);
      rest_of_tap = static_cast<float>((1 << kWeightBits) - sum) / static_cast<float>(max(row.taps, 1));
    }
    const auto rest_before = [&](int k) { return __float2int_rn(static_cast<float>(k) * rest_of_tap); };
    const int start = row.first - __shfl_sync(~0u, row.first, 0);
    auto* const bytes = reinterpret_cast<std::uint8_t*>(staged_) + r_ / 2 * 64 + r_ % 2 * 4;
#pragma unroll 1
    for (int k = part_; k < row.taps && exists; k += kParts) {
      int weight;
      if constexpr (kInteger) {
        weight = fixed_point(weight_of(row, output, k));
      } else {
        weight = __float_as_int(value_of(k)) + rest_before(k + 1) - rest_before(k);
      }
      const int column = start + k;
      std::uint8_t* const to = bytes + column / kStepColumns * (planes_of(kInteger) * 512) +
                               column % kStepColumns / 8 * 16 + column % 8 / 4 * 8 + column % 4;
#pragma unroll
      for (int plane = 0; plane < planes_of(kInteger); ++plane) {
        to[plane * 512] = static_cast<std::uint8_t>(weight >> 8 * plane);
      }
    }
    __syncwarp();
  }

  __device__ static void wait_for_memory() {
    if constexpr (kMemory == TableMemory::workspace) wait_for_earlier_kernels();
  }

  __device__ void write_columns(const AxisRow<Real>& row, int block) const {
    wait_for_memory();
    if (lane_ == 0) header_[1 + block] = row.first;
    if (lane_ == 0 && block == 0) header_[0] = shift_;
    auto* const to = reinterpret_cast<uint4*>(header_) + x_header_units(blocks_of(axis_.count, kBlockColumns)) +
                     static_cast<std::size_t>(block) * static_cast<std::size_t>(groups_);
    for (int i = lane_; i < groups_; i += 32) to[i] = staged_[i];
  }

  // Two blocks of 8 output rows: column g of a matrix is row g of its block. A lane has two neighbouring rows of each
  // half of a step: those that it holds of the horizontal results.
  __device__ void stage_rows(const AxisRow<Real>& row, int output, bool exists, int unit) const {
    const int half_unit = r_ / kBlockRows, g = r_ % kBlockRows;
    const int first_row = __shfl_sync(~0u, row.first, half_unit * kBlockRows);
    const int begin = axis_.step_blocks > 0 ? row_of_group(2 * unit + half_unit) : first_row & -kStepRows;
    auto* const bytes = reinterpret_cast<std::uint8_t*>(staged_ + half_unit * groups_);
#pragma unroll 1
    for (int k = part_; k < row.taps && exists; k += kParts) {
      const Real weight = weight_of(row, output, k);
      const int source = row.first + k - begin, in_half = source % kHalfRows, half = source % kStepRows / kHalfRows;
      std::uint8_t* const pair = bytes + source / kStepRows * pair_bytes(kInteger);
      const int owner = 4 * g + in_half / 2;
      if constexpr (kInteger) {
        const int fixed = fixed_point(weight);
        std::uint8_t* const to = pair + owner * 8 + half * 2 + in_half % 2;
        to[0] = static_cast<std::uint8_t>(fixed);
        to[4] = static_cast<std::uint8_t>(fixed >> 8);
      } else {
        const float scaled = weight * kRowWeightScale;
        const __half large = __float2half_rn(scaled);
        auto* const to = reinterpret_cast<__half*>(pair + owner * 16 + half * 4 + in_half % 2 * 2);
        to[0] = large;
        to[4] = __float2half_rn(scaled - __half2float(large));
      }
    }
    __syncwarp();
  }

  /// Half of the lanes for each block.
  __device__ void write_rows(const AxisRow<Real>& row, int unit) const {
    const int half_unit = part_, lane = lane_ % 16, block = 2 * unit + half_unit;
    const int blocks = blocks_of(axis_.count, kBlockRows), steps = steps_of(axis_);
    const int begin = unit * kUnitOutputs;
    // Source rows of this block and of its neighbours. Rows beyond the last one are as the last one.
    const AxisSpan neighbour =
        axis_span<Real>(axis_, lane_ == 0 ? max(begin - 1, 0) : min(begin + kUnitOutputs, axis_.count - 1));
    const int last = max(row.first + row.taps - 1, row.first);
    const int first_row = __shfl_sync(~0u, row.first, half_unit * kBlockRows),
              last_row = __shfl_sync(~0u, last, half_unit * kBlockRows + kBlockRows - 1);
    const int last_before_unit = __shfl_sync(~0u, max(neighbour.first + neighbour.taps - 1, neighbour.first), 0),
              first_after_unit = __shfl_sync(~0u, neighbour.first, 1),
              last_of_first_half = __shfl_sync(~0u, last, kBlockRows - 1),
              first_of_second_half = __shfl_sync(~0u, row.first, kBlockRows);
    const int last_before = half_unit == 0 ? last_before_unit : last_of_first_half,
              first_after = half_unit == 0 ? first_of_second_half : first_after_unit;
    const int first_step = step_of(axis_, block, first_row), last_step = step_of(axis_, block, last_row);
    const int group_row = axis_.step_blocks > 0 ? row_of_group(block) : 0;
    // Before this block's steps are those that end with an earlier one, after them those that begin with a later one.
    const int ended = block == 0 ? -1 : step_of(axis_, block - 1, last_before);
    const int begun = block + 1 == blocks ? steps : step_of(axis_, block + 1, first_after);

    wait_for_memory();
    if (block >= blocks) return;
    if (lane_ == 0 && block == 0) header_[0] = shift_;
    auto* const descs = reinterpret_cast<StepDesc*>(header_ + 4);
    const auto begin_with = [&](int step, int first) {
      descs[step].row = axis_.step_blocks > 0 ? group_row : (axis_.first_step + step) * kStepRows;
      descs[step].pair = static_cast<std::uint32_t>(pair_of(axis_, step, first));
      descs[step].first = first;
    };
    for (int step = ended + 1 + lane; step <= last_step; step += 16) begin_with(step, block);
    for (int step = (block == 0 ? 0 : first_step) + lane; step < begun; step += 16) {
      descs[step].end = step < first_step ? 0 : block + 1;
    }
    if (block + 1 == blocks) {
      for (int step = last_step + 1 + lane; step <= steps; step += 16) begin_with(step, blocks);
    }

    constexpr int kPairGroups = pair_bytes(kInteger) / 16;
    auto* const pairs = reinterpret_cast<uint4*>(header_) + y_header_units(steps);
    for (int i = lane; i < (last_step - first_step + 1) * kPairGroups; i += 16) {
      const int step = first_step + i / kPairGroups;
      pairs[pair_of(axis_, step, block) * kPairGroups + i % kPairGroups] = staged_[half_unit * groups_ + i];
    }
  }

  /// The first source row of the step that a block shares with its group.
  __device__ int row_of_group(int block) const {
    return axis_span<Real>(axis_, block / axis_.step_blocks * axis_.step_blocks * kBlockRows).first & -kHalfRows;
  }

  const AxisDesc& axis_;
  int* header_;
  uint4* staged_;  ///< shared memory of the warp: the blocks, ...
  int groups_;     ///< ... 16 bytes times this each, ...
  Real* values_;   ///< ... and values of the filter, [tap][output]
  int lane_, r_, part_, shift_ = 0;
};

}  // namespace kir::cuda
