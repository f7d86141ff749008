// One tile on the tensor cores: both passes, the intermediate never leaves the multiprocessor.
//
//   source rows, eight at a time (a half)  --mma u8-->  horizontal results of the half, T transposed: [16 columns][8
//   rows] the last halves  --mma-->  a block of 8 output rows, once the last half that it needs is there  --> epilogue,
//   store
//
// The horizontal pass multiplies weights (16 output columns x 32 source columns) with raw bytes (32 columns x 8 rows),
// which lie in shared memory as they lay in the image. Its result has the register layout in which the vertical pass
// wants its operand, so that no lane ever needs a value of another.
#pragma once

#include <type_traits>
#include <utility>

#include "kernels/cuda/arithmetic.cuh"
#include "kernels/cuda/row_stream.cuh"

namespace kir::cuda {

template <class Arithmetic, int kBlocks, int kSteps>
class HorizontalPass {
  static constexpr int kPlanes = Arithmetic::kPlanes;

 public:
  using Half = typename Arithmetic::Half;

  __device__ HorizontalPass(const TileDesc& tile, const SeparableArguments& arguments, int lane) {
    const int g = lane >> 2, t = lane & 3;

    // Where the lane finds its 8 bytes of each step: row g of the half, columns 8t to 8t + 7. The row's phase in its
    // first 16 bytes is the same in all even halves, and differs by 0 or 8 in odd ones.
    const int row = g;
    const auto address = reinterpret_cast<std::uint64_t>(tile.source) + static_cast<std::uint64_t>(row * tile.source_y);
    const int phase = static_cast<int>(address & 15);
    const int other = static_cast<int>((address + kHalfRows * tile.source_y) & 15);
    to_odd_half_ = other - phase;
#pragma unroll
    for (int b = 0; b < kBlocks; ++b) {
      const int byte = phase + tile.start[b] + 8 * t;
      word_[b] = g * tile.pitch + (byte & ~3);
      shift_[b] = (byte & 3) * 8;
    }

    const auto* table = reinterpret_cast<const uint4*>(arguments.workspace) + tile.x_table + lane;
#pragma unroll
    for (int b = 0; b < kBlocks; ++b) {
      // A tile at the right edge may have one block less: it repeats its first, whose results are not stored.
      const bool exists = b * kBlockColumns < tile.columns;
#pragma unroll
      for (int i = 0; i < kSteps * kPlanes; ++i) {
        weights_[b][i / kPlanes][i % kPlanes] = table[((exists ? b : 0) * kSteps * kPlanes + i) * 32];
      }
    }
  }

  /// The results of the half at `rows` in shared memory for block b. `odd`: it is an odd number of halves past the
  /// first.
  __device__ Half operator()(const Arithmetic& arithmetic, std::uint32_t rows, int b, bool odd) const {
    const std::uint32_t at = rows + word_[b] + (odd ? to_odd_half_ : 0);
    std::uint32_t pixels[kSteps][2];
#pragma unroll
    for (int s = 0; s < kSteps; ++s) {
      const std::uint32_t w0 = load_shared(at + kStepColumns * s), w1 = load_shared(at + kStepColumns * s + 4),
                          w2 = load_shared(at + kStepColumns * s + 8);
      pixels[s][0] = __funnelshift_r(w0, w1, shift_[b]);
      pixels[s][1] = __funnelshift_r(w1, w2, shift_[b]);
    }
    // From the highest plane down, each sum the start of the next: four registers instead of four a plane.
    int sums[4];
#pragma unroll
    for (int p = kPlanes - 1; p >= 0; --p) {
#pragma unroll
      for (int i = 0; i < 4; ++i) sums[i] = arithmetic.start(p, sums[i]);
#pragma unroll
      for (int s = 0; s < kSteps; ++s) {
        if (p == kPlanes - 1) {
          multiply_bytes<true>(sums, weights_[b][s][p], pixels[s][0], pixels[s][1], sums);
        } else {
          multiply_bytes<false>(sums, weights_[b][s][p], pixels[s][0], pixels[s][1], sums);
        }
      }
    }
    return arithmetic.half_of(sums);
  }

 private:
  uint4 weights_[kBlocks][kSteps][kPlanes];
  std::uint32_t word_[kBlocks], shift_[kBlocks];
  int to_odd_half_;
};

/// The blocks of output rows of a tile, in order: the half after which each can be made, and its weights.
class BlockWalk {
 public:
  __device__ BlockWalk(const TileDesc& tile, const SeparableArguments& arguments, int lane)
      : last_half_(reinterpret_cast<const int*>(arguments.workspace) + tile.y_last),
        weights_(reinterpret_cast<const uint4*>(arguments.workspace) + tile.y_table + lane),
        left_(tile.blocks_y),
        half_(last_half_[0]),
        next_half_(last_half_[left_ > 1 ? 1 : 0]) {}

