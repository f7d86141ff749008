// From a job to one of its tiles: which rows and columns, what it reads, and where its tables and results are.
#pragma once

#include "kernels/cuda/axis_weights.cuh"
#include "kernels/cuda/column_walk.cuh"
#include "kernels/cuda/tile.hpp"

namespace kir::cuda {

/// What a tile's descriptor needs to know beside the blob.
struct TilePlaces {
  std::uint32_t blob_at = 0;    ///< where the blob will be, in units of 16 bytes from where tables are
  std::uint32_t levels_at = 0;  ///< integer: tables of epilogues, likewise
  StoreKind store = StoreKind::any;
};

/// The step of a source row that belongs to a block of output rows, in the axis' table.
__device__ inline int step_of(const AxisDesc& y, int block, int row) {
  return y.step_blocks > 0 ? block / y.step_blocks : row / kStepRows - y.first_step;
}

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

/// The part of a job's window that a matrix tile makes, of one channel.
struct TilePart {
  int channel, y, x, rows, columns;
};
__device__ inline TilePart part_of(const JobDesc& job, const AxisDesc& y, const AxisDesc& x, std::uint32_t index) {
  // Strips side by side first, then channels, then down: blocks that run together read neighbouring bytes.
  const int columns = job.strip_blocks * kBlockColumns;
  const auto strips = static_cast<std::uint32_t>(blocks_of(x.count, columns));
  TilePart part;
  part.x = static_cast<int>(index % strips) * columns;
  part.channel = static_cast<int>(index / strips % job.channels);
  part.y = static_cast<int>(index / strips / job.channels) * job.tile_rows;
  part.columns = min(columns, x.count - part.x);
  part.rows = min(static_cast<int>(job.tile_rows), y.count - part.y);
  return part;
}

/// Tile `index` of a job.
template <class Real>
__device__ TileDesc tile_of(const void* blob, std::uint32_t record, std::uint32_t index, const TilePlaces& places) {
  const JobDesc& job = record_at<JobDesc>(blob, record);
  const AxisDesc& x = record_at<AxisDesc>(blob, job.x_axis);
  const AxisDesc& y = record_at<AxisDesc>(blob, job.y_axis);

  TileDesc tile;
  tile.kind = static_cast<TileKind>(job.tile_kind);
  tile.blob = places.blob_at;
  tile.record = record;
  if (tile.kind == TileKind::column_walk) {
    const auto across = static_cast<std::uint32_t>(walk_column_blocks(x));
    tile.y = static_cast<int>(index / across);
    tile.x = static_cast<int>(index % across);
    tile.x_table = x.walk_table;
    tile.load.y_table = y.walk_table;
    return tile;
  }

  const TilePart part = part_of(job, y, x, index);
  const int channel = part.channel;
  tile.channel = static_cast<std::uint8_t>(channel);
  tile.x = part.x;
  tile.y = part.y;
  tile.columns = static_cast<std::uint16_t>(part.columns);
  tile.rows = static_cast<std::uint16_t>(part.rows);

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
  const int source_channel = job.source_channels == 1 ? 0 : channel;
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
  tile.levels = places.levels_at + (epilogue_index * 4 + static_cast<std::uint32_t>(channel)) * (256 * 4 / 16);
  tile.target_type = job.target_type;
  const LayoutDesc& layout = record_at<LayoutDesc>(blob, job.layout);
  tile.pairs = job.pairs;
  if (places.store != StoreKind::any) {
    const std::int64_t offset = channel * layout.channel + (job.at_y + tile.y) * layout.y.inner + job.at_x + tile.x;
    tile.target = static_cast<std::byte*>(job.target) + offset * (places.store == StoreKind::rows_f32 ? 4 : 2);
    tile.target_y = layout.y.inner;
  }
  return tile;
}

}  // namespace kir::cuda
