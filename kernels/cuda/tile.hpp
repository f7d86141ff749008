// How a level is cut into tiles, and what one tile needs. A matrix tile is the work of a team of four warps: some rows
// of up to 128 output columns of one channel. The host chooses the shape (separable_form.cpp, separable_rows.cpp),
// kernels write the descriptors (tile_desc.cuh). Offsets are units of 16 bytes from SeparableArguments::memory, or of 4
// where it says so.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/cuda/descriptor.hpp"

namespace kir::cuda {

inline constexpr int kBlockColumns = 16;  ///< output columns of a block: the rows of one matrix instruction
inline constexpr int kBlockRows = 8;      ///< output rows of a block: its columns in the vertical pass
inline constexpr int kHalfRows = 8;       ///< source rows of one instruction of the horizontal pass
inline constexpr int kStepRows = 16;      ///< source rows of a step: what one instruction of the vertical pass sums
inline constexpr int kStepColumns = 32;   ///< source columns of one instruction of the horizontal pass
inline constexpr int kStageSteps = 2;     ///< steps that are loaded together
inline constexpr int kStageRows = kStageSteps * kStepRows;
inline constexpr int kStageHeadBytes = 16;  ///< of a stage: one word a step (StepHead), the next tile, nothing
inline constexpr int kSlots = 4;            ///< blocks of output rows that one step may leave unfinished
inline constexpr int kTeamWarps = 4;        ///< warps that make a tile; the loaders of a block are four more

enum class TileKind : std::uint8_t { column_walk, fill, matrix };

/// A compile-time form of the matrix tile: what one warp of the team makes.
struct MatrixVariant {
  int blocks;  ///< blocks of 16 output columns side by side
  int steps;   ///< instructions of 32 source columns that the window of a block needs
};
inline constexpr std::array kMatrixVariants{MatrixVariant{2, 1}, MatrixVariant{2, 2}, MatrixVariant{1, 3},
                                            MatrixVariant{1, 4}, MatrixVariant{1, 5}, MatrixVariant{1, 7}};

/// Which tiles a kernel has. One with all of them would need more registers than there are.
enum class Reach : std::uint8_t {
  near,  ///< the first kNearVariants, stored in pairs, and fills
  far,   ///< all variants and stores, column walks and fills
};
inline constexpr int kNearVariants = 2;
constexpr bool has_variant(Reach reach, int index) {
  return reach == Reach::far || index < kNearVariants;
}
constexpr const char* name_of(Reach reach) {
  return reach == Reach::near ? "near windows" : "far windows";
}

/// Which source rows meet which blocks of output rows. Of a vertical axis there is one a step, in order, and one more
/// that has `first` alone. The step finishes the blocks before the first one of the next step.
struct alignas(16) StepDesc {
  std::int32_t row = 0;             ///< first source row, a multiple of 8
  std::uint32_t pair = 0;           ///< where the weights of its first block are, in pairs of a step and a block
  std::int32_t first = 0, end = 0;  ///< its blocks of output rows
};

/// What a matrix tile reads, apart from the rest for it is read again for each stage.
struct alignas(16) LoadDesc {
  const std::uint8_t* source = nullptr;          ///< row 0, first loaded column of the tile's channel
  std::int64_t source_y = 0;                     ///< bytes between rows
  std::int32_t row_begin = 0, row_end = 0;       ///< source rows: whole halves, or to the end of the image
  std::int32_t width = 0;                        ///< source columns that it needs
  std::uint32_t y_table = 0;                     ///< in units of 16 bytes: where the weights of pair 0 of the axis are
  std::uint32_t steps_at = 0;                    ///< likewise: the StepDesc of its first step
  std::uint16_t steps = 0;                       ///< of the vertical axis
  std::uint16_t pitch = 0;                       ///< bytes between source rows in shared memory
  std::uint16_t first_block = 0, end_block = 0;  ///< of output rows
};

/// One matrix tile, or the part of a fill or a column walk that a warp makes.
struct alignas(16) TileDesc {
  LoadDesc load;
  const std::uint8_t* source_end = nullptr;  ///< one beyond the image
  void* target = nullptr;                    ///< matrix, plain rows: the tile's first element
  std::int64_t target_y = 0;                 ///< plain rows: elements between rows
  std::uint32_t x_table = 0;                 ///< in units of 16 bytes: the weights of its first block of columns
  std::uint32_t x_start = 0;                 ///< 4-byte units: first source column of each block of columns
  std::uint32_t x_shift = 0, y_shift = 0;    ///< 4-byte units: integer arithmetic, where the axes' shifts are
  std::uint32_t levels = 0;                  ///< integer arithmetic: 256 results of the epilogue, in units of 16 bytes
  std::int32_t left = 0;                     ///< first source column that is loaded
  float scale = 1, shift = 0;                ///< float arithmetic: the affine of the tile's channel
  std::uint32_t blob = 0;                    ///< in units of 16 bytes: where the blob is
  std::uint32_t record = 0;                  ///< in bytes: of the job or fill in the blob
  std::int32_t y = 0, x = 0;  ///< matrix: first row and column in the job's window; walk: blocks; fill: y = its number
  std::uint16_t rows = 0, columns = 0;  ///< output rows and columns
  TileKind kind = TileKind::column_walk;
  std::uint8_t variant = 0;  ///< index into kMatrixVariants
  std::uint8_t channel = 0;
  bool pairs = false;  ///< JobDesc::pairs
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

/// What the tiles of a launch are made with, beside their descriptors.
struct SeparableArguments {
  const std::byte* memory = nullptr;  ///< what offsets in units count from: the workspace, or a block's own
  const TileDesc* tiles = nullptr;
  std::uint32_t* next = nullptr;   ///< two counters, zero at the start: matrix tiles, other tiles
  std::uint32_t matrix_tiles = 0;  ///< the first ones
  std::uint32_t tile_count = 0;
  std::int32_t teams = 1;           ///< of a block
  std::uint32_t stage_bytes = 0;    ///< shared memory of a stage: rows, weights, ...
  std::uint32_t weights_at = 0;     ///< ... where the weights begin, ...
  std::uint32_t weights_bytes = 0;  ///< ... and the room for those of one step
};

/// Planes of a weight, one byte each: 24-bit fixed point in float arithmetic, int16 in integer arithmetic.
constexpr int planes_of(bool integer) {
  return integer ? 2 : 3;
}

/// Where tables lie: in the workspace, which earlier work of the stream may still use, or in the shared memory of the
/// block that makes them and reads them.
enum class TableMemory { workspace, on_chip };

/// Memory of tables, `units` of 16 bytes further on.
constexpr std::byte* at_unit(std::byte* memory, std::uint32_t units) {
  return memory + std::size_t{units} * 16;
}
constexpr const std::byte* at_unit(const std::byte* memory, std::uint32_t units) {
  return memory + std::size_t{units} * 16;
}

/// Bytes of the weights of a pair: 16 or 8 a lane.
constexpr int pair_bytes(bool integer) {
  return 32 * (integer ? 8 : 16);
}

/// Source pixels of one output, and of one more on the way to the next.
constexpr float reach_of(const AxisDesc& axis) {
  return axis.kind == AxisKind::window    ? 2 * axis.support
         : axis.kind == AxisKind::clamped ? (axis.filter == Filter::bicubic ? 4.0f : 2.0f)
                                          : 1.0f;
}
constexpr float scale_of(const AxisDesc& axis) {
  return axis.kind == AxisKind::copy ? 1.0f : axis.scale;
}

/// Most source pixels between the first tap of one and the last tap of another output `count` - 1 further on, both
/// included; two more than the exact value for what is rounded at both ends.
constexpr int span_of(const AxisDesc& axis, int count) {
  const float span = static_cast<float>(count - 1) * scale_of(axis) + reach_of(axis) + 2.99f;
  return span < static_cast<float>(axis.in) ? static_cast<int>(span) : axis.in;
}

constexpr int blocks_of(int count, int block) {
  return (count + block - 1) / block;
}

// ---------------------------------------------------------------------------------------------------------------------
// Steps of a vertical axis. Where little is enlarged or reduced, step s has source rows 16 s to 16 s + 15, and a block
// of output rows is summed over the steps that its window touches. Where much is enlarged, the windows of `blocks`
// neighbouring blocks fit into 16 rows: step s has those of blocks [s * blocks, (s + 1) * blocks), and finishes them.

struct StepForm {
  int blocks = 0;     ///< blocks of a step, 0: steps follow the source. AxisDesc::step_blocks
  int most = 0;       ///< most blocks that a step meets
  bool fits = false;  ///< at most kSlots blocks wait for another step
};

/// Most blocks that `outputs` neighbouring outputs touch.
constexpr int blocks_touched(int outputs) {
  return (outputs + 2 * kBlockRows - 2) / kBlockRows;
}

constexpr StepForm step_form_of(const AxisDesc& axis) {
  StepForm form;
  for (int blocks = 1; blocks <= 4 && span_of(axis, blocks * kBlockRows) + kHalfRows - 1 <= kStepRows; blocks *= 2) {
    form = {blocks, blocks, true};
  }
  if (form.fits) return form;
  // Outputs whose windows touch 16 rows, and those that also touch the rows before: both with one for the rounding.
  const auto outputs_in = [&](float rows) {
    const float outputs = (rows + reach_of(axis)) / scale_of(axis) + 2.0f;
    return outputs < static_cast<float>(axis.count) ? static_cast<int>(outputs) : axis.count;
  };
  form.most = blocks_touched(outputs_in(kStepRows));
  form.fits = blocks_touched(outputs_in(0)) <= kSlots;
  return form;
}

/// One beyond the last step of the whole axis, whose StepForm::blocks is AxisDesc::step_blocks.
constexpr int last_step_end(const AxisDesc& axis) {
  return axis.step_blocks > 0 ? blocks_of(blocks_of(axis.count, kBlockRows), axis.step_blocks)
                              : blocks_of(axis.begin + axis.in, kStepRows);
}

/// Steps of the axis' table, in which they are counted from AxisDesc::first_step on.
constexpr int steps_of(const AxisDesc& axis) {
  return axis.end_step - axis.first_step;
}

/// Pairs of a step and a block. Blocks that two steps share are less than kSlots + 1, so that no two pairs are one.
inline constexpr int kPairStride = kSlots;
constexpr int pair_of(const AxisDesc& axis, int step, int block) {
  return axis.step_blocks > 0 ? block : kPairStride * step + block;
}
constexpr int pairs_of(const AxisDesc& axis) {
  return pair_of(axis, steps_of(axis) - 1, blocks_of(axis.count, kBlockRows));
}

// Tables. Columns: 32-bit integers (one shift, then one start a block), padded to 16 bytes, then the
// weights. Rows: 16 bytes with the shift, one StepDesc a step and one more, then the weights of pairs.
constexpr std::uint32_t x_header_units(int blocks) {
  return static_cast<std::uint32_t>((blocks + 1 + 3) / 4);
}
constexpr std::uint32_t x_block_units(int steps, bool integer) {
  return static_cast<std::uint32_t>(steps * planes_of(integer) * 32);
}
constexpr std::uint32_t y_header_units(int steps) {
  return static_cast<std::uint32_t>(1 + steps + 1);
}

}  // namespace kir::cuda
