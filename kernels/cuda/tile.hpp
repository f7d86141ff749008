// How a level is cut into tiles, and what one tile needs. A tile is the work of one warp: 16 or 32 output columns of
// one channel, some rows. The host chooses the shape (plan_tiles), the prepare kernel writes the descriptors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/cuda/descriptor.hpp"

namespace kir::cuda {

inline constexpr int kBlockColumns = 16;  ///< output columns of a block: the rows of one matrix instruction
inline constexpr int kBlockRows = 8;      ///< output rows of a block: its columns in the vertical pass
inline constexpr int kHalfRows = 8;  ///< source rows of a half: the columns of one instruction in the horizontal pass
inline constexpr int kStepColumns = 32;  ///< source columns of one step of the horizontal pass
inline constexpr int kSharedStages = 6;  ///< halves in a warp's ring of source rows, all but one on their way
inline constexpr int kWarpsPerBlock = 4;
inline constexpr int kBlocksPerMultiprocessor = 3;  ///< 168 registers a thread

inline constexpr int kBlockHeadBytes = 16;  ///< shared memory before that of the warps: which tiles are next

enum class TileKind : std::uint8_t { column_walk, fill, matrix };

/// Source rows of one step of the vertical pass, in halves.
constexpr int step_halves(bool integer) {
  return integer ? 4 : 2;
}

/// A compile-time form of the matrix tile.
struct MatrixVariant {
  int blocks;          ///< blocks of 16 output columns side by side
  int steps;           ///< steps of 32 source columns that their windows need
  int copies;          ///< copies of 16 bytes by a lane for a half: 4 * copies lanes load a row
  int register_steps;  ///< steps of a vertical window whose horizontal results wait in registers (whole tiles only), of
                       ///< float arithmetic; 0: they wait in shared memory
};
inline constexpr std::array kMatrixVariants{
    MatrixVariant{2, 1, 2, 2}, MatrixVariant{2, 2, 2, 2}, MatrixVariant{2, 2, 4, 2},
    MatrixVariant{2, 1, 2, 0}, MatrixVariant{2, 2, 4, 0}, MatrixVariant{2, 3, 4, 0},
    MatrixVariant{1, 4, 4, 0}, MatrixVariant{1, 6, 4, 0}, MatrixVariant{1, 8, 8, 0},
};

/// Which tiles a kernel has. One with all of them would need more registers than there are.
enum class Reach : std::uint8_t {
  near,  ///< the first kNearVariants, and fills
  far,   ///< the variants in shared memory, column walks and fills
};
inline constexpr int kNearVariants = 5;
constexpr bool has_variant(Reach reach, int index) {
  return reach == Reach::near ? index < kNearVariants
                              : kMatrixVariants[static_cast<std::size_t>(index)].register_steps == 0;
}

/// Steps of a vertical window in registers: integer steps hold twice as many rows.
constexpr int register_steps_of(const MatrixVariant& variant, bool integer) {
  return integer ? (variant.register_steps + 1) / 2 : variant.register_steps;
}

/// Windows of this many halves may wait in registers. Half h is then in slot h % halves of the ring, and the
/// weights of the window are in the order of the slots; those of larger windows are in the order of the rows.
constexpr bool in_slot_order(int halves) {
  return halves == 4;
}

/// The half in position `at` of a window of `halves` halves that ends with half `last`.
constexpr int half_at(int at, int halves, int last) {
  return in_slot_order(halves) ? last - ((last - at) & (halves - 1)) : last + 1 - halves + at;
}

/// Stages of the ring of source rows of a tile in registers: a multiple of its loop's length, so that stages are
/// constants of the loop.
constexpr int register_stages_of(int halves) {
  return halves == 4 ? 8 : halves;
}

/// The variant in shared memory that makes the tiles of variant `index` which are not whole.
constexpr int variant_of_any_tile(int index) {
  int any = index;
  const auto& all = kMatrixVariants;
  while (all[static_cast<std::size_t>(any)].register_steps > 0 ||
         all[static_cast<std::size_t>(any)].steps != all[static_cast<std::size_t>(index)].steps) {
    ++any;
  }
  return any;
}

/// One tile, resolved: what a warp would otherwise gather through four dependent loads.
struct alignas(16) TileDesc {
  const std::uint8_t* source = nullptr;     ///< matrix: row 0, first loaded column of the tile's channel
  std::int64_t source_y = 0;                ///< bytes between rows
  void* target = nullptr;                   ///< matrix, plain rows: the tile's first element
  std::int64_t target_y = 0;                ///< plain rows: elements between rows
  std::uint32_t x_table = 0, y_table = 0;   ///< weights of the first block, in units of 16 bytes from the workspace
  std::uint32_t y_last = 0;                 ///< 4-byte units: for each block of rows, the last half that it needs
  std::uint32_t x_shift = 0, y_shift = 0;   ///< 4-byte units: integer arithmetic, where the axes' shifts are
  std::uint32_t levels = 0;                 ///< integer arithmetic: 256 results of the epilogue, in units of 16 bytes
  std::int32_t first_half = 0;              ///< the tile starts at source row 8 * first_half
  std::int32_t row_begin = 0, row_end = 0;  ///< source rows that it needs
  std::int32_t width = 0;                   ///< source columns that it needs
  float scale = 1, shift = 0;               ///< float arithmetic: the affine of the tile's channel
  std::uint32_t blob = 0, record = 0;  ///< byte offsets: of the blob in the workspace, of the job or fill in the blob
  std::int32_t y = 0, x = 0;   ///< matrix: first row and column in the job's window; walk: blocks; fill: y = its number
  std::int16_t start[2] = {};  ///< first column of each block's window, counted from the first loaded one
  std::uint16_t rows = 0, columns = 0;  ///< output rows and columns
  std::uint16_t pitch = 0;              ///< bytes between source rows in shared memory
  std::uint8_t blocks_y = 0;            ///< blocks of 8 output rows
  std::uint8_t y_steps = 0;             ///< matrix steps of a vertical window
  TileKind kind = TileKind::column_walk;
  std::uint8_t variant = 0;  ///< index into kMatrixVariants
  std::uint8_t channel = 0;
  /// No block of columns or rows is cut off, pairs of stored elements are aligned, and whole groups of 16 source bytes
  /// end within the image. Others run on the variants in shared memory, so that these need not ask.
  bool whole = false;
  bool careful = false;  ///< groups of 16 source bytes may end beyond the image
  Type target_type = Type::f32;
};

/// How results are stored by the matrix tiles of a launch.
enum class StoreKind : std::uint8_t {
  rows_f32,  ///< plain rows of float32
  rows_16,   ///< plain rows of float16 or bfloat16
  any,       ///< any layout and type
};
constexpr const char* name_of(StoreKind kind) {
  return kind == StoreKind::rows_f32  ? "rows of float32"
         : kind == StoreKind::rows_16 ? "rows of 16 bits"
                                      : "any layout";
}

/// What the tile kernel is told; everything else is in the workspace.
struct SeparableArguments {
  const std::byte* workspace = nullptr;
  const TileDesc* tiles = nullptr;
  std::uint32_t* next_tile = nullptr;  ///< zero at the start of the launch
  std::uint32_t tile_count = 0;
  std::int32_t ring_halves = 0;  ///< halves of horizontal results in shared memory, a power of two or 0
  std::int32_t warp_bytes = 0;   ///< shared memory of a warp
};

/// Planes of a weight, one byte each: 24-bit fixed point in float arithmetic, int16 in integer arithmetic.
constexpr int planes_of(bool integer) {
  return integer ? 2 : 3;
}

/// Most source pixels between the first tap of one and the last tap of another output `count` - 1 further on, both
/// included; two more than the exact value for what is rounded at both ends.
constexpr int span_of(const AxisDesc& axis, int count) {
  const float reach = axis.kind == AxisKind::window    ? 2 * axis.support
                      : axis.kind == AxisKind::clamped ? (axis.filter == Filter::bicubic ? 4.0f : 2.0f)
                                                       : 1.0f;
  const float scale = axis.kind == AxisKind::copy ? 1.0f : axis.scale;
  const float span = static_cast<float>(count - 1) * scale + reach + 2.99f;
  return span < static_cast<float>(axis.in) ? static_cast<int>(span) : axis.in;
}

/// Most halves that `rows` neighbouring source rows touch.
constexpr int halves_of(int rows) {
  return (rows + 2 * kHalfRows - 2) / kHalfRows;
}

constexpr int blocks_of(int count, int block) {
  return (count + block - 1) / block;
}

// Tables in the workspace: 32-bit integers first (one shift, then one a block), padded to 16 bytes, then the weights.
constexpr std::uint32_t table_header_units(int blocks) {
  return static_cast<std::uint32_t>((blocks + 1 + 3) / 4);
}
constexpr std::uint32_t x_block_units(int steps, bool integer) {
  return static_cast<std::uint32_t>(steps * planes_of(integer) * 32);
}
constexpr std::uint32_t y_block_units(int steps) {
  return static_cast<std::uint32_t>(steps * 32);
}

}  // namespace kir::cuda
