// The second launch of a level: each warp takes one tile after the other until there are none.
#pragma once

#include "kernels/cuda/column_walk.cuh"
#include "kernels/cuda/fill.cuh"
#include "kernels/cuda/matrix_tile.cuh"
#include "kernels/cuda/tile_store.cuh"

namespace kir::cuda {

__device__ inline void walk_tile(const TileDesc& tile, const std::byte* workspace) {
  const std::byte* const blob = workspace + tile.blob;
  column_walk(blob, record_at<JobDesc>(blob, tile.record), workspace + std::size_t{tile.x_table} * 16,
              workspace + std::size_t{tile.y_table} * 16, tile.y, tile.x);
}
__device__ inline void fill_tile(const TileDesc& tile, const std::byte* workspace, int lane) {
  const std::byte* const blob = workspace + tile.blob;
  const FillDesc& fill = record_at<FillDesc>(blob, tile.record);
  fill_tile(fill, record_at<LayoutDesc>(blob, fill.layout), tile.y, lane);
}

/// Calls the matrix tile of variant kVariant or of one that follows it, of those within reach.
template <class Arithmetic, class Store, Reach kReach, int kVariant = 0>
__device__ inline void matrix_tile(const TileDesc& tile, const SeparableArguments& arguments, std::uint32_t memory,
                                   int lane) {
  if constexpr (kVariant < static_cast<int>(kMatrixVariants.size())) {
    constexpr MatrixVariant kForm = kMatrixVariants[kVariant];
    if (!has_variant(kReach, kVariant) || tile.variant != kVariant) {
      matrix_tile<Arithmetic, Store, kReach, kVariant + 1>(tile, arguments, memory, lane);
    } else if constexpr (!has_variant(kReach, kVariant)) {
      return;
    } else if constexpr (kForm.register_steps > 0) {
      constexpr int kHalves = register_steps_of(kForm, Arithmetic::kInteger) * step_halves(Arithmetic::kInteger);
      matrix_tile_in_registers<Arithmetic, Store, kForm.blocks, kForm.steps, kForm.copies, kHalves>(tile, arguments,
                                                                                                    memory, lane);
    } else {
      matrix_tile_in_shared_memory<Arithmetic, Store, kForm.blocks, kForm.steps, kForm.copies>(tile, arguments, memory,
                                                                                               lane);
    }
  }
}

template <class Arithmetic, class Store, Reach kReach>
__global__ void __launch_bounds__(32 * kWarpsPerBlock, kBlocksPerMultiprocessor)
    separable_kernel(const __grid_constant__ SeparableArguments arguments) {
  std::byte* const shared = dynamic_shared_memory();
  const int lane = static_cast<int>(threadIdx.x % 32), warp = static_cast<int>(threadIdx.x / 32);
  auto& group = *reinterpret_cast<std::uint32_t*>(shared);
  const std::uint32_t memory =
      shared_address(shared) + static_cast<std::uint32_t>(kBlockHeadBytes + warp * arguments.warp_bytes);

  // The ring of horizontal results must hold numbers from the start: the first windows of a tile reach back beyond it,
  // with zero weights, and zero times NaN is NaN.
  for (int i = lane * 16; i < static_cast<int>(kept_bytes<Arithmetic>(arguments)); i += 32 * 16) {
    store_shared_16(memory + static_cast<std::uint32_t>(i), make_uint4(0, 0, 0, 0));
  }
  __syncwarp();

  wait_for_earlier_kernels();
  let_next_kernel_start();

  // The warps of a block take neighbouring tiles, which share weights and source sectors in the cache.
  for (;;) {
    __syncthreads();
    if (threadIdx.x == 0) group = atomicAdd(arguments.next_tile, 1u);
    __syncthreads();
    const std::uint32_t index = group * kWarpsPerBlock + static_cast<std::uint32_t>(warp);
    if (group * kWarpsPerBlock >= arguments.tile_count) break;
    if (index >= arguments.tile_count) continue;
    const TileDesc& tile = arguments.tiles[index];
    switch (tile.kind) {
      case TileKind::matrix:
        matrix_tile<Arithmetic, Store, kReach>(tile, arguments, memory, lane);
        break;
      case TileKind::column_walk:
        if constexpr (kReach == Reach::far) walk_tile(tile, arguments.workspace);
        break;
      case TileKind::fill:
        fill_tile(tile, arguments.workspace, lane);
        break;
    }
  }
}

/// One of the kernels, by the arithmetic, the store and the reach of a launch.
using SeparableKernel = void (*)(SeparableArguments);
SeparableKernel float_kernel(StoreKind store, Reach reach);
SeparableKernel integer_kernel(StoreKind store, Reach reach);

/// The pointers, for one translation unit an arithmetic: they take long to compile.
template <class Arithmetic, class Store>
SeparableKernel kernel_of(Reach reach) {
  return reach == Reach::near ? separable_kernel<Arithmetic, Store, Reach::near>
                              : separable_kernel<Arithmetic, Store, Reach::far>;
}
template <class Arithmetic>
SeparableKernel kernel_of(StoreKind store, Reach reach) {
  switch (store) {
    case StoreKind::rows_f32:
      return kernel_of<Arithmetic, StoreRowsF32>(reach);
    case StoreKind::rows_16:
      return kernel_of<Arithmetic, StoreRows16>(reach);
    case StoreKind::any:
      break;
  }
  return kernel_of<Arithmetic, StoreAny>(reach);
}

}  // namespace kir::cuda
