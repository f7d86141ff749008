// How a block of 8 output rows leaves the registers. A lane has, for each block of columns, the values
//   0: (row 2t, column 2g)  1: (2t + 1, 2g)  2: (2t, 2g + 1)  3: (2t + 1, 2g + 1),
// because the rows of the matrix instructions are assigned to output columns in that order: neighbours are stored at
// once, and every store instruction of a warp fills whole sectors of 32 bytes.
#pragma once

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

/// Plain rows: the columns of a row are neighbours, rows are target_y elements apart. kAnyTile: also a tile with less
/// than kBlocks blocks of columns, with rows that do not fill a block, or whose pairs are not aligned (not
/// TileDesc::whole).
template <class Pair, int kBlocks, bool kAnyTile>
class RowStore {
  using Element = typename Pair::Element;

 public:
  __device__ RowStore(const TileDesc& tile, const SeparableArguments&, int lane)
      : pair_(tile.target_type),
        row_(2 * (lane & 3)),
        rows_(tile.rows),
        columns_(tile.columns - 2 * (lane >> 2)),
        stride_(tile.target_y),
        at_(static_cast<Element*>(tile.target) + row_ * tile.target_y + 2 * (lane >> 2)),
        whole_(!kAnyTile || tile.whole) {}

  /// value(b, i): value i of block b of columns. Then moves on to the next block of rows.
  template <class Value>
  __device__ void store(const Value& value) {
    if (!kAnyTile || whole_) {
#pragma unroll
      for (int b = 0; b < kBlocks; ++b) {
        pair_.store(at_ + b * kBlockColumns, value(b, 0), value(b, 2));
        pair_.store(at_ + stride_ + b * kBlockColumns, value(b, 1), value(b, 3));
      }
    } else {
#pragma unroll
      for (int b = 0; b < kBlocks; ++b) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          const int down = i % 2, right = i / 2;
          if (row_ + down < rows_ && b * kBlockColumns + right < columns_) {
            pair_.store(at_ + down * stride_ + b * kBlockColumns + right, value(b, i));
          }
        }
      }
    }
    rows_ -= kBlockRows;
    at_ += kBlockRows * stride_;
  }

 private:
  Pair pair_;
  int row_, rows_, columns_;
  std::int64_t stride_;
  Element* at_;
  bool whole_;
};

/// Any layout and type, element by element.
template <int kBlocks, bool kAnyTile>
class AnyStore {
 public:
  __device__ AnyStore(const TileDesc& tile, const SeparableArguments& arguments, int lane)
      : blob_(arguments.workspace + tile.blob),
        job_(&record_at<JobDesc>(blob_, tile.record)),
        row_(2 * (lane & 3)),
        rows_(tile.rows),
        columns_(tile.columns - 2 * (lane >> 2)),
        y_(job_->at_y + tile.y + row_) {
    const LayoutDesc& layout = record_at<LayoutDesc>(blob_, job_->layout);
#pragma unroll
    for (int b = 0; b < kBlocks; ++b) {
      const int x = job_->at_x + tile.x + b * kBlockColumns + 2 * (lane >> 2);
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
      if (!kAnyTile || row_ + down < rows_) {
        const std::int64_t row = offset_of(layout.y, y_ + down);
#pragma unroll
        for (int b = 0; b < kBlocks; ++b) {
#pragma unroll
          for (int right = 0; right < 2; ++right) {
            if (!kAnyTile || b * kBlockColumns + right < columns_) {
              store_copies(job_->target, job_->target_type, layout, row + x_[b][right], value(b, 2 * right + down));
            }
          }
        }
      }
    }
    rows_ -= kBlockRows;
    y_ += kBlockRows;
  }

 private:
  const std::byte* blob_;
  const JobDesc* job_;
  int row_, rows_, columns_, y_;
  std::int64_t x_[kBlocks][2];
};

/// The store of a launch, as a template of the tile.
struct StoreRowsF32 {
  template <int kBlocks, bool kAnyTile>
  using Of = RowStore<PairOfF32, kBlocks, kAnyTile>;
};
struct StoreRows16 {
  template <int kBlocks, bool kAnyTile>
  using Of = RowStore<PairOf16, kBlocks, kAnyTile>;
};
struct StoreAny {
  template <int kBlocks, bool kAnyTile>
  using Of = AnyStore<kBlocks, kAnyTile>;
};

}  // namespace kir::cuda
