// What the matrix tiles of a block read, on its way to shared memory: stage after stage, tile after tile, without a gap
// between tiles. A stage is two steps of source rows, the vertical weights of the blocks that they meet, and a head
// that says which these are. All threads load. Each says once a stage that it has done with the stage before and that
// its copies for the next have landed, and waits a stage later for all others to have said so: a warp may be a stage
// ahead.
#pragma once

#include "kernels/cuda/matrix.cuh"
#include "kernels/cuda/tile.hpp"

namespace kir::cuda {

inline constexpr int kStageHeadBytes = 16;  ///< one word a step (StepHead), the tile's number, nothing
inline constexpr int kBlockHeadBytes =
    16;  ///< shared memory before the stages: the next tile's number, nothing, a barrier

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

template <bool kInteger>
class StageStream {
 public:
  __device__ StageStream(const SeparableArguments& arguments, std::byte* shared)
      : arguments_(arguments),
        next_(reinterpret_cast<std::uint32_t*>(shared)),
        first_(shared_address(shared) + kBlockHeadBytes),
        lane_(static_cast<int>(threadIdx.x % 32)),
        warp_(static_cast<int>(threadIdx.x / 32)),
        filled_(first_),
        used_(first_),
        is_over_(blockIdx.x >= arguments.matrix_tiles) {
    if (is_over_) return;
    if (threadIdx.x == 0) init_barrier(barrier(), blockDim.x);
    begin(blockIdx.x);
    for (int i = 0; i < 2; ++i) load(arguments_.tiles[tile_].load);
    __syncthreads();  // next_tile() reads the head of the first stage before advance() waits for all of it
  }

  /// Waits for the next stage, if there is one, and sends for one that is further on. All threads of the block.
  __device__ void advance() {
    if (is_used_) {
      used_ = following(used_);
      --waiting_;
    }
    const LoadDesc tile = arguments_.tiles[tile_].load;  // on its way while this waits
    if (turn_ == 0) {
      wait_copies<1>();
      __syncthreads();
    } else {
      wait_phase(barrier(), (turn_ - 1) & 1);
    }
    is_used_ = has_next();
    load(tile);
    wait_copies<1>();  // all groups of copies but the last
    arrive(barrier());
    ++turn_;
  }

  __device__ bool has_stage() const { return is_used_; }
  /// No stage is left, and none will come.
  __device__ bool is_over() const { return is_over_ && waiting_ == (is_used_ ? 1 : 0); }
  /// The tile of the stage that advance() will wait for; null while that is not known, or there is none.
  __device__ const TileDesc* next_tile() const {
    if (waiting_ - (is_used_ ? 1 : 0) <= (is_last_filled_ ? 1 : 0)) return nullptr;
    return &arguments_.tiles[load_shared(head(is_used_ ? following(used_) : used_) + 8)];
  }

  // The stage that advance() waited for
  __device__ std::uint32_t rows() const { return used_; }
  __device__ std::uint32_t weights(int step) const { return weights_of(used_, step); }
  __device__ StepHead step(int step) const { return {load_shared(head(used_) + 4 * static_cast<std::uint32_t>(step))}; }

 private:
  static constexpr int kWarpsPerStep = kWarpsPerBlock / kStageSteps;
  static constexpr int kRowsPerWarp = kStepRows / kWarpsPerStep;

  __device__ std::uint32_t barrier() const { return first_ - 8; }
  __device__ std::uint32_t head(std::uint32_t stage) const { return stage + arguments_.stage_bytes - kStageHeadBytes; }
  __device__ std::uint32_t weights_of(std::uint32_t stage, int step) const {
    return stage + arguments_.weights_at + static_cast<std::uint32_t>(step) * arguments_.weights_bytes;
  }
  __device__ std::uint32_t following(std::uint32_t stage) const {
    return stage == first_ + (kStages - 1) * arguments_.stage_bytes ? first_ : stage + arguments_.stage_bytes;
  }

