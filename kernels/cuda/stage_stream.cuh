// What the matrix tiles read, on its way to shared memory: stage after stage, tile after tile, without a gap between
// tiles. A stage is two steps of source rows, the vertical weights of the blocks that they meet, and a head that says
// which these are. One warp loads for a team of four, which compute; a ring of stages is between them, with two
// barriers a slot.
#pragma once

#include "kernels/cuda/compiled.cuh"
#include "kernels/cuda/matrix.cuh"
#include "kernels/cuda/tile.hpp"

namespace kir::cuda {

/// What a warp must know of a step: how many blocks of the tile it meets, how many of them it finishes, and whether its
/// first row is an odd number of halves from row 0.
struct StepHead {
  std::uint32_t word = 0;
  __device__ static StepHead of(int blocks, int done, bool odd) {
    return {static_cast<std::uint32_t>(blocks) | static_cast<std::uint32_t>(done) << 12 | (odd ? 1u << 24 : 0u)};
  }
  __device__ int blocks() const { return static_cast<int>(word & 0xfffu); }
  __device__ int done() const { return static_cast<int>(word >> 12 & 0xfffu); }
  __device__ bool odd() const { return word >> 24 != 0; }
};

/// The ring of a team, and where its loader or one of its other warps is in it.
class StageRing {
 public:
  /// `team`: of the block.
  __device__ StageRing(const SeparableArguments& arguments, std::uint32_t shared, int team)
      : stage_bytes_(arguments.stage_bytes),
        barriers_(shared + static_cast<std::uint32_t>(team) * kTeamBarrierBytes),
        first_(shared + kBlockHeadBytes + static_cast<std::uint32_t>(team) * kStages * stage_bytes_),
        stage_(first_) {}

  /// Called by one thread, before any thread of the block uses the ring.
  __device__ void init() const {
    for (int slot = 0; slot < kStages; ++slot) {
      init_barrier(barriers_ + 16 * static_cast<std::uint32_t>(slot), 32 + 1);  // copies of each lane, and the rest
      init_barrier(barriers_ + 16 * static_cast<std::uint32_t>(slot) + 8, 32 * kTeamWarps);
    }
  }

  __device__ std::uint32_t stage() const { return stage_; }
  __device__ std::uint32_t head() const { return stage_ + stage_bytes_ - kStageHeadBytes; }
  __device__ std::uint32_t filled() const { return barriers_ + 16 * slot_; }
  __device__ std::uint32_t emptied() const { return filled() + 8; }
  __device__ unsigned parity() const { return parity_; }

  __device__ void next() {
    ++slot_;
    stage_ += stage_bytes_;
    if (slot_ == kStages) {
      slot_ = 0;
      stage_ = first_;
      parity_ ^= 1;
    }
  }

 private:
  std::uint32_t stage_bytes_, barriers_, first_, stage_;
  std::uint32_t slot_ = 0;
  unsigned parity_ = 0;
};

/// The first tile of a team; the others are drawn from the counter.
__device__ inline std::uint32_t first_tile(int team) {
  return blockIdx.x + gridDim.x * static_cast<std::uint32_t>(team);
}

/// Asks for the first rows of a tile, so that they are on their way while other things are looked up: all lanes of a
/// warp.
__device__ inline void prefetch_rows(const LoadDesc& load, int lane) {
  constexpr int kLine = 128, kRows = 2 * kStageRows;
#pragma unroll 1
  for (int row = load.row_begin + lane; row < min(load.row_begin + kRows, load.row_end); row += 32) {
    const std::uint64_t at =
        reinterpret_cast<std::uint64_t>(load.source) + static_cast<std::uint64_t>(row * load.source_y);
#pragma unroll 1
    for (int column = 0; column < load.width; column += kLine) prefetch_line(at + static_cast<unsigned>(column));
  }
}

/// Fills the ring of a team; all lanes of one warp call it together.
template <bool kInteger, TableMemory kMemory>
class StageLoader {
 public:
  __device__ StageLoader(const SeparableArguments& arguments, StageRing ring)
      : arguments_(arguments), ring_(ring), lane_(static_cast<int>(threadIdx.x % 32)) {}

