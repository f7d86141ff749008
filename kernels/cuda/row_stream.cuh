// The source rows of a tile, eight at a time (a half), on their way to a warp's own ring in shared memory.
#pragma once

#include "kernels/cuda/matrix.cuh"
#include "kernels/cuda/tile.hpp"

namespace kir::cuda {

/// Loads the halves of a tile one after the other. Rows lie `pitch` bytes apart in a stage, each shifted by the low
/// four bits of its global address, because a copy moves aligned groups of 16 bytes. What is there beside the bytes
/// that the tile needs is arbitrary and meets zero weights. kMaxCopies: of 16 bytes by a lane for a half.
template <int kMaxCopies>
class RowStream {
 public:
  __device__ RowStream(const TileDesc& tile, int lane)
      : copies_(tile.lanes_per_row / 4), careful_(tile.careful), rows_per_copy_(32 / tile.lanes_per_row) {
    const int row = lane / tile.lanes_per_row;
    column_ = 16 * (lane % tile.lanes_per_row);
    width_ = tile.width;
    const int first = kHalfRows * tile.first_half + row;
    rows_left_ = tile.row_end - first;
    // The most groups that a row of this width touches, whatever its phase.
    if (!careful_ && column_ >= width_ + 15) rows_left_ = 0;
    step_ = rows_per_copy_ * tile.source_y;
    at_ = reinterpret_cast<std::uint64_t>(tile.source) + static_cast<std::uint64_t>(first * tile.source_y);
    to_ = static_cast<std::uint32_t>(row * tile.pitch + column_);
    to_step_ = static_cast<std::uint32_t>(rows_per_copy_ * tile.pitch);
  }

  /// The next half to `stage`: begins the copies of a group, which wait_copies() counts.
  __device__ void load(std::uint32_t stage) {
    std::uint32_t to = stage + to_;
    int rows_left = rows_left_;
    if (!careful_) {
#pragma unroll
      for (int i = 0; i < kMaxCopies; ++i) {
        if (i >= copies_) break;
        if (rows_left > 0) copy_async_16(to, (at_ & ~std::uint64_t{15}) + static_cast<std::uint32_t>(column_));
        rows_left -= rows_per_copy_;
        at_ += step_;
        to += to_step_;
      }
    } else {
      // Near the end of the image: no byte beyond the last one that is needed of a row.
      for (int i = 0; i < copies_; ++i) {
        const int phase = static_cast<int>(at_ & 15), bytes = phase + width_ - column_;
        if (rows_left > 0 && bytes > 0) copy_async_16(to, at_ - phase + column_, min(bytes, 16));
        rows_left -= rows_per_copy_;
        at_ += step_;
        to += to_step_;
      }
    }
    commit_copies();
    rows_left_ -= kHalfRows;
  }

 private:
  int copies_;
  bool careful_;
  int rows_per_copy_, column_, width_, rows_left_;
  std::uint32_t to_, to_step_;
  std::int64_t step_;
  std::uint64_t at_;
};

}  // namespace kir::cuda
