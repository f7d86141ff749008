// The second launch of a level: teams of warps take matrix tiles until there are none, then warps take the other tiles.
#pragma once

#include "kernels/cuda/column_walk.cuh"
#include "kernels/cuda/fill.cuh"
#include "kernels/cuda/matrix_tile.cuh"
#include "kernels/cuda/tile_store.cuh"

namespace kir::cuda {

__device__ inline void walk_tile(const TileDesc& tile, const std::byte* workspace) {
  const std::byte* const blob = at_unit(workspace, tile.blob);
  column_walk(blob, record_at<JobDesc>(blob, tile.record), at_unit(workspace, tile.x_table),
              at_unit(workspace, tile.load.y_table), tile.y, tile.x);
}
__device__ inline void fill_tile(const TileDesc& tile, const std::byte* workspace, int lane) {
  const std::byte* const blob = at_unit(workspace, tile.blob);
  const FillDesc& fill = record_at<FillDesc>(blob, tile.record);
  fill_tile(fill, record_at<LayoutDesc>(blob, fill.layout), tile.y, lane);
}

/// Teams of four warps, and after them four warps of which each loads for a team.
template <class Arithmetic, class Store, Reach kReach>
__global__ void __launch_bounds__(32 * kTeamWarps * (kMostTeams + 1), 1)
    separable_kernel(const __grid_constant__ SeparableArguments arguments) {
  const std::uint32_t shared = shared_address(dynamic_shared_memory());
  const int warp = static_cast<int>(threadIdx.x / 32), team = warp / kTeamWarps, teams = arguments.teams;
  if (threadIdx.x == 0) {
    for (int i = 0; i < teams; ++i) StageRing(arguments, shared, i).init();
  }
  __syncthreads();
  wait_for_earlier_kernels();
  let_next_kernel_start();

  if (team == teams) {
    give_registers<kLoaderRegisters>();
    const int loader = warp % kTeamWarps;
    if (loader < teams) {
      StageLoader<Arithmetic::kInteger, TableMemory::workspace>(arguments, StageRing(arguments, shared, loader))
          .load_tiles(first_tile(loader), gridDim.x * static_cast<std::uint32_t>(teams));
    }
  } else {
    take_registers<kTeamRegisters>();
    StageReader stream(arguments, StageRing(arguments, shared, team));
    for (std::uint32_t tile = first_tile(team); tile < arguments.matrix_tiles;) {
      tile = any_matrix_tile<Arithmetic, Store, kReach>(arguments.tiles[tile], stream, arguments);
    }

    // Tiles of a warp
    const int lane = static_cast<int>(threadIdx.x % 32);
    for (;;) {
      std::uint32_t index = 0;
      if (lane == 0) index = atomicAdd(arguments.next + 1, 1u);
      index = arguments.matrix_tiles + __shfl_sync(~0u, index, 0);
      if (index >= arguments.tile_count) break;
      const TileDesc& tile = arguments.tiles[index];
      if (tile.kind == TileKind::fill) {
        fill_tile(tile, arguments.memory, lane);
      } else if constexpr (kReach == Reach::far) {
        walk_tile(tile, arguments.memory);
      }
    }
  }
}

/// One of the kernels, by the arithmetic, the store and the reach of a launch.
using SeparableKernel = void (*)(SeparableArguments);
SeparableKernel float_kernel(StoreKind store, Reach reach);
SeparableKernel integer_kernel(StoreKind store, Reach reach);

/// The pointers, for one translation unit an arithmetic: they take long to compile.
template <class Arithmetic>
SeparableKernel kernel_of(StoreKind store, Reach reach) {
  return with_store(store, reach, [](auto of_store, auto of_reach) -> SeparableKernel {
    return separable_kernel<Arithmetic, typename decltype(of_store)::type, decltype(of_reach)::value>;
  });
}

}  // namespace kir::cuda
