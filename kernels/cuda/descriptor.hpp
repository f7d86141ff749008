// What the CUDA kernels read of a plan: plain records, written by the host (lower.hpp), read by device code.
// One level of a plan becomes one or more blobs, each a byte string that starts with a BlobHeader and holds jobs, axes,
// layouts, epilogues and fills. A blob fits in the parameters of a kernel, so that no copy from the host precedes it.
// Every reference inside a blob is a byte offset from its start.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kir/plan.hpp"

namespace kir::cuda {

/// The most bytes of a blob: what CUDA allows for the parameters of a kernel (32764), less room for other parameters.
inline constexpr std::size_t kMaxBlobBytes = 32000;

/// How the weights of an axis come about; the cases of weights/axis_table.cpp.
enum class AxisKind : std::uint8_t {
  copy,           ///< one tap of weight 1: source pixel begin + first + i
  nearest,        ///< one tap of weight 1, torch's "nearest"
  nearest_exact,  ///< likewise, torch's "nearest-exact"
  window,         ///< antialias: every tap within `support`, weights divided by their sum
  clamped,        ///< no antialias: 2 or 4 taps, those beyond the edge added to the edge's
};

/// One axis of a job. The three floats are those of aten's float32 path (weights/axis_table.cpp: Window<float>,
/// source_scale).
struct AxisDesc {
  float scale = 1;          ///< source pixels per output pixel
  float support = 0;        ///< half the width of the window in source pixels (window)
  float inverse = 1;        ///< 1 / scale where the window is widened, else 1 (window)
  std::int32_t in = 0;      ///< source pixels of the box
  std::int32_t out = 0;     ///< output pixels of the whole axis
  std::int32_t begin = 0;   ///< first source pixel of the box
  std::int32_t first = 0;   ///< first output pixel of the window [first, first + count)
  std::int32_t count = 0;   ///< output pixels that are computed
  std::uint32_t table = 0;  ///< separable: where its matrix table is, in units of 16 bytes
  std::uint16_t steps = 0;  ///< separable: not 0 where it has one; horizontal: instructions that a window needs
  AxisKind kind = AxisKind::copy;
  Filter filter = Filter::nearest;
  bool align_corners = false;
  bool integer = false;   ///< torch_int16 weights instead of float32 ones
  bool vertical = false;  ///< separable: which of the two kinds of table it has
  std::uint8_t step_blocks =
      0;  ///< separable, vertical: blocks of rows of a step (tile.hpp), 0: steps follow the source
  std::uint16_t first_step = 0, end_step = 0;  ///< separable, vertical: the steps that its matrix table has
  std::uint32_t walk_table = 0;  ///< separable: where its table for column walks is, in units of 16 bytes; 0: none
};

/// Strides of a layout with the divisors of its offset as 32-bit numbers.
struct StepsDesc {
  std::int64_t outer = 0, middle = 0, inner = 1;
  std::uint32_t unit = 1u << 30, group = 1;
};

/// A Layout without its base, which is added to the target's address.
struct LayoutDesc {
  std::int64_t channel = 0;
  StepsDesc y, x;
  std::int64_t copy = 0;
  std::int32_t copies = 1;
};

inline constexpr int kMaxSteps = 6;

/// An epilogue as it is (steps), and as one multiply-add per channel where it is only that (affine).
struct EpilogueDesc {
  struct StepDesc {
    Step::Op op = Step::Op::mul;
    Type rounded_to = Type::f32;
    float c[4] = {};
  };
  float scale[4] = {1, 1, 1, 1}, shift[4] = {};  ///< v * scale[c] + shift[c], when `affine`
  StepDesc steps[kMaxSteps];
  std::int32_t count = 0;
  bool affine = true;  ///< no mix, no step rounded to a narrower type
  bool mixes = false;  ///< some step mixes the channels
};

/// One job of a level.
struct JobDesc {
  const void* source = nullptr;                                 ///< channel 0, row 0, column 0
  std::int64_t source_channel = 0, source_y = 0, source_x = 0;  ///< strides in elements
  std::int32_t source_height = 0, source_width = 0;
  void* target = nullptr;                                          ///< the element at the layout's base
  std::uint32_t y_axis = 0, x_axis = 0, layout = 0, epilogue = 0;  ///< byte offsets in the blob
  std::int32_t at_y = 0, at_x = 0;                                 ///< where the window goes in the target
  Type source_type = Type::u8, target_type = Type::f32;
  std::uint8_t channels = 3, source_channels = 3;  ///< a one-channel source feeds all output channels
  bool levels = false;                             ///< uint8 after each pass (torch_int16 weights), else float32
  std::uint32_t first_tile = 0, tiles = 0;         ///< which tiles of the launch are its own; fused: blocks
  // separable: how the job is cut into tiles (tile.hpp)
  std::uint8_t tile_kind = 0;     ///< a TileKind
  std::uint8_t variant = 0;       ///< of matrix tiles: an index into kMatrixVariants
  std::uint8_t strip_blocks = 0;  ///< blocks of 16 output columns side by side in a tile; 0: never a matrix tile
  std::uint16_t tile_rows = 0;    ///< output rows of a tile, a multiple of 8
  std::uint16_t pitch = 0;        ///< bytes between a tile's source rows in shared memory
  bool pairs = false;  ///< two columns 2i, 2i + 1 of a row are neighbours in memory, aligned, both or neither there
};

/// One fill of a level.
struct FillDesc {
  void* target = nullptr;
  std::uint32_t layout = 0;  ///< byte offset in the blob
  std::int32_t y0 = 0, x0 = 0, y1 = 0, x1 = 0;
  std::int32_t channels = 1;
  Type target_type = Type::f32;
  double value[4] = {}, ramp_y = 0, ramp_x = 0;
  std::uint32_t first_tile = 0, tiles = 0;  ///< which tiles of the launch are its own; fused: blocks
};

struct BlobHeader {
  std::uint32_t bytes = 0;                                                  ///< of the whole blob
  std::uint32_t jobs = 0, axes = 0, fills = 0, layouts = 0, epilogues = 0;  ///< byte offsets
  std::int32_t job_count = 0, axis_count = 0, fill_count = 0, layout_count = 0, epilogue_count = 0;
};

/// A record of a blob, on the host and on the device.
template <class Record>
constexpr const Record& record_at(const void* blob, std::uint32_t offset) {
  return *reinterpret_cast<const Record*>(static_cast<const char*>(blob) + offset);
}
template <class Record>
constexpr Record& record_at(void* blob, std::uint32_t offset) {
  return *reinterpret_cast<Record*>(static_cast<char*>(blob) + offset);
}

}  // namespace kir::cuda
