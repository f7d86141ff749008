// The first launch of a level: from the blob in its parameters it writes to the workspace what the tile kernel reads:
// the blob itself, the weight tables of its axes, the results of epilogues for each level, and the tiles.
// Nothing comes from the host but the parameters, and nothing is kept from one call to the next.
#pragma once

#include <climits>

#include "kernels/cuda/arithmetic.cuh"
#include "kernels/cuda/axis_weights.cuh"
#include "kernels/cuda/column_walk.cuh"
#include "kernels/cuda/epilogue.cuh"
#include "kernels/cuda/tile.hpp"

namespace kir::cuda {

/// What the prepare kernel is told beside its blob.
struct PrepareArguments {
  std::byte* workspace = nullptr;
  TileDesc* tiles = nullptr;
  std::uint32_t* next = nullptr;   ///< the two counters of the tile kernel
  std::uint32_t blob_at = 0;       ///< where the blob goes, bytes from the workspace
  std::uint32_t levels_at = 0;     ///< integer: tables of epilogues, 16-byte units
  std::int32_t scratch_bytes = 0;  ///< shared memory of a warp
  StoreKind store = StoreKind::any;
};

inline constexpr int kPrepareWarps = 4;          ///< float arithmetic: a block makes four units of a table
inline constexpr int kPrepareWarpsInteger = 16;  ///< integer: a block makes a whole table, for its shift depends on all

// ---------------------------------------------------------------------------------------------------------------------
// Steps of a vertical axis (tile.hpp)

/// The source rows of a block of 8 output rows, both ends included.
struct BlockRows {
  int first, last;
};
template <class Real>
__device__ BlockRows rows_of_block(const AxisDesc& y, int block) {
  const int begin = block * kBlockRows;
  const int first = axis_span<Real>(y, begin).first;
  const AxisSpan last = axis_span<Real>(y, min(begin + kBlockRows, y.count) - 1);
  return {first, max(last.first + last.taps - 1, first)};
}

/// The step of a source row that belongs to `block`.
__device__ inline int step_of(const StepForm& form, int block, int row) {
  return form.blocks > 0 ? block / form.blocks : row / kStepRows;
}

// ---------------------------------------------------------------------------------------------------------------------
// Weight tables

template <bool kInteger>
class TableWriter {
  using Real = std::conditional_t<kInteger, double, float>;

 public:
  __device__ TableWriter(const AxisDesc& axis, const PrepareArguments& arguments, std::byte* scratch)
      : axis_(axis),
        header_(reinterpret_cast<int*>(arguments.workspace + std::size_t{axis.table} * 16)),
        values_(reinterpret_cast<Real*>(scratch)),
        scratch_(reinterpret_cast<int*>(scratch + arguments.scratch_bytes / (4 + sizeof(Real)) * sizeof(Real))),
        lane_(threadIdx.x % 32),
        g_(lane_ >> 2),
        t_(lane_ & 3) {}

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

  __device__ void write_block(int block) {
    __syncwarp();  // all lanes have read the weights of the block before
    if (axis_.vertical) {
      write_rows(block);
    } else {
      write_columns(block);
    }
  }

 private:
  /// Weights as the integers of the arithmetic.
  __device__ int fixed_point(Real weight) const {
    if constexpr (kInteger) {
      return quantised(weight, shift_);
    } else {
      return __float2int_rn(weight * static_cast<float>(1 << kWeightBits));
    }
  }

  /// Row r of kRows, whose taps part, part + kParts, ... are this lane's. Neighbouring lanes make a row together: each
  /// value of the filter is computed once, and summed in order by all, as the row alone would sum them.
  template <int kRows>
  __device__ AxisRow<Real> row_of(int output, int r, int part) {
    constexpr int kParts = 32 / kRows;
    AxisRow<Real> row = axis_row_without_total<Real>(axis_, output);
    if (axis_.kind == AxisKind::window) {
#pragma unroll 2
      for (int k = part; k < row.taps; k += kParts) values_[k * kRows + r] = row.value(k);
      __syncwarp();
#pragma unroll 8
      for (int k = 0; k < row.taps; ++k) row.total += values_[k * kRows + r];
    }
    return row;
  }

