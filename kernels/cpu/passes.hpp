// The inner loops of the CPU backend: everything that touches every pixel and is worth writing for one instruction set.
// A set of loops is a table of functions, so that a faster set is one more file that fills one; the sets compute the
// same operations in the same order (multiply, then add, tap by tap), so that a result does not depend on the set that
// made it. Thread safety: all functions are pure but for the memory that they are given.
#pragma once

#include <cstdint>

namespace kir::cpu {

/// How many rows the horizontal passes work on at once. Rows lie side by side in a block of columns, block[x * kLanes +
/// row]: a tap is then one weight times kLanes contiguous samples, whatever the source position.
inline constexpr int kLanes = 16;

/// Work rows are a multiple of this many elements long, so that a loop may write whole groups of lanes.
inline constexpr int kRowMultiple = kLanes;

/// The taps of `count` neighbouring output columns; first[] counts from source column `origin`.
template <class Weight>
struct ColumnTaps {
  const std::int32_t* first = nullptr;
  const std::int32_t* taps = nullptr;
  const Weight* weights = nullptr;  ///< of column i at weights + i * stride
  std::int32_t stride = 0, count = 0, origin = 0;
};

struct PassLoops {
  const char* name;

  /// kLanes rows of `width` pixels to blocks of columns, converted. A pixel is `channels` neighbouring bytes, which go
  /// to as many blocks, `pitch` elements apart: planar and interleaved images cost the same.
  void (*columns_u8_f32)(const std::uint8_t* const* rows, std::int32_t width, std::int32_t channels, float* block,
                         std::int64_t pitch);
  void (*columns_u8_i16)(const std::uint8_t* const* rows, std::int32_t width, std::int32_t channels,
                         std::int16_t* block, std::int64_t pitch);
  void (*columns_f32)(const float* const* rows, std::int32_t width, float* block);

  /// out[row][i] = sum over the taps of output column i, for kLanes rows and columns.count rounded up to kRowMultiple.
  /// i16 and i32: the type of the weights.
  void (*horizontal_f32)(const float* block, const ColumnTaps<float>& columns, float* const* out);
  void (*horizontal_i16)(const std::int16_t* block, const ColumnTaps<std::int16_t>& columns, std::int32_t shift,
                         std::uint8_t* const* out);
  void (*horizontal_i32)(const std::int16_t* block, const ColumnTaps<std::int32_t>& columns, std::int32_t shift,
                         std::uint8_t* const* out);

  /// out[x] = sum over k < taps of weights[k] * rows[k][x], for x < width; writes nothing beyond, reads whole multiples
  /// of rows.
  void (*vertical_f32)(const float* const* rows, const float* weights, std::int32_t taps, std::int32_t width,
                       float* out);
  void (*vertical_i16)(const std::uint8_t* const* rows, const std::int16_t* weights, std::int32_t taps,
                       std::int32_t shift, std::int32_t width, std::uint8_t* out);
  void (*vertical_i32)(const std::uint8_t* const* rows, const std::int32_t* weights, std::int32_t taps,
                       std::int32_t shift, std::int32_t width, std::uint8_t* out);

  /// row[x] = row[x] (op) c, for x < width.
  void (*mul)(float* row, std::int32_t width, float c);
  void (*sub)(float* row, std::int32_t width, float c);
  void (*div)(float* row, std::int32_t width, float c);
};

/// Plain C++ with the compiler's generic vectors of 16 bytes: any 64-bit x86 or ARM.
const PassLoops& portable_passes();

}  // namespace kir::cpu
