// One tile on the tensor cores: both passes, the intermediate never leaves the registers.
//
//   source rows, 16 at a time (a step)  --mma u8-->  horizontal results, transposed: [16 columns][16 rows]
//                                       --mma-->     added to each block of 8 output rows whose windows touch the step
//   blocks that no later step touches   --epilogue--> stored
//
// The horizontal pass multiplies weights (16 output columns x 32 source columns) with raw bytes (32 columns x 8 rows),
// which lie in shared memory as they lay in the image. Its result has the register layout in which the vertical pass
// wants its operand, so that no lane ever needs a value of another.
#pragma once

#include <type_traits>

#include "kernels/cuda/arithmetic.cuh"
#include "kernels/cuda/stage_stream.cuh"

namespace kir::cuda {

template <class Arithmetic, int kBlocks, int kSteps>
class HorizontalPass {
  static constexpr int kPlanes = Arithmetic::kPlanes, kHalves = kStepRows / kHalfRows;

 public:
  using Results = typename Arithmetic::Results;

  /// `first`: the warp's first block of columns in the tile.
  __device__ HorizontalPass(const TileDesc& tile, const SeparableArguments& arguments, int first, int lane)
      : half_bytes_(static_cast<std::uint32_t>(kHalfRows * tile.load.pitch)) {
    const int g = lane >> 2, t = lane & 3;

    // Where the lane finds its 8 bytes of each instruction: row g of a half, columns 8t to 8t + 7. The phase of row g
    // in its first 16 bytes is the same in all even halves of the image, and differs by 0 or 8 in odd ones.
    const auto address =
        reinterpret_cast<std::uint64_t>(tile.load.source) + static_cast<std::uint64_t>(g * tile.load.source_y);
    const int phase = static_cast<int>(address & 15);
    to_odd_half_ =
        static_cast<int>((address + static_cast<std::uint64_t>(kHalfRows * tile.load.source_y)) & 15) - phase;

    const auto* starts = reinterpret_cast<const int*>(arguments.memory) + tile.x_start;
    const auto* table = reinterpret_cast<const uint4*>(arguments.memory) + tile.x_table + lane;
#pragma unroll
    for (int b = 0; b < kBlocks; ++b) {
      // A tile at the right edge may have fewer blocks: its last is repeated, and not stored again.
      const int block = min(first + b, (tile.columns - 1) / kBlockColumns);
      const int byte = phase + starts[block] - tile.left + 8 * t;
      word_[b] = static_cast<std::uint32_t>(g * tile.load.pitch + (byte & ~3));
      shift_[b] = static_cast<std::uint32_t>(byte & 3) * 8;
#pragma unroll
      for (int i = 0; i < kSteps * kPlanes; ++i) {
        weights_[b][i / kPlanes][i % kPlanes] = table[(block * kSteps * kPlanes + i) * 32];
      }
    }
  }

  /// The results of a step whose rows begin at `rows` in shared memory. `odd`: its first row is an odd number of halves
  /// from row 0.
  __device__ void operator()(const Arithmetic& arithmetic, std::uint32_t rows, bool odd,
                             Results (&results)[kBlocks]) const {
    std::uint32_t at[kHalves];
#pragma unroll
    for (int h = 0; h < kHalves; ++h) {
      at[h] = rows + static_cast<std::uint32_t>(h) * half_bytes_ +
              static_cast<std::uint32_t>(odd != (h == 1) ? to_odd_half_ : 0);
    }
    int sums[kBlocks][kHalves][4];
    if constexpr (kBlocks * kSteps <= kStepsOfPixels) {
      sum_by_planes(arithmetic, at, sums);
    } else {
      sum_by_steps(arithmetic, at, sums);
    }
#pragma unroll
    for (int b = 0; b < kBlocks; ++b) {
#pragma unroll
      for (int h = 0; h < kHalves; ++h) arithmetic.keep(results[b], h, sums[b][h]);
    }
  }

 private:
  static constexpr int kStepsOfPixels = 4;  ///< the registers have room for the pixels of so many