  template <int kRows>
  __device__ Real weight_of(const AxisRow<Real>& row, int output, int k, int r) const {
    if (axis_.kind != AxisKind::window || row.total == 0) return rare_weight<Real>(axis_, output, k);
    return values_[k * kRows + r] / row.total;
  }

  // A block of 16 output columns: row g of the matrix is column 2g, row g + 8 is column 2g + 1 (tile_store.cuh).
  __device__ void write_columns(int block) {
    const int r = lane_ & 15, part = lane_ >> 4, output = min(block * kBlockColumns + r, axis_.count - 1);
    const bool exists = block * kBlockColumns + r < axis_.count;
    const AxisRow<Real> row = row_of<kBlockColumns>(output, r, part);
    int sum = 0, largest = INT_MIN, largest_at = 0;
#pragma unroll 2
    for (int k = part; k < row.taps; k += 2) {
      const int weight = fixed_point(weight_of<kBlockColumns>(row, output, k, r));
      scratch_[k * 16 + r] = weight;
      sum += weight;
      if (weight > largest) largest = weight, largest_at = k;
    }
    if constexpr (!kInteger) {
      // What rounding left over goes to the largest weight, so that a flat image stays flat.
      sum += __shfl_xor_sync(~0u, sum, 16);
      const int other = __shfl_xor_sync(~0u, largest, 16);
      __syncwarp();
      if (row.taps > 0 && (largest > other || (largest == other && part == 0))) {
        scratch_[largest_at * 16 + r] += (1 << kWeightBits) - sum;
      }
    }
    __syncwarp();

    const int taps = exists ? row.taps : 0;
    const int start = __shfl_sync(~0u, row.first, 0);
    const int even_first = __shfl_sync(~0u, row.first, 2 * g_) - start,
              odd_first = __shfl_sync(~0u, row.first, 2 * g_ + 1) - start;
    const int even_taps = __shfl_sync(~0u, taps, 2 * g_), odd_taps = __shfl_sync(~0u, taps, 2 * g_ + 1);
    const auto weight_at = [&](bool odd, int column) {
      const int k = column - (odd ? odd_first : even_first);
      return k >= 0 && k < (odd ? odd_taps : even_taps) ? scratch_[k * 16 + 2 * g_ + (odd ? 1 : 0)] : 0;
    };

    wait_for_earlier_kernels();
    write_header(block, start);
    auto* to = weights() + static_cast<std::size_t>(block) * x_block_units(axis_.steps, kInteger) + lane_;
    for (int step = 0; step < axis_.steps; ++step) {
      std::uint32_t words[planes_of(kInteger)][4] = {};
#pragma unroll
      for (int w = 0; w < 4; ++w) {  // rows g and g + 8; the lane's first and last four columns
#pragma unroll
        for (int j = 0; j < 4; ++j) {
          const auto weight =
              static_cast<std::uint32_t>(weight_at(w % 2 != 0, step * kStepColumns + 8 * t_ + w / 2 * 4 + j));
#pragma unroll
          for (int p = 0; p < planes_of(kInteger); ++p) words[p][w] |= (weight >> 8 * p & 255u) << 8 * j;
        }
      }
#pragma unroll
      for (int p = 0; p < planes_of(kInteger); ++p) {
        *to = make_uint4(words[p][0], words[p][1], words[p][2], words[p][3]);
        to += 32;
      }
    }
  }

