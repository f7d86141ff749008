// The source rows of a tile, eight at a time (a half), on their way to a warp's own ring in shared memory.
#pragma once

#include "kernels/cuda/matrix.cuh"
#include "kernels/cuda/tile.hpp"

namespace kir::cuda {

/// Loads the halves of a tile one after the other, eight rows each. Rows lie `pitch` bytes apart in a stage, each
/// shifted by the low four bits of its global address, because a copy moves aligned groups of 16 bytes. What is there
/// beside the bytes that the tile needs is arbitrary and meets zero weights. kCopies: of 16 bytes by a lane for a half.
/// kAnyTile: also one near the end of its image (TileDesc::careful), where a whole group may reach beyond it.
template <int kCopies, bool kAnyTile>
class RowStream {
  static constexpr int kLanesPerRow = 4 * kCopies, kRowsPerCopy = 32 / kLanesPerRow;

 public:
  __device__ RowStream(const TileDesc& tile, int lane)
      : careful_(tile.careful), column_(16 * (lane % kLanesPerRow)), width_(tile.width) {
    const int row = lane / kLanesPerRow;
    const int first = kHalfRows * tile.first_half + row;
    rows_left_ = tile.row_end - first;
    // The most groups that a row of this width touches, whatever its phase.
    if ((!kAnyTile || !careful_) && column_ >= width_ + 15) rows_left_ = 0;
    step_ = kRowsPerCopy * tile.source_y;
    at_ = reinterpret_cast<std::uint64_t>(tile.source) + static_cast<std::uint64_t>(first * tile.source_y);
    to_ = static_cast<std::uint32_t>(row * tile.pitch + column_);
    to_step_ = static_cast<std::uint32_t>(kRowsPerCopy * tile.pitch);
  }

  /// The next half to `stage`: begins the copies of a group, which wait_copies() counts.
  __device__ void load(std::uint32_t stage) {
    std::uint32_t to = stage + to_;
    int rows_left = rows_left_;
    if (!kAnyTile || !careful_) {
#pragma unroll
      for (int i = 0; i < kCopies; ++i) {
        if (rows_left > 0) copy_async_16(to, (at_ & ~std::uint64_t{15}) + static_cast<std::uint32_t>(column_));
        rows_left -= kRowsPerCopy;
        at_ += step_;
        to += to_step_;
      }
    } else {
      for (int i = 0; i < kCopies; ++i) {
        const int phase = static_cast<int>(at_ & 15), bytes = phase + width_ - column_;
        if (rows_left > 0 && bytes > 0) copy_part(to, at_ - phase + column_, min(bytes, 16));
        rows_left -= kRowsPerCopy;
        at_ += step_;
        to += to_step_;
      }
    }
    commit_copies();
    rows_left_ -= kHalfRows;
  }

 private:
  /// No byte beyond the last one that is needed: a part of a group goes byte by byte.
  __device__ static void copy_part(std::uint32_t to, std::uint64_t from, int bytes) {
    if (bytes == 16) return copy_async_16(to, from);
    for (int i = 0; i < bytes; ++i) store_shared_byte(to + i, reinterpret_cast<const std::uint8_t*>(from)[i]);
  }

  bool careful_;
  int column_, width_, rows_left_;
  std::uint32_t to_, to_step_;
  std::int64_t step_;
  std::uint64_t at_;
};

}  // namespace kir::cuda