  struct Pixels {
    std::uint32_t first, second;
  };
  /// The lane's 8 bytes of instruction s for block b, of the half at `half` in shared memory.
  __device__ Pixels pixels_at(std::uint32_t half, int b, int s) const {
    const std::uint32_t at = half + word_[b] + static_cast<std::uint32_t>(kStepColumns * s);
    const std::uint32_t w0 = load_shared(at), w1 = load_shared(at + 4), w2 = load_shared(at + 8);
    return {__funnelshift_r(w0, w1, shift_[b]), __funnelshift_r(w1, w2, shift_[b])};
  }

  __device__ static void multiply(int plane, int (&sums)[4], uint4 weights, Pixels pixels) {
    if (plane == kPlanes - 1) {
      multiply_bytes<true>(sums, weights, pixels.first, pixels.second, sums);
    } else {
      multiply_bytes<false>(sums, weights, pixels.first, pixels.second, sums);
    }
  }

  /// From the highest plane down, each sum the start of the next: four registers instead of four a plane. All blocks
  /// and halves side by side, for each of these chains is long.
  __device__ void sum_by_planes(const Arithmetic& arithmetic, const std::uint32_t (&at)[kHalves],
                                int (&sums)[kBlocks][kHalves][4]) const {
    Pixels pixels[kBlocks][kHalves][kSteps];
#pragma unroll
    for (int b = 0; b < kBlocks; ++b) {
#pragma unroll
      for (int h = 0; h < kHalves; ++h) {
#pragma unroll
        for (int s = 0; s < kSteps; ++s) pixels[b][h][s] = pixels_at(at[h], b, s);
      }
    }
#pragma unroll
    for (int p = kPlanes - 1; p >= 0; --p) {
#pragma unroll
      for (int b = 0; b < kBlocks; ++b) {
#pragma unroll
        for (int h = 0; h < kHalves; ++h) {
#pragma unroll
          for (int i = 0; i < 4; ++i) sums[b][h][i] = arithmetic.start(p, sums[b][h][i]);
        }
      }
#pragma unroll
      for (int s = 0; s < kSteps; ++s) {
#pragma unroll
        for (int b = 0; b < kBlocks; ++b) {
#pragma unroll
          for (int h = 0; h < kHalves; ++h) multiply(p, sums[b][h], weights_[b][s][p], pixels[b][h][s]);
        }
      }
    }
  }

  /// Each plane's sums by themselves: more registers for sums, and none for pixels.
  __device__ void sum_by_steps(const Arithmetic& arithmetic, const std::uint32_t (&at)[kHalves],
                               int (&sums)[kBlocks][kHalves][4]) const {
#pragma unroll
    for (int b = 0; b < kBlocks; ++b) {
      int of_planes[kPlanes][kHalves][4] = {};
#pragma unroll
      for (int s = 0; s < kSteps; ++s) {
#pragma unroll
        for (int h = 0; h < kHalves; ++h) {
          const Pixels pixels = pixels_at(at[h], b, s);
#pragma unroll
          for (int p = 0; p < kPlanes; ++p) multiply(p, of_planes[p][h], weights_[b][s][p], pixels);
        }
      }
#pragma unroll
      for (int p = kPlanes - 1; p >= 0; --p) {
#pragma unroll
        for (int h = 0; h < kHalves; ++h) {
#pragma unroll
          for (int i = 0; i < 4; ++i) sums[b][h][i] = arithmetic.start(p, sums[b][h][i]) + of_planes[p][h][i];
        }
      }
    }
  }