  // A block of 8 output rows: column g of the matrix is row g of the block.
  __device__ void write_rows(int block) {
    const int r = lane_ & 7, part = lane_ >> 3, output = min(block * kBlockRows + r, axis_.count - 1);
    const bool exists = block * kBlockRows + r < axis_.count;
    const AxisRow<Real> row = row_of<kBlockRows>(output, r, part);
#pragma unroll 2
    for (int k = part; k < row.taps; k += 4) {
      const Real weight = weight_of<kBlockRows>(row, output, k, r);
      if constexpr (kInteger) {
        scratch_[k * 8 + r] = fixed_point(weight);
      } else {
        scratch_[k * 8 + r] = __float_as_int(weight);
      }
    }
    __syncwarp();

    const int taps = exists ? row.taps : 0;
    const int first = __shfl_sync(~0u, row.first, g_), count = __shfl_sync(~0u, taps, g_);
    const auto weight_at = [&](int source_row) {
      const int k = source_row - first;
      return k >= 0 && k < count ? scratch_[k * 8 + g_] : 0;
    };
    // Source rows of this block and of its neighbours, a lane an output
    const StepForm form = step_form_of(axis_);
    const int before = block * kBlockRows - 1, last_of_block = min(before + kBlockRows, axis_.count - 1);
    const AxisSpan span = axis_span<Real>(axis_, min(max(before + lane_, 0), axis_.count - 1));
    const int first_row = __shfl_sync(~0u, span.first, 1);
    const int ends = max(span.first + span.taps - 1, span.first);
    const int last_row = __shfl_sync(~0u, ends, last_of_block - before);
    const int first_step = step_of(form, block, first_row), last_step = step_of(form, block, last_row);
    const int row_of_first = form.blocks == 0 ? first_step * kStepRows : row_of_group(form, block);
    const int blocks = blocks_of(axis_.count, kBlockRows), steps = steps_of(axis_, form);
    // Before this block's steps are those that end with an earlier one, after them those that begin with a later one.
    const int ended = block == 0 ? -1 : step_of(form, block - 1, __shfl_sync(~0u, ends, 0));
    const int begun = block + 1 == blocks ? steps : step_of(form, block + 1, __shfl_sync(~0u, span.first, 9));

    wait_for_earlier_kernels();
    if (lane_ == 0 && block == 0) header_[0] = shift_;
    auto* const descs = reinterpret_cast<StepDesc*>(header_ + 4);
    const auto begin_with = [&](int step, int first) {
      descs[step].row = form.blocks == 0 ? step * kStepRows : row_of_first;
      descs[step].pair = static_cast<std::uint32_t>(pair_of(form, step, first));
      descs[step].first = first;
    };
    for (int step = ended + 1 + lane_; step <= last_step; step += 32) begin_with(step, block);
    for (int step = (block == 0 ? 0 : first_step) + lane_; step < begun; step += 32) {
      descs[step].end = step < first_step ? 0 : block + 1;
    }
    if (block + 1 == blocks) {
      for (int step = last_step + 1 + lane_; step <= steps; step += 32) begin_with(step, blocks);
    }

    std::byte* const pairs = reinterpret_cast<std::byte*>(header_) + std::size_t{y_header_units(steps)} * 16;
    for (int step = first_step; step <= last_step; ++step) {
      const int row = form.blocks == 0 ? step * kStepRows : row_of_first;
      std::byte* const to = pairs + static_cast<std::size_t>(pair_of(form, step, block)) * pair_bytes(kInteger);
      // Of two neighbouring rows in each half of the step: those that the lane holds of the horizontal results.
      std::uint32_t large[2] = {}, small[2] = {};
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int weight = weight_at(row + i / 2 * kHalfRows + 2 * t_ + i % 2);
        if constexpr (kInteger) {
          small[0] |= (static_cast<std::uint32_t>(weight) & 255u) << 8 * i;
          large[0] |= (static_cast<std::uint32_t>(weight) >> 8 & 255u) << 8 * i;
        } else {
          const float scaled = __int_as_float(weight) * kRowWeightScale;
          const __half high = __float2half_rn(scaled);
          const __half rest = __float2half_rn(scaled - __half2float(high));
          large[i / 2] |= static_cast<std::uint32_t>(__half_as_ushort(high)) << 16 * (i % 2);
          small[i / 2] |= static_cast<std::uint32_t>(__half_as_ushort(rest)) << 16 * (i % 2);
        }
      }
      if constexpr (kInteger) {
        reinterpret_cast<uint2*>(to)[lane_] = make_uint2(small[0], large[0]);
      } else {
        reinterpret_cast<uint4*>(to)[lane_] = make_uint4(large[0], large[1], small[0], small[1]);
      }
    }
  }

