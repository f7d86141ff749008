// The source rows of a tile, eight at a time (a half), through a warp's own ring in shared memory.
#pragma once

#include "kernels/cuda/matrix.cuh"
#include "kernels/cuda/tile.hpp"

namespace kir::cuda {

/// Loads the halves of a tile one after the other, kStages - 1 ahead. Rows lie `pitch` bytes apart in a stage, each
/// shifted by the low four bits of its global address, because a copy moves aligned groups of 16 bytes. Bytes of rows
/// and columns that the tile does not need are not written: whatever is there meets zero weights.
class RowStream {
 public:
  __device__ RowStream(const TileDesc& tile, std::uint32_t ring, int lane)
      : pitch_(tile.pitch), stage_bytes_(kHalfRows * tile.pitch), ring_(ring), stage_(ring), target_(ring) {
    const int lanes = tile.lanes_per_row, group = lane & (lanes - 1);
    rows_per_copy_ = 32 / lanes;
    row_ = lane / lanes + kHalfRows * tile.first_half;
    begin_ = tile.row_begin;
    end_ = tile.row_end;
    column_ = 16 * group;
    width_ = tile.width;
    stride_ = tile.source_y;
    at_ = reinterpret_cast<std::uint64_t>(tile.source) + static_cast<std::uint64_t>(row_ * stride_);
    to_ = static_cast<std::uint32_t>(lane / lanes * pitch_ + column_);
    for (int i = 0; i < kStages - 1; ++i) load_half();
  }

  /// The address of the next half in shared memory; valid until the call after this one.
  __device__ std::uint32_t next() {
    wait_copies<kStages - 2>();
    __syncwarp();  // all lanes' copies have landed, and all lanes have read the half before
    load_half();
    const std::uint32_t half = stage_;
    stage_ = following(stage_);
    return half;
  }

 private:
  __device__ std::uint32_t following(std::uint32_t stage) const {
    const std::uint32_t next = stage + stage_bytes_;
    return next == ring_ + kStages * stage_bytes_ ? ring_ : next;
  }

  __device__ void load_half() {
    std::uint64_t at = at_;
    std::uint32_t to = target_ + to_;
    for (int row = row_, passed = 0; passed < kHalfRows; passed += rows_per_copy_) {
      const int phase = static_cast<int>(at & 15);
      const int bytes = phase + width_ - column_;
      if (bytes > 0 && row >= begin_ && row < end_) copy_async_16(to, at - phase + column_, min(bytes, 16));
      row += rows_per_copy_;
      at += rows_per_copy_ * stride_;
      to += rows_per_copy_ * pitch_;
    }
    commit_copies();
    row_ += kHalfRows;
    at_ += kHalfRows * stride_;
    target_ = following(target_);
  }

  int pitch_, rows_per_copy_, row_, begin_, end_, column_, width_;
  std::uint32_t stage_bytes_, ring_, stage_, target_, to_;
  std::int64_t stride_;
  std::uint64_t at_;
};

}  // namespace kir::cuda