  uint4 weights_[kBlocks][kSteps][kPlanes];
  std::uint32_t word_[kBlocks], shift_[kBlocks], half_bytes_;
  int to_odd_half_;
};

/// One tile, by a warp of a team; one beyond the tile's right edge only waits. Returns the number of the next tile.
template <class Arithmetic, class Store, int kBlocks, int kSteps>
__device__ std::uint32_t matrix_tile(const TileDesc& tile, StageReader& stream, const SeparableArguments& arguments) {
  const int lane = static_cast<int>(threadIdx.x % 32),
            first = static_cast<int>(threadIdx.x / 32) % kTeamWarps * kBlocks;
  const bool has_columns = first * kBlockColumns < tile.columns;
  const std::uint32_t step_bytes = static_cast<std::uint32_t>(kStepRows * tile.load.pitch);

  const Arithmetic arithmetic(tile, arguments);
  const HorizontalPass<Arithmetic, kBlocks, kSteps> horizontal(tile, arguments, first, lane);
  typename Store::template Of<kBlocks> store(tile, arguments, first * kBlockColumns, lane);

  // The block that ends first is in slot 0.
  typename Arithmetic::Sums slots[kSlots][kBlocks];
  const auto finish = [&] {
    store.store([&](int b, int i) { return arithmetic.value(slots[0][b], i); });
#pragma unroll
    for (int b = 0; b < kBlocks; ++b) {
#pragma unroll
      for (int slot = 1; slot < kSlots; ++slot) slots[slot - 1][b] = slots[slot][b];
      slots[kSlots - 1][b] = {};
    }
  };

  for (int stages = (tile.load.steps + kStageSteps - 1) / kStageSteps;; --stages) {
    stream.wait();
    const bool is_last = stages == 1;
    if (is_last && stream.next_tile() < arguments.matrix_tiles) {
      touch(&arguments.tiles[stream.next_tile()], sizeof(TileDesc), lane);
    }
    // A warp with one block of columns makes both steps side by side: each instruction of one step waits for the last.
    constexpr int kAtOnce = kBlocks == 1 ? kStageSteps : 1;
#pragma unroll 1
    for (int first_step = 0; first_step < kStageSteps; first_step += kAtOnce) {
      if (!has_columns) break;
      StepHead heads[kAtOnce];
      typename Arithmetic::Results results_of[kAtOnce][kBlocks];
#pragma unroll
      for (int i = 0; i < kAtOnce; ++i) heads[i] = stream.step(first_step + i);
      if (heads[0].blocks() == 0 && heads[kAtOnce - 1].blocks() == 0) continue;
#pragma unroll
      for (int i = 0; i < kAtOnce; ++i) {
        horizontal(arithmetic, stream.rows() + static_cast<std::uint32_t>(first_step + i) * step_bytes, heads[i].odd(),
                   results_of[i]);
      }
#pragma unroll
      for (int i = 0; i < kAtOnce; ++i) {
        const StepHead head = heads[i];
        const auto& results = results_of[i];
        if (kAtOnce > 1 && head.blocks() == 0) continue;
        // The step's products are added to kCount slots from kFirst on: side by side, for each waits for its last.
        std::uint32_t pair = stream.weights(first_step + i);
        const auto add_to = [&]<int kFirst, int kCount>(std::integral_constant<int, kFirst>,
                                                        std::integral_constant<int, kCount>) {
          typename Arithmetic::Weights weights[kCount];
#pragma unroll
          for (int i = 0; i < kCount; ++i) {
            weights[i] = Arithmetic::weights(pair, lane);
            pair += pair_bytes(Arithmetic::kInteger);
          }
#pragma unroll
          for (int product = 0; product < Arithmetic::kProducts; ++product) {
#pragma unroll
            for (int i = 0; i < kCount; ++i) {
#pragma unroll
              for (int b = 0; b < kBlocks; ++b) {
                Arithmetic::accumulate(product, slots[kFirst + i][b], results[b], weights[i]);
              }
            }
          }
        };
        constexpr std::integral_constant<int, 0> k0;
        constexpr std::integral_constant<int, 1> k1;
        constexpr std::integral_constant<int, 2> k2;
        constexpr std::integral_constant<int, 3> k3;
        int done = head.done();
        // More blocks than slots: the first ones end here.
#pragma unroll 1
        for (int more = head.blocks() - kSlots; more > 0; --more, --done) {
          add_to(k0, k1);
          finish();
        }
        static_assert(kSlots == 4);
        if (head.blocks() == 1) {
          add_to(k0, k1);
        } else {
          add_to(k0, k2);
          if (head.blocks() > 2) {
            add_to(k2, k1);
            if (head.blocks() > 3) add_to(k3, k1);
          }
        }
#pragma unroll 1
        for (; done > 0; --done) finish();
      }
    }
    const std::uint32_t next = is_last ? stream.next_tile() : 0;
    stream.done();
    if (is_last) return next;
  }
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

}  // namespace kir::cuda