  /// The first source row of the step that a block shares with its group.
  __device__ int row_of_group(const StepForm& form, int block) const {
    return axis_span<Real>(axis_, block / form.blocks * form.blocks * kBlockRows).first / kHalfRows * kHalfRows;
  }

  __device__ static int pair_of(const StepForm& form, int step, int block) {
    return form.blocks > 0 ? block : kPairStride * step + block;
  }

  __device__ void write_header(int block, int value) const {
    if (lane_ == 0) header_[1 + block] = value;
    if (lane_ == 0 && block == 0) header_[0] = shift_;
  }

  __device__ uint4* weights() const {
    return reinterpret_cast<uint4*>(header_) + x_header_units(blocks_of(axis_.count, kBlockColumns));
  }

  const AxisDesc& axis_;
  int* header_;
  Real* values_;  ///< shared memory of the warp: values of the filter, ...
  int* scratch_;  ///< ... and weights, [tap][output]
  int lane_, g_, t_, shift_ = 0;
};

/// One beyond the last byte of a job's image.
__device__ inline const std::uint8_t* source_end(const JobDesc& job) {
  const std::int64_t channel = max((job.source_channels - 1) * job.source_channel, std::int64_t{0});
  const std::int64_t row = max((job.source_height - 1) * job.source_y, std::int64_t{0});
  return static_cast<const std::uint8_t*>(job.source) + channel + row + (job.source_width - 1) * job.source_x + 1;
}

/// Whether the aligned groups of 16 bytes of the tile's rows end beyond the image.
__device__ inline bool reaches_beyond(const LoadDesc& load, const std::uint8_t* end) {
  const int last = load.source_y > 0 ? load.row_end - 1 : load.row_begin;
  const auto at = reinterpret_cast<std::uint64_t>(load.source) + static_cast<std::uint64_t>(last * load.source_y);
  return (at & ~std::uint64_t{15}) + static_cast<std::uint64_t>(load.width + 30) / 16 * 16 >
         reinterpret_cast<std::uint64_t>(end);
}

