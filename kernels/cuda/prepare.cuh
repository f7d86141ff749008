// The first launch of a level: from the blob in its parameters it writes to the workspace what the tile kernel reads:
// the blob itself, the weight tables of its axes, the results of epilogues for each level, and the tiles.
// Nothing comes from the host but the parameters, and nothing is kept from one call to the next.
#pragma once

#include "kernels/cuda/column_walk.cuh"
#include "kernels/cuda/epilogue.cuh"
#include "kernels/cuda/table_writer.cuh"

namespace kir::cuda {

/// What the prepare kernel is told beside its blob.
struct PrepareArguments {
  std::byte* workspace = nullptr;
  TileDesc* tiles = nullptr;
  std::uint32_t* next = nullptr;   ///< the two counters of the tile kernel
  std::uint32_t blob_at = 0;       ///< where the blob goes, in units of 16 bytes from the workspace
  std::uint32_t levels_at = 0;     ///< integer: tables of epilogues, likewise
  std::int32_t scratch_bytes = 0;  ///< shared memory of a warp
  StoreKind store = StoreKind::any;
};

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

/// One beyond the last byte of a job's image.
__device__ inline const std::uint8_t* source_end(const JobDesc& job) {
  const std::int64_t channel = max((job.source_channels - 1) * job.source_channel, std::int64_t{0});
  const std::int64_t row = max((job.source_height - 1) * job.source_y, std::int64_t{0});
  return static_cast<const std::uint8_t*>(job.source) + channel + row + (job.source_width - 1) * job.source_x + 1;
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
  const int first = tile.y / kBlockRows, blocks = blocks_of(tile.rows, kBlockRows), last = first + blocks - 1;
  LoadDesc& load = tile.load;
  load.first_block = static_cast<std::uint16_t>(first);
  load.end_block = static_cast<std::uint16_t>(first + blocks);
  const int first_row = rows_of_block<Real>(y, first).first, last_row = rows_of_block<Real>(y, last).last;
  const int step = step_of(y, first, first_row);
  load.steps = static_cast<std::uint16_t>(step_of(y, last, last_row) - step + 1);
  // Whole halves are loaded, where the image has them.
  load.row_begin = first_row / kHalfRows * kHalfRows;
  load.row_end = min((last_row / kHalfRows + 1) * kHalfRows, job.source_height);
  load.steps_at = y.table + 1 + static_cast<std::uint32_t>(step);
  load.y_table = y.table + y_header_units(steps_of(y));
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
  tile.pairs = job.pairs;
  if (arguments.store != StoreKind::any) {
    const std::int64_t offset = channel * layout.channel + (job.at_y + tile.y) * layout.y.inner + job.at_x + tile.x;
    tile.target = static_cast<std::byte*>(job.target) + offset * (arguments.store == StoreKind::rows_f32 ? 4 : 2);
    tile.target_y = layout.y.inner;
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
    TableWriter<kInteger> table(axis, arguments.workspace, scratch + warp * arguments.scratch_bytes);
    if (axis.integer) table.find_shift();
    if (axis.steps > 0) {
      const int units = table_units(axis);
      for (int unit = piece * warps + warp; unit < units; unit += pieces * warps) table.write_unit(unit);
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

  // The blob, fills, the tile counters
  if (owner == 0) {
    const int thread = static_cast<int>(piece * blockDim.x + threadIdx.x),
              threads = static_cast<int>(pieces * blockDim.x);
    auto* to = reinterpret_cast<uint4*>(arguments.workspace + std::size_t{arguments.blob_at} * 16);
    for (int i = thread; i < static_cast<int>(header.bytes / 16); i += threads) {
      const uint4 words = reinterpret_cast<const uint4*>(blob)[i];
      wait_for_earlier_kernels();
      to[i] = words;
    }
    wait_for_earlier_kernels();
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
    const float result = applied(epilogue, static_cast<float>(i % 256), i / 256);
    wait_for_earlier_kernels();
    to[i] = result;
  }
}

}  // namespace kir::cuda
