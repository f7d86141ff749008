// The only launch of a small part: a block makes the tables of its tile's rows and columns in its shared memory, and
// then the tile. Passing the tables from one launch to another through the workspace would take as long as the tiles
// do. The tables come before the wait, so that they are made while an earlier call ends.
#pragma once

#include "kernels/cuda/compiled.cuh"
#include "kernels/cuda/direct.hpp"
#include "kernels/cuda/matrix_tile.cuh"
#include "kernels/cuda/table_writer.cuh"
#include "kernels/cuda/tile_desc.cuh"
#include "kernels/cuda/tile_store.cuh"

namespace kir::cuda {

/// Narrows a job and its axes, which are in shared memory, to tile `index` of the launch: weights of an output do not
/// depend on the window that it is in.
__device__ inline OneTile narrow(std::byte* blob, std::uint32_t index, const DirectArguments& arguments) {
  const BlobHeader& header = record_at<BlobHeader>(blob, 0);
  OneTile tile;
  tile.record = header.jobs;
  while (index - record_at<JobDesc>(blob, tile.record).first_tile >= record_at<JobDesc>(blob, tile.record).tiles) {
    tile.record += static_cast<std::uint32_t>(sizeof(JobDesc));
  }
  JobDesc& job = record_at<JobDesc>(blob, tile.record);
  AxisDesc& x = record_at<AxisDesc>(blob, job.x_axis);
  AxisDesc& y = record_at<AxisDesc>(blob, job.y_axis);
  const TilePart part = part_of(job, y, x, index - job.first_tile);
  tile.channel = static_cast<std::uint32_t>(part.channel);

  job.at_y += part.y;
  job.at_x += part.x;
  x.first += part.x;
  x.count = part.columns;
  x.table = arguments.x_table;
  y.first += part.y;
  y.count = part.rows;
  y.table = arguments.y_table;
  if (y.step_blocks > 0) {
    y.end_step = static_cast<std::uint16_t>(last_step_end(y));
  } else {
    const int first = rows_of_block<float>(y, 0).first;
    const int last = rows_of_block<float>(y, blocks_of(part.rows, kBlockRows) - 1).last;
    y.first_step = static_cast<std::uint16_t>(first / kStepRows);
    y.end_step = static_cast<std::uint16_t>(last / kStepRows + 1);
  }
  return tile;
}

template <class Arithmetic, class Store, Reach kReach>
__global__ void __launch_bounds__(32 * kDirectWarps, kDirectBlocks)
    direct_kernel(const __grid_constant__ DirectArguments arguments,
                  const __grid_constant__ BlobParameter<kDirectBlobBytes> parameter) {
  static_assert(!Arithmetic::kInteger);  // the shift of an integer axis depends on all of its rows
  std::byte* const shared = dynamic_shared_memory();
  std::byte* const memory = shared + arguments.memory_at;
  std::byte* const blob = at_unit(memory, kDirectBlobAt);
  auto& head = *reinterpret_cast<DirectHead*>(memory);
  const SeparableArguments of_tile{
      memory, &head.tile, &head.next, 1, 1, 1, arguments.stage_bytes, arguments.weights_at, arguments.weights_bytes};
  const StageRing ring(of_tile, shared_address(shared), 0);
  const int warp = static_cast<int>(threadIdx.x / 32), lane = static_cast<int>(threadIdx.x % 32);
  let_next_kernel_start();

  // The blob, narrowed
  const auto words = record_at<BlobHeader>(parameter.bytes, 0).bytes / 16;
  if (threadIdx.x < words) {
    reinterpret_cast<uint4*>(blob)[threadIdx.x] = reinterpret_cast<const uint4*>(parameter.bytes)[threadIdx.x];
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    head.one = narrow(blob, blockIdx.x, arguments);
    head.next = 0;
    ring.init();
  }
  __syncthreads();

  // Weight tables, and the tile's descriptor
  const JobDesc& job = record_at<JobDesc>(blob, head.one.record);
  const AxisDesc& x = record_at<AxisDesc>(blob, job.x_axis);
  const AxisDesc& y = record_at<AxisDesc>(blob, job.y_axis);
  std::byte* const scratch = shared + kBlockHeadBytes + warp * arguments.scratch_bytes;
  const int x_units = table_units(x), units = x_units + table_units(y);
  for (int unit = warp; unit < units && warp < kTableWarps; unit += kTableWarps) {
    const bool is_x = unit < x_units;
    TableWriter<Arithmetic::kInteger, TableMemory::on_chip>(is_x ? x : y, memory, scratch)
        .write_unit(is_x ? unit : unit - x_units);
  }
  if (warp == kTableWarps) {
    if (lane == 0) {
      head.tile = tile_of<float>(blob, head.one.record, head.one.channel, {kDirectBlobAt, 0, arguments.store});
    }
    __syncwarp();
    prefetch_rows(head.tile.load, lane);
  }
  __syncthreads();
  wait_for_earlier_kernels();

  // The tile
  if (warp >= kTeamWarps) {
    give_registers<kLoaderRegisters>();
    if (warp == kTeamWarps) StageLoader<Arithmetic::kInteger, TableMemory::on_chip>(of_tile, ring).load_tiles(0, 1);
  } else {
    take_registers<kTeamRegisters>();
    StageReader stream(of_tile, ring);
    any_matrix_tile<Arithmetic, Store, kReach>(head.tile, stream, of_tile);
  }
}

/// One of the kernels, by the store and the reach of a launch.
using DirectKernel = void (*)(DirectArguments, BlobParameter<kDirectBlobBytes>);
DirectKernel direct_kernel_for(StoreKind store, Reach reach);

}  // namespace kir::cuda