/// Tile `index` of a job.
template <class Real>
__device__ TileDesc tile_of(const void* blob, std::uint32_t record, std::uint32_t index,
                            const PrepareArguments& arguments) {
  const JobDesc& job = record_at<JobDesc>(blob, record);
  const AxisDesc& x = record_at<AxisDesc>(blob, job.x_axis);
  const AxisDesc& y = record_at<AxisDesc>(blob, job.y_axis);

  TileDesc tile;
  tile.kind = static_cast<TileKind>(job.tile_kind);
  tile.blob = arguments.blob_at;
  tile.record = record;
  if (tile.kind == TileKind::column_walk) {
    const auto across = static_cast<std::uint32_t>(walk_column_blocks(x));
    tile.y = static_cast<int>(index / across);
    tile.x = static_cast<int>(index % across);
    tile.x_table = x.walk_table;
    tile.load.y_table = y.walk_table;
    return tile;
  }

  // Strips side by side first, then channels, then down: blocks that run together read neighbouring bytes.
  const int columns = job.strip_blocks * kBlockColumns;
  const std::uint32_t strips = static_cast<std::uint32_t>(blocks_of(x.count, columns));
  const std::uint32_t strip = index % strips, channel = index / strips % job.channels,
                      segment = index / strips / job.channels;
  tile.channel = static_cast<std::uint8_t>(channel);
  tile.x = static_cast<int>(strip) * columns;
  tile.y = static_cast<int>(segment) * job.tile_rows;
  tile.columns = static_cast<std::uint16_t>(min(columns, x.count - tile.x));
  tile.rows = static_cast<std::uint16_t>(min(static_cast<int>(job.tile_rows), y.count - tile.y));

  // Rows
  const StepForm form = step_form_of(y);
  const int first = tile.y / kBlockRows, blocks = blocks_of(tile.rows, kBlockRows), last = first + blocks - 1;
  LoadDesc& load = tile.load;
  load.first_block = static_cast<std::uint16_t>(first);
  load.end_block = static_cast<std::uint16_t>(first + blocks);
  const int first_row = rows_of_block<Real>(y, first).first, last_row = rows_of_block<Real>(y, last).last;
  const int step = step_of(form, first, first_row);
  load.steps = static_cast<std::uint16_t>(step_of(form, last, last_row) - step + 1);
  // Whole halves are loaded, where the image has them.
  load.row_begin = first_row / kHalfRows * kHalfRows;
  load.row_end = min((last_row / kHalfRows + 1) * kHalfRows, job.source_height);
  load.steps_at = y.table + 1 + static_cast<std::uint32_t>(step);
  load.y_table = y.table + y_header_units(steps_of(y, form));
  tile.y_shift = y.table * 4;

  // Columns
  const AxisSpan left = axis_span<Real>(x, tile.x), right = axis_span<Real>(x, tile.x + tile.columns - 1);
  tile.left = left.first;
  load.width = right.first + right.taps - left.first;
  const std::uint32_t x_block = static_cast<std::uint32_t>(tile.x / kBlockColumns);
  tile.x_shift = x.table * 4;
  tile.x_start = x.table * 4 + 1 + x_block;
  tile.x_table =
      x.table + x_header_units(blocks_of(x.count, kBlockColumns)) + x_block * x_block_units(x.steps, x.integer);

  // Source
  const int source_channel = job.source_channels == 1 ? 0 : static_cast<int>(channel);
  load.source =
      static_cast<const std::uint8_t*>(job.source) + source_channel * job.source_channel + left.first * job.source_x;
  load.source_y = job.source_y;
  tile.source_end = source_end(job);
  load.careful = reaches_beyond(load, tile.source_end);
  load.pitch = job.pitch;
  tile.variant = job.variant;

  // The result
  const EpilogueDesc& epilogue = record_at<EpilogueDesc>(blob, job.epilogue);
  const BlobHeader& header = record_at<BlobHeader>(blob, 0);
  tile.scale = epilogue.scale[channel];
  tile.shift = epilogue.shift[channel];
  const auto epilogue_index = (job.epilogue - header.epilogues) / static_cast<std::uint32_t>(sizeof(EpilogueDesc));
  tile.levels = arguments.levels_at + (epilogue_index * 4 + channel) * (256 * 4 / 16);
  tile.target_type = job.target_type;
  const LayoutDesc& layout = record_at<LayoutDesc>(blob, job.layout);
  const auto even = [](auto... offsets) { return ((offsets % 2 == 0) && ...); };
  if (arguments.store != StoreKind::any) {
    const std::int64_t offset = channel * layout.channel + (job.at_y + tile.y) * layout.y.inner + job.at_x + tile.x;
    const int element = arguments.store == StoreKind::rows_f32 ? 4 : 2;
    tile.target = static_cast<std::byte*>(job.target) + offset * element;
    tile.target_y = layout.y.inner;
    tile.pairs =
        reinterpret_cast<std::uint64_t>(tile.target) % (2 * element) == 0 && even(layout.y.inner, tile.columns);
  } else {
    const auto splits = [](const StepsDesc& steps) { return steps.unit < (1u << 30); };
    tile.pairs = job.target_type == Type::f32 && reinterpret_cast<std::uint64_t>(job.target) % 8 == 0 &&
                 layout.x.inner == 1 && even(tile.columns, job.at_x, layout.channel, layout.copy, layout.y.inner) &&
                 (!splits(layout.x) || even(layout.x.unit, layout.x.middle, layout.x.outer)) &&
                 (!splits(layout.y) || even(layout.y.unit, layout.y.middle, layout.y.outer, job.at_y));
  }
  return tile;
}