  /// Whether a stage waits that was not filled by the last group of copies, for this group is not waited for.
  __device__ bool has_next() const { return waiting_ > (is_last_filled_ ? 1 : 0); }

  __device__ void begin(std::uint32_t tile) {
    if (threadIdx.x == 0) drawn_ = atomicAdd(arguments_.next, 1u);
    tile_ = tile;
    age_ = 0;
    step_ = warp_ / kWarpsPerStep;
    const LoadDesc& desc = arguments_.tiles[tile].load;
    stages_ = (desc.steps + kStageSteps - 1) / kStageSteps;
    if (step_ < desc.steps) read_step(desc.steps_at);
  }

  /// Fills the next slot and ends a group of copies, an empty one where there is nothing to load now. The number of the
  /// next tile is drawn when a tile begins, stored a barrier later, and read after one more.
  /// `tile`: what is loaded, unless another tile begins.
  __device__ void load(LoadDesc tile) {
    if (age_ == 1 && threadIdx.x == 0) *next_ = drawn_ + gridDim.x;
    if (age_ >= 2 && !is_over_) {
      const std::uint32_t next = *next_;
      if (next >= arguments_.matrix_tiles) {
        is_over_ = stages_ == 0;
      } else if (stages_ == 0) {
        begin(next);
        tile = arguments_.tiles[next].load;
      } else if (age_ == 2) {
        touch(&arguments_.tiles[next], sizeof(TileDesc), lane_);
      }
    }
    ++age_;
    is_last_filled_ = stages_ > 0;
    if (is_last_filled_) {
      load_stage(tile);
      filled_ = following(filled_);
      ++waiting_;
      --stages_;
    }
    commit_copies();
  }

  __device__ void load_stage(const LoadDesc& tile) {
    const int part = warp_ % kWarpsPerStep, slot = warp_ / kWarpsPerStep;
    // Of the step's blocks those that are the tile's
    const int first = max(desc_.z, int{tile.first_block});
    const int blocks = step_ < tile.steps ? max(min(desc_.w, int{tile.end_block}) - first, 0) : 0;
    const int done = max(min(following_first_, int{tile.end_block}) - first, 0);
    if (part == 0 && lane_ == 0) {
      const std::uint32_t to = head(filled_);
      store_shared(to + 4 * static_cast<std::uint32_t>(slot),
                   StepHead::of(blocks, done, (desc_.x & kHalfRows) != 0).word);
      if (slot == 0) store_shared(to + 8, tile_);
    }
    if (blocks > 0) {
      load_rows(tile, desc_.x + part * kRowsPerWarp,
                filled_ + static_cast<std::uint32_t>((slot * kStepRows + part * kRowsPerWarp) * tile.pitch));
      const auto lane_bytes = static_cast<std::uint32_t>(16 * (part * 32 + lane_));
      const std::uint32_t to = weights_of(filled_, slot) + lane_bytes;
      const auto from = reinterpret_cast<std::uint64_t>(arguments_.workspace) + std::uint64_t{tile.y_table} * 16 +
                        std::uint64_t{static_cast<std::uint32_t>(desc_.y + first - desc_.z)} * pair_bytes(kInteger) +
                        lane_bytes;
      const auto bytes = static_cast<std::uint32_t>(blocks * pair_bytes(kInteger));
      for (std::uint32_t at = 0; at + lane_bytes < bytes; at += 16 * 32 * kWarpsPerStep) {
        copy_async_16(to + at, from + at);
      }
    }
    // The next one: no lane waits for it before the next stage.
    step_ += kStageSteps;
    if (step_ < tile.steps) read_step(tile.steps_at);
  }

  __device__ void read_step(std::uint32_t steps_at) {
    const auto* const at = reinterpret_cast<const int4*>(arguments_.workspace) + steps_at + step_;
    desc_ = at[0];
    following_first_ = at[1].z;
  }