  /// The half after which the current block can be made.
  __device__ int half() const { return half_; }
  __device__ const uint4* weights() const { return weights_; }
  /// Moves to the next block; false when there is none.
  __device__ bool next(int steps) {
    if (--left_ == 0) return false;
    half_ = next_half_;  // loaded a block ago: nothing waits for it
    ++last_half_;
    if (left_ > 1) next_half_ = last_half_[1];
    weights_ += steps * 32;
    return true;
  }

 private:
  const int* last_half_;
  const uint4* weights_;
  int left_, half_, next_half_;
};

/// The first part of a warp's shared memory: the ring of kept halves, which nothing else overwrites (separable_kernel).
template <class Arithmetic>
__device__ std::uint32_t kept_bytes(const SeparableArguments& arguments) {
  return static_cast<std::uint32_t>(arguments.ring_halves * 2 * 32 * Arithmetic::kHalfBytes);
}

/// The last halves wait in registers: a ring of kHalves slots, half h in slot h % kHalves, so that slots are constants
/// of the loop, which is unrolled, and the vertical pass is the same code wherever in the ring a window begins. Whole
/// tiles.
template <class Arithmetic, class Store, int kBlocks, int kSteps, int kCopies, int kHalves>
__device__ void matrix_tile_in_registers(const TileDesc& tile, const SeparableArguments& arguments,
                                         std::uint32_t memory, int lane) {
  constexpr int kGroup = step_halves(Arithmetic::kInteger), kSteps_y = kHalves / kGroup;
  constexpr int kStages = register_stages_of(kHalves), kAhead = kStages - 1;

  // Source rows: half h in stage h % kStages. Where there are two stages a slot, the banks change places every turn.
  RowStream<kCopies, false> rows(tile, lane);
  const std::uint32_t stages = memory + kept_bytes<Arithmetic>(arguments), stage_bytes = kHalfRows * tile.pitch;
#pragma unroll 1
  for (int i = 0; i < kAhead; ++i) {
    rows.load(stages + static_cast<std::uint32_t>((tile.first_half + i) % kStages) * stage_bytes);
  }

  const Arithmetic arithmetic(tile, arguments);
  const HorizontalPass<Arithmetic, kBlocks, kSteps> horizontal(tile, arguments, lane);
  typename Store::template Of<kBlocks, false> store(tile, arguments, lane);
  BlockWalk block(tile, arguments, lane);
  uint4 weights[kSteps_y];
  const auto load_weights = [&] {
#pragma unroll
    for (int s = 0; s < kSteps_y; ++s) weights[s] = block.weights()[s * 32];
  };
  load_weights();

  typename Arithmetic::Half ring[kBlocks][kHalves];
  const int first = tile.first_half;
  int half = first / kHalves * kHalves;
  const auto bank_of = [&](int h) { return stages + static_cast<std::uint32_t>(h % kStages) * stage_bytes; };
  std::uint32_t bank = bank_of(half), other = bank_of(half + kHalves);

  // Half `half`, which belongs in slot kSlot, and the blocks of rows that it completes; true when none is left.
  const auto advance = [&]<int kSlot>(std::integral_constant<int, kSlot>) {
    if (half < first) {  // slots before the first half: zeros, which meet zero weights
      ++half;
      return false;
    }
    wait_copies<kAhead - 1>();
    __syncwarp();  // all lanes' copies have landed, and all lanes have read the half before
    rows.load(kSlot == 0 ? other + (kHalves - 1) * stage_bytes : bank + (kSlot - 1) * stage_bytes);
#pragma unroll
    for (int b = 0; b < kBlocks; ++b) {
      ring[b][kSlot] = horizontal(arithmetic, bank + kSlot * stage_bytes, b, kSlot % 2 != 0);
    }
    while (half == block.half()) {
      typename Arithmetic::Sums sums[kBlocks];
#pragma unroll
      for (int s = 0; s < kSteps_y; ++s) {
#pragma unroll
        for (int b = 0; b < kBlocks; ++b) {
          typename Arithmetic::Half halves[kGroup];
#pragma unroll
          for (int i = 0; i < kGroup; ++i) halves[i] = ring[b][s * kGroup + i];
          Arithmetic::accumulate(sums[b], halves, weights[s]);
        }
      }
      const bool more = block.next(kSteps_y);
      if (more) load_weights();
      store.store([&](int b, int i) { return arithmetic.value(sums[b], i); });
      if (!more) return true;
    }
    ++half;
    return false;
  };
  const auto turn = [&]<int... kSlots>(std::integer_sequence<int, kSlots...>) {
    return (advance(std::integral_constant<int, kSlots>()) || ...);
  };
  while (!turn(std::make_integer_sequence<int, kHalves>())) {
    const std::uint32_t last = bank;
    bank = other;
    other = last;
  }
}

/// The last halves wait in shared memory, where their number is not bound by the registers.
template <class Arithmetic, class Store, int kBlocks, int kSteps, int kCopies>
__device__ void matrix_tile_in_shared_memory(const TileDesc& tile, const SeparableArguments& arguments,
                                             std::uint32_t memory, int lane) {
  constexpr int kGroup = step_halves(Arithmetic::kInteger);
  constexpr std::uint32_t kBlockBytes = 32 * Arithmetic::kHalfBytes;
  constexpr int kAhead = kSharedStages - 1;

  RowStream<kCopies, true> rows(tile, lane);
  const std::uint32_t stages = memory + kept_bytes<Arithmetic>(arguments), stage_bytes = kHalfRows * tile.pitch;
  const auto following = [&](std::uint32_t stage) {
    return stage == stages + (kSharedStages - 1) * stage_bytes ? stages : stage + stage_bytes;
  };
  std::uint32_t stage = stages, target = stages;
#pragma unroll 1
  for (int i = 0; i < kAhead; ++i, target = following(target)) rows.load(target);

  const Arithmetic arithmetic(tile, arguments);
  const HorizontalPass<Arithmetic, kBlocks, kSteps> horizontal(tile, arguments, lane);
  typename Store::template Of<kBlocks, true> store(tile, arguments, lane);
  BlockWalk block(tile, arguments, lane);

  // The first weights of a block are loaded when the one before it is done, the others as these are used.
  constexpr int kWeightsAhead = kBlocks * kSteps > 4 ? 2 : 4;  // what the registers have room for
  uint4 weights[kWeightsAhead];
  const auto load_weights = [&] {
#pragma unroll
    for (int i = 0; i < kWeightsAhead; ++i) {
      if (i < tile.y_steps) weights[i] = block.weights()[i * 32];
    }
  };
  load_weights();

  // Each lane keeps and takes its own values only, so the ring needs no barrier.
  const auto kept_at = [&](int half, int b) {
    return memory + static_cast<std::uint32_t>(((half & (arguments.ring_halves - 1)) * kBlocks + b) * kBlockBytes +
                                               lane * Arithmetic::kHalfBytes);
  };
  const int halves = tile.y_steps * kGroup;
#pragma unroll 1
  for (int half = tile.first_half;; ++half, stage = following(stage), target = following(target)) {
    wait_copies<kAhead - 1>();
    __syncwarp();  // all lanes' copies have landed, and all lanes have read the half before
    rows.load(target);
#pragma unroll
    for (int b = 0; b < kBlocks; ++b) {
      Arithmetic::keep(kept_at(half, b), horizontal(arithmetic, stage, b, half % 2 != 0));
    }

    while (half == block.half()) {
      typename Arithmetic::Sums sums[kBlocks];
#pragma unroll 1
      for (int s0 = 0; s0 < tile.y_steps; s0 += kWeightsAhead) {
#pragma unroll
        for (int i = 0; i < kWeightsAhead; ++i) {
          const int s = s0 + i;
          if (s >= tile.y_steps) break;
#pragma unroll
          for (int b = 0; b < kBlocks; ++b) {
            typename Arithmetic::Half window[kGroup];
#pragma unroll
            for (int j = 0; j < kGroup; ++j) {
              window[j] = Arithmetic::kept(kept_at(half_at(s * kGroup + j, halves, half), b));
            }
            Arithmetic::accumulate(sums[b], window, weights[i]);
          }
          if (s + kWeightsAhead < tile.y_steps) weights[i] = block.weights()[(s + kWeightsAhead) * 32];
        }
      }
      const bool more = block.next(tile.y_steps);
      if (more) load_weights();
      store.store([&](int b, int i) { return arithmetic.value(sums[b], i); });
      if (!more) return;
    }
  }
}

}  // namespace kir::cuda
