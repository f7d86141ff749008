// How a block of 8 output rows leaves the registers. A lane has, for each block of columns, the values
//   0: (row 2t, column 2g)  1: (2t + 1, 2g)  2: (2t, 2g + 1)  3: (2t + 1, 2g + 1),
// because the rows of the matrix instructions are assigned to output columns in that order: neighbours are stored at
// once, and every store instruction of a warp fills whole sectors of 32 bytes.
#pragma once

#include <type_traits>

#include "kernels/cuda/compiled.cuh"
#include "kernels/cuda/store.cuh"
#include "kernels/cuda/tile.hpp"

namespace kir::cuda {

/// Two neighbouring elements of plain rows.
struct PairOfF32 {
  using Element = float;
  __device__ PairOfF32(Type) {}
  __device__ void store(float* at, float first, float second) const {
    __stcs(reinterpret_cast<float2*>(at), make_float2(first, second));
  }
  __device__ void store(float* at, float value) const { __stcs(at, value); }
};

struct PairOf16 {
  using Element = unsigned short;
  bool bf16;
  __device__ PairOf16(Type type) : bf16(type == Type::bf16) {}
  __device__ void store(unsigned short* at, float first, float second) const {
    __stcs(reinterpret_cast<unsigned*>(at), bits(first) | bits(second) << 16);
  }
  __device__ void store(unsigned short* at, float value) const { __stcs(at, static_cast<unsigned short>(bits(value))); }

 private:
  __device__ unsigned bits(float value) const { return bf16 ? bf16_bits(value) : f16_bits(value); }
};

/// Plain rows: the columns of a row are neighbours, rows are target_y elements apart. kAnyTile: also those of a job
/// without JobDesc::pairs.
template <class Pair, int kBlocks, bool kAnyTile>
class RowStore {
  using Element = typename Pair::Element;

 public:
  /// `first`: the warp's first column in the tile.
  __device__ RowStore(const TileDesc& tile, const SeparableArguments&, int first, int lane)
      : pair_(tile.target_type),
        rows_(tile.rows - 2 * (lane & 3)),
        columns_(tile.columns - first - 2 * (lane >> 2)),
        stride_(tile.target_y),
        at_(static_cast<Element*>(tile.target) + 2 * (lane & 3) * tile.target_y + first + 2 * (lane >> 2)),
        is_paired_(!kAnyTile || tile.pairs) {}

  /// value(b, i): value i of block b of columns. Then moves on to the next block of rows.
  template <class Value>
  __device__ void store(const Value& value) {
#pragma unroll
    for (int b = 0; b < kBlocks; ++b) {
#pragma unroll
      for (int down = 0; down < 2; ++down) {
        if (down >= rows_ || b * kBlockColumns >= columns_) continue;
        Element* const at = at_ + down * stride_ + b * kBlockColumns;
        if (is_paired_) {
          pair_.store(at, value(b, down), value(b, 2 + down));
        } else {
          pair_.store(at, value(b, down));
          if (b * kBlockColumns + 1 < columns_) pair_.store(at + 1, value(b, 2 + down));
        }
      }
    }
    rows_ -= kBlockRows;
    at_ += kBlockRows * stride_;
  }

 private:
  Pair pair_;
  int rows_, columns_;  ///< left from the lane's first ones on
  std::int64_t stride_;
  Element* at_;
  bool is_paired_;
};

/// Any layout of float32 whose neighbours lie side by side in pairs, in less than 2 GiB (JobDesc::pairs). Where the
/// tile's rows are is computed once, two rows by each lane and two more.
template <int kBlocks>
class PairStore {
 public:
  __device__ PairStore(const TileDesc& tile, const SeparableArguments& arguments, int first, int lane)
      : pair_(static_cast<unsigned>(lane & 3)),
        rows_(tile.rows - 2 * (lane & 3)),
        columns_(tile.columns - first - 2 * (lane >> 2)) {
    const std::byte* const blob = at_unit(arguments.memory, tile.blob);
    const JobDesc& job = record_at<JobDesc>(blob, tile.record);
    const LayoutDesc& layout = record_at<LayoutDesc>(blob, job.layout);
    constexpr int kBytes = sizeof(float);
    copies_ = layout.copies;
    copy_ = static_cast<int>(layout.copy) * kBytes;
    down_ = static_cast<int>(layout.y.inner) * kBytes;
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      of_pairs_[i] = static_cast<int>(offset_of(layout.y, job.at_y + tile.y + 2 * (lane + 32 * i)) * kBytes);
    }
#pragma unroll
    for (int b = 0; b < kBlocks; ++b) {
      const int x = job.at_x + tile.x + first + b * kBlockColumns + 2 * (lane >> 2);
      at_[b] = static_cast<std::byte*>(job.target) + (tile.channel * layout.channel + offset_of(layout.x, x)) * kBytes;
    }
    find_row();
  }

