// The second launch of a level: blocks take matrix tiles until there are none, then warps take the other tiles.
#pragma once

#include "kernels/cuda/column_walk.cuh"
#include "kernels/cuda/fill.cuh"
#include "kernels/cuda/matrix_tile.cuh"
#include "kernels/cuda/tile_store.cuh"

namespace kir::cuda {

__device__ inline void walk_tile(const TileDesc& tile, const std::byte* workspace) {
  const std::byte* const blob = workspace + tile.blob;
  column_walk(blob, record_at<JobDesc>(blob, tile.record), workspace + std::size_t{tile.x_table} * 16,
              workspace + std::size_t{tile.load.y_table} * 16, tile.y, tile.x);
}
__device__ inline void fill_tile(const TileDesc& tile, const std::byte* workspace, int lane) {
  const std::byte* const blob = workspace + tile.blob;
  const FillDesc& fill = record_at<FillDesc>(blob, tile.record);
  fill_tile(fill, record_at<LayoutDesc>(blob, fill.layout), tile.y, lane);
}

/// Calls the matrix tile of variant kVariant or of one that follows it, of those within reach.
template <class Arithmetic, class Store, Reach kReach, int kVariant = 0>
__device__ inline void any_matrix_tile(const TileDesc& tile, StageStream<Arithmetic::kInteger>& stream,
                                       const SeparableArguments& arguments) {
  if constexpr (kVariant < static_cast<int>(kMatrixVariants.size())) {
    constexpr MatrixVariant kForm = kMatrixVariants[kVariant];
    if constexpr (has_variant(kReach, kVariant)) {
      if (tile.variant == kVariant) {
        matrix_tile<Arithmetic, Store, kForm.blocks, kForm.steps>(tile, stream, arguments);
      } else {
        any_matrix_tile<Arithmetic, Store, kReach, kVariant + 1>(tile, stream, arguments);
      }
    }
  }
}

template <class Arithmetic, class Store, Reach kReach>
__global__ void __launch_bounds__(32 * kWarpsPerBlock, kBlocksPerMultiprocessor)
    separable_kernel(const __grid_constant__ SeparableArguments arguments) {
  std::byte* const shared = dynamic_shared_memory();
  wait_for_earlier_kernels();
  let_next_kernel_start();

  // Matrix tiles, one after the other
  StageStream<Arithmetic::kInteger> stream(arguments, shared);
  while (!stream.is_over()) {
    if (const TileDesc* const tile = stream.next_tile()) {
      any_matrix_tile<Arithmetic, Store, kReach>(*tile, stream, arguments);
    } else {
      stream.advance();
    }
  }

  // Tiles of a warp
  auto& group = *reinterpret_cast<std::uint32_t*>(shared);
  const std::uint32_t warp = threadIdx.x / 32;
  for (;;) {
    __syncthreads();
    if (threadIdx.x == 0) group = atomicAdd(arguments.next + 1, 1u);
    __syncthreads();
    const std::uint32_t first = arguments.matrix_tiles + group * kWarpsPerBlock;
    if (first >= arguments.tile_count) break;
    if (first + warp >= arguments.tile_count) continue;
    const TileDesc& tile = arguments.tiles[first + warp];
    if (tile.kind == TileKind::fill) {
      fill_tile(tile, arguments.workspace, static_cast<int>(threadIdx.x % 32));
    } else if constexpr (kReach == Reach::far) {
      walk_tile(tile, arguments.workspace);
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
  return kernel_of<Arithmetic, StoreAny, StoreAny>(reach);
}

}  // namespace kir::cuda