  /// All stages of the tile `tile`, then those of the tiles that it draws from the counter. `drawn_before`: tiles that
  /// teams have without drawing them.
  __device__ void load_tiles(std::uint32_t tile, std::uint32_t drawn_before) {
    while (tile < arguments_.matrix_tiles) {
      std::uint32_t next = 0;
      if (lane_ == 0) next = atomicAdd(arguments_.next, 1u) + drawn_before;
      const LoadDesc load = arguments_.tiles[tile].load;
      const auto end = reinterpret_cast<std::uint64_t>(arguments_.tiles[tile].source_end);
      // A block that makes its tables on chip has asked for the rows before.
      if constexpr (kMemory == TableMemory::workspace) prefetch_rows(load, lane_);
      for (int first = 0; first < load.steps; first += 32) {
        const Step mine = step_of(load, first + lane_);  // a step each
        const int steps = min(32, load.steps - first);
#pragma unroll 1
        for (int step = 0; step < steps; step += kStageSteps) {
          wait_phase(ring_.emptied(), ring_.parity() ^ 1);
#pragma unroll 1
          for (int i = 0; i < kStageSteps; ++i) load_step(load, end, i, mine.of_lane(step + i));
          if (first + step + kStageSteps >= load.steps && lane_ == 0) store_shared(ring_.head() + 8, next);
          arrive_with_copies(ring_.filled());
          __syncwarp();
          if (lane_ == 0) arrive(ring_.filled());
          ring_.next();
        }
      }
      tile = __shfl_sync(~0u, next, 0);
    }
  }

 private:
  struct Step {
    StepHead head;
    int row;             ///< its first source row
    std::uint32_t pair;  ///< where the weights of its first block in the tile are
    __device__ Step of_lane(int lane) const {
      return {{__shfl_sync(~0u, head.word, lane)}, __shfl_sync(~0u, row, lane), __shfl_sync(~0u, pair, lane)};
    }
  };

  /// The blocks of the step that belong to the tile. A step beyond the tile's last one has none.
  __device__ Step step_of(const LoadDesc& load, int step) const {
    if (step >= load.steps) return {{0}, 0, 0};
    const auto* const descs = reinterpret_cast<const int4*>(arguments_.memory) + load.steps_at + step;
    const int4 desc = descs[0];  // a StepDesc: row, pair, first, end
    const int first = max(desc.z, int{load.first_block}), end = load.end_block;
    const int blocks = max(min(desc.w, end) - first, 0), done = max(min(descs[1].z, end) - first, 0);
    return {StepHead::of(blocks, done, (desc.x & kHalfRows) != 0), desc.x,
            static_cast<std::uint32_t>(desc.y + first - desc.z)};
  }

  /// Step i of the stage.
  __device__ void load_step(const LoadDesc& load, std::uint64_t end, int i, const Step& step) const {
    if (lane_ == 0) store_shared(ring_.head() + 4 * static_cast<std::uint32_t>(i), step.head.word);
    if (step.head.blocks() == 0) return;

    std::uint32_t to = ring_.stage() + arguments_.weights_at + static_cast<std::uint32_t>(i) * arguments_.weights_bytes;
    auto from = reinterpret_cast<std::uint64_t>(arguments_.memory) + std::uint64_t{load.y_table} * 16 +
                std::uint64_t{step.pair} * pair_bytes(kInteger);
    const auto bytes = static_cast<std::uint32_t>(step.head.blocks() * pair_bytes(kInteger));
#pragma unroll 1
    for (std::uint32_t at = 16 * static_cast<std::uint32_t>(lane_); at < bytes; at += 16 * 32) {
      if constexpr (kMemory == TableMemory::workspace) {
        copy_async_16(to + at, from + at);
      } else {
        store_shared_16(to + at, *reinterpret_cast<const uint4*>(from + at));
      }
    }

    const int groups = (load.width + 30) / 16;  // the most that a row of this width touches, whatever its phase
    const int first = max(load.row_begin - step.row, 0), rows = min(load.row_end - step.row, kStepRows) - first;
    const int row = step.row + first;
    to = ring_.stage() + static_cast<std::uint32_t>((i * kStepRows + first) * load.pitch);
    const std::uint64_t last = group_of(load, load.source_y > 0 ? row + rows - 1 : row, groups - 1);
    if (rows % kHalfRows != 0 || last + 16 > end) {
      load_rows<1, true>(load, end, row, rows, to, groups);
      if (last + 16 > end) load_end(load, end, row, rows, to, groups);
    } else if (groups > 16) {
      load_rows<1, false>(load, end, row, rows, to, groups);
    } else {
      load_rows<2, false>(load, end, row, rows, to, groups);
    }
  }

