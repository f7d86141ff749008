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
/// Halves in a warp's ring of source rows, all but one on their way. Eight where the loop is unrolled by four, so that
/// positions in the ring are constants; six where windows are large.
inline constexpr int kRegisterStages = 8, kSharedStages = 6;
inline constexpr int kWarpsPerBlock = 4;
inline constexpr int kBlocksPerMultiprocessor = 3;  ///< 168 registers a thread

inline constexpr int kBlockHeadBytes = 16;  ///< shared memory before that of the warps: which tiles are next

enum class TileKind : std::uint8_t { column_walk, fill, matrix };

/// A compile-time form of the matrix tile.
struct MatrixVariant {
  int blocks;      ///< blocks of 16 output columns side by side
  int steps;       ///< steps of 32 source columns that their windows need
  int copies;      ///< most copies of 16 bytes by a lane for a half: 4 * copies lanes load a row
  bool registers;  ///< the horizontal results wait for the vertical pass in registers (4 halves), else in shared memory
};
inline constexpr std::array kMatrixVariants{
    MatrixVariant{2, 1, 2, true},  MatrixVariant{2, 2, 4, true},  MatrixVariant{2, 1, 2, false},
    MatrixVariant{2, 2, 4, false}, MatrixVariant{2, 3, 4, false}, MatrixVariant{1, 4, 4, false},
    MatrixVariant{1, 6, 4, false}, MatrixVariant{1, 8, 8, false},
};

/// The halves that a vertical window may touch when its results wait in registers. Half h is then in slot h % 4 of the
/// ring, and the weights of such a window are in the order of the slots; those of larger windows in that of the rows.
inline constexpr int kRegisterHalves = 4;

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
  std::uint8_t lanes_per_row = 4;       ///< lanes that load one source row: a power of two
  std::uint8_t blocks_y = 0;            ///< blocks of 8 output rows
  std::uint8_t y_steps = 0;             ///< matrix steps of a vertical window
  TileKind kind = TileKind::column_walk;
  std::uint8_t variant = 0;  ///< index into kMatrixVariants
  std::uint8_t channel = 0;
  bool aligned = false;  ///< plain rows: pairs of elements may be stored at once
  bool careful = false;  ///< whole groups of 16 bytes would reach beyond the end of the image
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

/// Source rows of one step of the vertical pass.
constexpr int step_halves(bool integer) {
  return integer ? 4 : 2;
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