  template <class Value>
  __device__ void store(const Value& value) {
    std::byte* at[kBlocks][2];
    float2 pairs[kBlocks][2];
    bool is_there[kBlocks][2];
#pragma unroll
    for (int b = 0; b < kBlocks; ++b) {
#pragma unroll
      for (int down = 0; down < 2; ++down) {
        at[b][down] = at_[b] + (down == 0 ? row_ : row_ + down_);
        pairs[b][down] = make_float2(value(b, down), value(b, 2 + down));
        is_there[b][down] = down < rows_ && b * kBlockColumns < columns_;
        if (is_there[b][down]) __stcs(reinterpret_cast<float2*>(at[b][down]), pairs[b][down]);
      }
    }
#pragma unroll 1
    for (int copy = 1; copy < copies_; ++copy) {
#pragma unroll
      for (int b = 0; b < kBlocks; ++b) {
#pragma unroll
        for (int down = 0; down < 2; ++down) {
          if (is_there[b][down]) __stcs(reinterpret_cast<float2*>(at[b][down] + copy * copy_), pairs[b][down]);
        }
      }
    }
    rows_ -= kBlockRows;
    pair_ += kBlockRows / 2;
    find_row();  // for the next block: it takes a while
  }

 private:
  __device__ void find_row() {
    row_ = __shfl_sync(~0u, pair_ < 32 ? of_pairs_[0] : of_pairs_[1], pair_ % 32);
  }

  unsigned pair_;             ///< the lane's next pair of rows in the tile
  int rows_, columns_;        ///< left from the lane's next ones on
  int copies_, copy_, down_;  ///< bytes between copies, between the rows of a pair
  int of_pairs_[2];           ///< the lane's share of where pairs of rows are, bytes
  int row_;                   ///< where its next one is
  std::byte* at_[kBlocks];
};
static_assert(kMostTileRows <= 2 * 2 * 32);  // of_pairs_

/// Any layout and type, element by element.
template <int kBlocks>
class AnyStore {
 public:
  __device__ AnyStore(const TileDesc& tile, const SeparableArguments& arguments, int first, int lane)
      : blob_(at_unit(arguments.memory, tile.blob)),
        job_(&record_at<JobDesc>(blob_, tile.record)),
        rows_(tile.rows - 2 * (lane & 3)),
        columns_(tile.columns - first - 2 * (lane >> 2)),
        y_(job_->at_y + tile.y + 2 * (lane & 3)) {
    const LayoutDesc& layout = record_at<LayoutDesc>(blob_, job_->layout);
#pragma unroll
    for (int b = 0; b < kBlocks; ++b) {
      const int x = job_->at_x + tile.x + first + b * kBlockColumns + 2 * (lane >> 2);
#pragma unroll
      for (int right = 0; right < 2; ++right) {
        x_[b][right] = tile.channel * layout.channel + offset_of(layout.x, x + right);
      }
    }
  }

  template <class Value>
  __device__ void store(const Value& value) {
    const LayoutDesc& layout = record_at<LayoutDesc>(blob_, job_->layout);
#pragma unroll
    for (int down = 0; down < 2; ++down) {
      if (down >= rows_) continue;
      const std::int64_t row = offset_of(layout.y, y_ + down);
#pragma unroll
      for (int b = 0; b < kBlocks; ++b) {
#pragma unroll
        for (int right = 0; right < 2; ++right) {
          if (b * kBlockColumns + right >= columns_) continue;
          store_copies(job_->target, job_->target_type, layout, row + x_[b][right], value(b, 2 * right + down));
        }
      }
    }
    rows_ -= kBlockRows;
    y_ += kBlockRows;
  }

 private:
  const std::byte* blob_;
  const JobDesc* job_;
  int rows_, columns_, y_;
  std::int64_t x_[kBlocks][2];
};

/// The store of a launch, as a template of the tile.
template <bool kAnyTile>
struct StoreRowsF32 {
  template <int kBlocks>
  using Of = RowStore<PairOfF32, kBlocks, kAnyTile>;
};
template <bool kAnyTile>
struct StoreRows16 {
  template <int kBlocks>
  using Of = RowStore<PairOf16, kBlocks, kAnyTile>;
};
struct StorePairs {
  template <int kBlocks>
  using Of = PairStore<kBlocks>;
};
struct StoreAny {
  template <int kBlocks>
  using Of = AnyStore<kBlocks>;
};

/// visit(std::type_identity<Store>(), std::integral_constant<Reach, ...>()) for the store and the reach of a launch.
/// What is near is stored in pairs.
template <class Visit>
auto with_store(StoreKind store, Reach reach, const Visit& visit) {
  const auto of_reach = [&](auto near_store, auto far_store) {
    return reach == Reach::near ? visit(near_store, std::integral_constant<Reach, Reach::near>())
                                : visit(far_store, std::integral_constant<Reach, Reach::far>());
  };
  using std::type_identity;
  switch (store) {
    case StoreKind::rows_f32:
      return of_reach(type_identity<StoreRowsF32<false>>(), type_identity<StoreRowsF32<true>>());
    case StoreKind::rows_16:
      return of_reach(type_identity<StoreRows16<false>>(), type_identity<StoreRows16<true>>());
    case StoreKind::any:
      break;
  }
  return of_reach(type_identity<StorePairs>(), type_identity<StoreAny>());
}

}  // namespace kir::cuda