  /// Eight rows, if the tile needs any of them. Each is shifted by the low four bits of its global address, because
  /// a copy moves aligned groups of 16 bytes. What is there beside the bytes that the tile needs is arbitrary and meets
  /// zero weights.
  __device__ void load_rows(const LoadDesc& tile, int row, std::uint32_t to) const {
    const int groups = (tile.width + 30) / 16;  // the most that a row of this width touches, whatever its phase
    if (row < tile.row_begin || row >= tile.row_end) return;
    if (tile.careful || row + kRowsPerWarp > tile.row_end || groups > 32) {
      return load_any_rows(arguments_.tiles[tile_], row, to, lane_);
    }
    if (groups <= 16) {
      load_whole_rows<2>(tile, row, to, groups);
    } else {
      load_whole_rows<1>(tile, row, to, groups);
    }
  }

  /// kRows by one instruction of the warp.
  template <int kRows>
  __device__ void load_whole_rows(const LoadDesc& tile, int row, std::uint32_t to, int groups) const {
    constexpr int kLanes = 32 / kRows;
    const int down = lane_ / kLanes, group = lane_ % kLanes;
    if (group >= groups) return;
    std::uint64_t from = reinterpret_cast<std::uint64_t>(tile.source) +
                         static_cast<std::uint64_t>((row + down) * tile.source_y) +
                         static_cast<std::uint32_t>(16 * group);
    to += static_cast<std::uint32_t>(down * tile.pitch + 16 * group);
#pragma unroll
    for (int i = 0; i < kRowsPerWarp; i += kRows) {
      copy_async_16(to, from & ~std::uint64_t{15});
      from += static_cast<std::uint64_t>(kRows * tile.source_y);
      to += static_cast<std::uint32_t>(kRows * tile.pitch);
    }
  }

  /// No row beyond the image; of a group that reaches beyond the image only the bytes before its end. Rare: not
  /// inlined, and without this object, which is in registers.
  __device__ __noinline__ static void load_any_rows(const TileDesc& desc, int row, std::uint32_t to, int lane) {
    const LoadDesc& tile = desc.load;
    const auto end = tile.careful ? reinterpret_cast<std::uint64_t>(desc.source_end) : ~std::uint64_t{0};
    const int groups = (tile.width + 30) / 16;
#pragma unroll 1
    for (int i = 0; i < kRowsPerWarp; ++i, to += tile.pitch) {
      if (row + i >= tile.row_end) continue;
      const auto at =
          (reinterpret_cast<std::uint64_t>(tile.source) + static_cast<std::uint64_t>((row + i) * tile.source_y)) &
          ~std::uint64_t{15};
#pragma unroll 1
      for (int group = lane; group < groups; group += 32) {
        const std::uint64_t from = at + static_cast<std::uint32_t>(16 * group);
        const std::uint32_t target = to + static_cast<std::uint32_t>(16 * group);
        if (from <= end - 16) {
          copy_async_16(target, from);
        } else {
          for (int b = 0; b < 16 && from + b < end; ++b) {
            store_shared_byte(target + b, *reinterpret_cast<const std::uint8_t*>(from + b));
          }
        }
      }
    }
  }

  const SeparableArguments& arguments_;
  std::uint32_t* next_;
  std::uint32_t first_;
  int lane_, warp_;

  std::uint32_t filled_, used_;  ///< the slot that is filled next, and the one that is read
  unsigned turn_ = 0;            ///< calls of advance()
  int waiting_ = 0;              ///< stages that are filled, or being filled, and not read
  bool is_used_ = false;         ///< used_ is a stage
  bool is_last_filled_ = false;  ///< the last group of copies fills a stage
  bool is_over_;                 ///< there are no more tiles

  // The tile that is loaded
  std::uint32_t tile_ = 0, drawn_ = 0;
  int stages_ = 0, age_ = 2;  ///< left to load; calls of load() since it began
  int step_ = 0;              ///< of this warp
  int4 desc_ = {};            ///< a StepDesc: row, pair, first, end; ...
  int following_first_ = 0;   ///< ... and `first` of the one after it
};

}  // namespace kir::cuda
