// The second launch of a level: teams of warps take matrix tiles until there are none, then warps take the other tiles.
#pragma once

#include "kernels/cuda/column_walk.cuh"
#include "kernels/cuda/fill.cuh"
#include "kernels/cuda/matrix_tile.cuh"
#include "kernels/cuda/tile_store.cuh"

namespace kir::cuda {

__device__ inline void walk_tile(const TileDesc& tile, const std::byte* workspace) {
  const std::byte* const blob = workspace + std::size_t{tile.blob} * 16;
  column_walk(blob, record_at<JobDesc>(blob, tile.record), workspace + std::size_t{tile.x_table} * 16,
              workspace + std::size_t{tile.load.y_table} * 16, tile.y, tile.x);
}
__device__ inline void fill_tile(const TileDesc& tile, const std::byte* workspace, int lane) {
  const std::byte* const blob = workspace + std::size_t{tile.blob} * 16;
  const FillDesc& fill = record_at<FillDesc>(blob, tile.record);
  fill_tile(fill, record_at<LayoutDesc>(blob, fill.layout), tile.y, lane);
}

/// Calls the matrix tile of variant kVariant or of one that follows it, of those within reach.
template <class Arithmetic, class Store, Reach kReach, int kVariant = 0>
__device__ inline std::uint32_t any_matrix_tile(const TileDesc& tile, StageReader& stream,
                                                const SeparableArguments& arguments) {
  constexpr MatrixVariant kForm = kMatrixVariants[kVariant];
  constexpr int kNext = kVariant + 1;
  if constexpr (kNext < static_cast<int>(kMatrixVariants.size()) && has_variant(kReach, kNext)) {
    if (tile.variant != kVariant) return any_matrix_tile<Arithmetic, Store, kReach, kNext>(tile, stream, arguments);
  }
  return matrix_tile<Arithmetic, Store, kForm.blocks, kForm.steps>(tile, stream, arguments);
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
      StageLoader<Arithmetic::kInteger>(arguments, StageRing(arguments, shared, loader))
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
        fill_tile(tile, arguments.workspace, lane);
      } else if constexpr (kReach == Reach::far) {
        walk_tile(tile, arguments.workspace);
      }
    }
  }
}

/// One of the kernels, by the arithmetic, the store and the reach of a launch.
using SeparableKernel = void (*)(SeparableArguments);
SeparableKernel float_kernel(StoreKind store, Reach reach);
SeparableKernel integer_kernel(StoreKind store, Reach reach);

/// The pointers, for one translation unit an arithmetic: they take long to compile.
template <class Arithmetic, class NearStore, class FarStore>
SeparableKernel kernel_of(Reach reach) {
  return reach == Reach::near ? separable_kernel<Arithmetic, NearStore, Reach::near>
                              : separable_kernel<Arithmetic, FarStore, Reach::far>;
}
template <class Arithmetic>
SeparableKernel kernel_of(StoreKind store, Reach reach) {
  switch (store) {
    case StoreKind::rows_f32:
      return kernel_of<Arithmetic, StoreRowsF32<false>, StoreRowsF32<true>>(reach);
    case StoreKind::rows_16:
      return kernel_of<Arithmetic, StoreRows16<false>, StoreRows16<true>>(reach);
    case StoreKind::any:
      break;
  }
  return kernel_of<Arithmetic, StorePairs, StoreAny>(reach);
}

}  // namespace kir::cuda
