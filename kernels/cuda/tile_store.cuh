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

/// Plain rows: the columns of a row are neighbours, rows are target_y elements apart. kAnyTile: also a tile whose pairs
/// of elements are not aligned, or cut by its right edge (not TileDesc::pairs).
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

/// Any layout and type. Of float32, two neighbours of a row at once where they are neighbours in memory too
/// (TileDesc::pairs), and so are two of a column in one unit of the layout; else element by element.
template <int kBlocks>
class AnyStore {
 public:
  __device__ AnyStore(const TileDesc& tile, const SeparableArguments& arguments, int first, int lane)
      : blob_(arguments.workspace + tile.blob),
        job_(&record_at<JobDesc>(blob_, tile.record)),
        rows_(tile.rows - 2 * (lane & 3)),
        columns_(tile.columns - first - 2 * (lane >> 2)),
        y_(job_->at_y + tile.y + 2 * (lane & 3)),
        is_paired_(tile.pairs) {
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
    if (is_paired_) {
      store_pairs(layout, value);
    } else {
      store_elements(layout, value);
    }
    rows_ -= kBlockRows;
    y_ += kBlockRows;
  }

 private:
  template <class Value>
  __device__ void store_pairs(const LayoutDesc& layout, const Value& value) const {
    float* const target = static_cast<float*>(job_->target);
    const int copies = layout.copies;
    const std::int64_t copy = layout.copy;
    const std::int64_t first_row = offset_of(layout.y, y_);
#pragma unroll
    for (int down = 0; down < 2; ++down) {
      if (down >= rows_) continue;
      const std::int64_t row = first_row + down * layout.y.inner;
#pragma unroll
      for (int b = 0; b < kBlocks; ++b) {
        if (b * kBlockColumns >= columns_) continue;
        float* at = target + row + x_[b][0];
        const float2 pair = make_float2(value(b, down), value(b, 2 + down));
        __stcs(reinterpret_cast<float2*>(at), pair);
        for (int i = 1; i < copies; ++i) __stcs(reinterpret_cast<float2*>(at += copy), pair);
      }
    }
  }

  template <class Value>
  __device__ void store_elements(const LayoutDesc& layout, const Value& value) const {
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
  }

  const std::byte* blob_;
  const JobDesc* job_;
  int rows_, columns_, y_;
  bool is_paired_;
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
struct StoreAny {
  template <int kBlocks>
  using Of = AnyStore<kBlocks>;
};

}  // namespace kir::cuda