/// A block for each axis, job, epilogue (integer arithmetic) and one for the rest: blockIdx.y. blockIdx.x counts the
/// pieces of one of them. Everything is computed before the wait, so that it passes while an earlier kernel ends.
template <bool kInteger, std::size_t kBytes>
__global__ void __launch_bounds__(32 * (kInteger ? kPrepareWarpsInteger : kPrepareWarps))
    prepare_kernel(const __grid_constant__ PrepareArguments arguments,
                   const __grid_constant__ BlobParameter<kBytes> parameter) {
  using Real = std::conditional_t<kInteger, double, float>;
  std::byte* const scratch = dynamic_shared_memory();
  const void* const blob = parameter.bytes;
  const BlobHeader& header = record_at<BlobHeader>(blob, 0);
  const int warps = static_cast<int>(blockDim.x / 32), warp = static_cast<int>(threadIdx.x / 32);
  const int piece = static_cast<int>(blockIdx.x), pieces = static_cast<int>(gridDim.x);
  int owner = static_cast<int>(blockIdx.y);
  let_next_kernel_start();

  // Weight tables
  if (owner < header.axis_count) {
    const AxisDesc& axis = record_at<AxisDesc>(blob, header.axes + owner * static_cast<int>(sizeof(AxisDesc)));
    TableWriter<kInteger> table(axis, arguments, scratch + warp * arguments.scratch_bytes);
    if (axis.integer) table.find_shift();
    if (axis.steps > 0) {
      const int blocks = blocks_of(axis.count, axis.vertical ? kBlockRows : kBlockColumns);
      for (int block = piece * warps + warp; block < blocks; block += pieces * warps) table.write_block(block);
    }
    if (axis.walk_table > 0) {
      wait_for_earlier_kernels();
      std::byte* const to = arguments.workspace + std::size_t{axis.walk_table} * 16;
      const int blocks = axis.vertical ? walk_row_blocks(axis) : walk_column_blocks(axis);
      for (int block = piece * warps + warp; block < blocks; block += pieces * warps) {
        if (axis.vertical) {
          prepare_rows(axis, table.shift(), block, to);
        } else {
          prepare_columns(axis, table.shift(), block, to);
        }
      }
    }
    return;
  }
  owner -= header.axis_count;

  // Tiles
  if (owner < header.job_count) {
    const auto record = header.jobs + static_cast<std::uint32_t>(owner * sizeof(JobDesc));
    const JobDesc& job = record_at<JobDesc>(blob, record);
    for (auto index = piece * blockDim.x + threadIdx.x; index < job.tiles; index += pieces * blockDim.x) {
      const TileDesc tile = tile_of<Real>(blob, record, index, arguments);
      wait_for_earlier_kernels();
      arguments.tiles[job.first_tile + index] = tile;
    }
    return;
  }
  owner -= header.job_count;
  wait_for_earlier_kernels();

  // Fills, the blob, the tile counter
  if (owner == 0) {
    const int thread = static_cast<int>(piece * blockDim.x + threadIdx.x),
              threads = static_cast<int>(pieces * blockDim.x);
    for (int f = 0; f < header.fill_count; ++f) {
      const auto record = header.fills + static_cast<std::uint32_t>(f * sizeof(FillDesc));
      const FillDesc& fill = record_at<FillDesc>(blob, record);
      for (int index = thread; index < static_cast<int>(fill.tiles); index += threads) {
        TileDesc tile;
        tile.kind = TileKind::fill;
        tile.blob = arguments.blob_at;
        tile.record = record;
        tile.y = index;
        arguments.tiles[fill.first_tile + index] = tile;
      }
    }
    auto* to = reinterpret_cast<uint4*>(arguments.workspace + arguments.blob_at);
    for (int i = thread; i < static_cast<int>(header.bytes / 16); i += threads) {
      to[i] = reinterpret_cast<const uint4*>(blob)[i];
    }
    if (thread < 2) arguments.next[thread] = 0;
    return;
  }
  owner -= 1;

  // Results of an epilogue for each level
  const EpilogueDesc& epilogue =
      record_at<EpilogueDesc>(blob, header.epilogues + static_cast<std::uint32_t>(owner * sizeof(EpilogueDesc)));
  auto* to = reinterpret_cast<float*>(arguments.workspace + std::size_t{arguments.levels_at} * 16) + owner * 4 * 256;
  for (int i = static_cast<int>(piece * blockDim.x + threadIdx.x); i < 4 * 256;
       i += static_cast<int>(pieces * blockDim.x)) {
    to[i] = applied(epilogue, static_cast<float>(i % 256), i / 256);
  }
}

}  // namespace kir::cuda