  /// Where 16 bytes begin that a row needs: a copy moves aligned groups.
  __device__ static std::uint64_t group_of(const LoadDesc& load, int row, int group) {
    return (reinterpret_cast<std::uint64_t>(load.source) + static_cast<std::uint64_t>(row * load.source_y) +
            static_cast<std::uint32_t>(16 * group)) &
           ~std::uint64_t{15};
  }

  /// An instruction of the warp loads kRows rows. Each row is shifted by the low four bits of its global address. The
  /// bytes beside those that the tile needs are arbitrary and meet zero weights. kAtEnd: any number of rows instead of
  /// whole halves, and no group that reaches beyond the image.
  template <int kRows, bool kAtEnd>
  __device__ void load_rows(const LoadDesc& load, std::uint64_t end, int row, int rows, std::uint32_t to,
                            int groups) const {
    constexpr int kLanes = 32 / kRows, kAtOnce = 4;
    const int down = lane_ / kLanes;
    const auto stride = static_cast<std::uint64_t>(kRows * load.source_y);
    const auto pitch = static_cast<std::uint32_t>(kRows * load.pitch);
#pragma unroll 1
    for (int group = lane_ % kLanes; group < groups; group += kLanes) {
      std::uint64_t from = reinterpret_cast<std::uint64_t>(load.source) +
                           static_cast<std::uint64_t>((row + down) * load.source_y) +
                           static_cast<std::uint32_t>(16 * group);
      std::uint32_t target = to + static_cast<std::uint32_t>(down * load.pitch + 16 * group);
#pragma unroll 1
      for (int i = 0; i < rows; i += kRows * kAtOnce) {
#pragma unroll
        for (int j = 0; j < kAtOnce; ++j) {
          const std::uint64_t aligned = from & ~std::uint64_t{15};
          if (!kAtEnd || (i + j * kRows + down < rows && aligned + 16 <= end)) copy_async_16(target, aligned);
          from += stride;
          target += pitch;
        }
      }
    }
  }

  /// Loads the groups that reach beyond the image: the bytes before its end, and zeros.
  __device__ void load_end(const LoadDesc& load, std::uint64_t end, int row, int rows, std::uint32_t to,
                           int groups) const {
#pragma unroll 1
    for (int i = 0; i < rows; ++i) {
#pragma unroll 1
      for (int group = lane_; group < groups; group += 32) {
        const std::uint64_t from = group_of(load, row + i, group);
        if (from + 16 <= end) continue;
        std::uint32_t words[4] = {};
#pragma unroll
        for (int b = 0; b < 16; ++b) {
          if (from + b < end)
            words[b / 4] |= std::uint32_t{*reinterpret_cast<const std::uint8_t*>(from + b)} << b % 4 * 8;
        }
#pragma unroll
        for (int w = 0; w < 4; ++w) {
          store_shared(to + static_cast<std::uint32_t>(i * load.pitch + 16 * group + 4 * w), words[w]);
        }
      }
    }
  }

  const SeparableArguments& arguments_;
  StageRing ring_;
  int lane_;
};

/// Empties the ring of a team, for one of its warps.
class StageReader {
 public:
  __device__ StageReader(const SeparableArguments& arguments, StageRing ring) : arguments_(arguments), ring_(ring) {}

  /// Until the next stage is there.
  __device__ void wait() const { wait_phase(ring_.filled(), ring_.parity()); }
  /// This thread has read all that it needs of the stage.
  __device__ void done() {
    arrive(ring_.emptied());
    ring_.next();
  }

  __device__ std::uint32_t rows() const { return ring_.stage(); }
  __device__ std::uint32_t weights(int step) const {
    return ring_.stage() + arguments_.weights_at + static_cast<std::uint32_t>(step) * arguments_.weights_bytes;
  }
  __device__ StepHead step(int step) const {
    return {load_shared(ring_.head() + 4 * static_cast<std::uint32_t>(step))};
  }
  /// The tile after this one, known in its last stage.
  __device__ std::uint32_t next_tile() const { return load_shared(ring_.head() + 8); }

 private:
  const SeparableArguments& arguments_;
  StageRing ring_;
};

}  // namespace kir::cuda
