// Where a value goes: rows through a Layout into outputs and canvases, converted to their type.
// Thread safety: all functions are pure but for the memory that they are given.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kir/plan.hpp"

namespace kir::cpu {

/// Memory that jobs and fills write: an output of the caller or a canvas.
struct Destination {
  void* data = nullptr;
  Type type = Type::f32;
  Layout layout;
};

/// A piece of a target's row: channel, row, first column, number of columns.
struct RowPiece {
  std::int32_t channel = 0, y = 0, x = 0, width = 0;
};

/// The memory of the piece when it is plain contiguous float32, so that it can be computed in place; else nullptr.
float* row_in_place(const Destination& to, const RowPiece& piece);

/// row[0 .. piece.width) to the piece. The type is u8, f16, bf16 or f32.
void store_row(const Destination& to, const RowPiece& piece, const float* row);

/// table[levels[i]] to the piece; the table has 256 elements of the target's type.
void store_levels(const Destination& to, const RowPiece& piece, const std::uint8_t* levels, const void* table);

/// Rows [begin, end) of the fill's rows [y0, y1), in any type.
void store_fill(const Destination& to, const Fill& fill, std::int32_t begin, std::int32_t end);

/// `count` contiguous values to `type` (u8, f16, bf16 or f32).
void convert_row(const float* from, std::int32_t count, Type type, void* to);

}  // namespace kir::cpu
