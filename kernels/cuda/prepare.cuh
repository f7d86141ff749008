// The first of two launches of a level: from the blob in its parameters it writes to the workspace what the tile kernel
// reads: the blob itself, the weight tables of its axes, the results of epilogues for each level, and the tiles.
// Nothing comes from the host but the parameters, and nothing is kept from one call to the next.
#pragma once

#include "kernels/cuda/column_walk.cuh"
#include "kernels/cuda/epilogue.cuh"
#include "kernels/cuda/table_writer.cuh"
#include "kernels/cuda/tile_desc.cuh"

namespace kir::cuda {

/// What the prepare kernel is told beside its blob.
struct PrepareArguments {
  std::byte* workspace = nullptr;
  TileDesc* tiles = nullptr;
  std::uint32_t* next = nullptr;  ///< the two counters of the tile kernel
  TilePlaces places;
  std::int32_t scratch_bytes = 0;  ///< shared memory of a warp
};

/// A block for each axis, job, epilogue (integer arithmetic) and one for the rest: blockIdx.y. blockIdx.x counts the
/// pieces of one of them. Everything is computed before the wait, while an earlier kernel ends.
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
    TableWriter<kInteger, TableMemory::workspace> table(axis, arguments.workspace,
                                                        scratch + warp * arguments.scratch_bytes);
    if (axis.integer) table.find_shift();
    if (axis.steps > 0) {
      const int units = table_units(axis);
      for (int unit = piece * warps + warp; unit < units; unit += pieces * warps) table.write_unit(unit);
    }
    if (axis.walk_table > 0) {
      wait_for_earlier_kernels();
      std::byte* const to = at_unit(arguments.workspace, axis.walk_table);
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
      const TileDesc tile = tile_of<Real>(blob, record, index, arguments.places);
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
    auto* to = reinterpret_cast<uint4*>(at_unit(arguments.workspace, arguments.places.blob_at));
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
        tile.blob = arguments.places.blob_at;
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
  auto* to = reinterpret_cast<float*>(at_unit(arguments.workspace, arguments.places.levels_at)) + owner * 4 * 256;
  for (int i = static_cast<int>(piece * blockDim.x + threadIdx.x); i < 4 * 256;
       i += static_cast<int>(pieces * blockDim.x)) {
    const float result = applied(epilogue, static_cast<float>(i % 256), i / 256);
    wait_for_earlier_kernels();
    to[i] = result;
  }
}

}  // namespace kir::cuda
