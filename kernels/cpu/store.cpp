#include "kernels/cpu/store.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/cpu/convert.hpp"

namespace kir::cpu {
namespace {

/// Calls run(i, n, offset): elements i .. i + n of the piece are at offset + j * layout.x.inner, once for each copy.
template <class Run>
void for_each_run(const Layout& layout, const RowPiece& piece, const Run& run) {
  const std::int64_t row = layout.base + piece.channel * layout.channel + layout.y(piece.y);
  for (std::int32_t i = 0, n = 0; i < piece.width; i += n) {
    const std::int32_t x = piece.x + i;
    n = std::min(piece.width - i, layout.x.unit - x % layout.x.unit);
    const std::int64_t offset = row + layout.x(x);
    for (std::int32_t copy = 0; copy < layout.copies; ++copy) run(i, n, offset + copy * layout.copy);
  }
}

/// to[j * stride] = value(j). The contiguous case is a loop of its own so that it can be vectorised.
template <class Element, class Value>
void write_run(Element* to, std::int64_t stride, std::int32_t count, const Value& value) {
  if (stride == 1) {
    for (std::int32_t j = 0; j < count; ++j) to[j] = value(j);
  } else {
    for (std::int32_t j = 0; j < count; ++j) to[j * stride] = value(j);
  }
}

/// piece[i] = value(i), whatever the layout.
template <class Element, class Value>
void write_piece(const Destination& to, const RowPiece& piece, const Value& value) {
  for_each_run(to.layout, piece, [&](std::int32_t i, std::int32_t n, std::int64_t offset) {
    write_run(static_cast<Element*>(to.data) + offset, to.layout.x.inner, n,
              [&value, i](std::int32_t j) -> Element { return value(i + j); });
  });
}

}  // namespace

float* row_in_place(const Destination& to, const RowPiece& piece) {
  const Strides& x = to.layout.x;
  const bool one_run = piece.x % x.unit + piece.width <= x.unit;
  if (to.type != Type::f32 || x.inner != 1 || to.layout.copies != 1 || !one_run) return nullptr;
  return static_cast<float*>(to.data) + to.layout.base + piece.channel * to.layout.channel + to.layout.y(piece.y) +
         x(piece.x);
}

void store_row(const Destination& to, const RowPiece& piece, const float* row) {
  switch (to.type) {
    case Type::f32:
      return write_piece<float>(to, piece, [row](std::int32_t i) { return row[i]; });
    case Type::f16:
      return write_piece<std::uint16_t>(to, piece, [row](std::int32_t i) { return f16_bits(row[i]); });
    case Type::bf16:
      return write_piece<std::uint16_t>(to, piece, [row](std::int32_t i) { return bf16_bits(row[i]); });
    case Type::u8:
      return write_piece<std::uint8_t>(to, piece, [row](std::int32_t i) { return u8_level(row[i]); });
    case Type::boolean:
    case Type::i32:
    case Type::i64:
      return;  // refused by supports(): pixels are never stored as these
  }
}

void store_levels(const Destination& to, const RowPiece& piece, const std::uint8_t* levels, const void* table) {
  const auto look_up = [&]<class Element>(const Element* values) {
    write_piece<Element>(to, piece, [levels, values](std::int32_t i) { return values[levels[i]]; });
  };
  switch (bytes_of(to.type)) {
    case 1:
      return look_up(static_cast<const std::uint8_t*>(table));
    case 2:
      return look_up(static_cast<const std::uint16_t*>(table));
    default:
      return look_up(static_cast<const float*>(table));
  }
}

void store_fill(const Destination& to, const Fill& fill, std::int32_t begin, std::int32_t end) {
  for (std::int32_t channel = 0; channel < fill.channels; ++channel) {
    for (std::int32_t y = begin; y < end; ++y) {
      const RowPiece piece{channel, y, fill.x0, fill.x1 - fill.x0};
      const double row = fill.value[channel] + fill.ramp_y * y;
      const auto value = [&](std::int32_t i) { return row + fill.ramp_x * (fill.x0 + i); };
      const auto real = [&](std::int32_t i) { return static_cast<float>(value(i)); };
      switch (to.type) {
        case Type::f32:
          write_piece<float>(to, piece, real);
          break;
        case Type::f16:
          write_piece<std::uint16_t>(to, piece, [&](std::int32_t i) { return f16_bits(real(i)); });
          break;
        case Type::bf16:
          write_piece<std::uint16_t>(to, piece, [&](std::int32_t i) { return bf16_bits(real(i)); });
          break;
        case Type::u8:
          write_piece<std::uint8_t>(to, piece, [&](std::int32_t i) { return u8_level(real(i)); });
          break;
        case Type::boolean:
          write_piece<std::uint8_t>(to, piece, [&](std::int32_t i) { return value(i) != 0.0; });
          break;
        case Type::i32:
          write_piece<std::int32_t>(
              to, piece, [&](std::int32_t i) { return static_cast<std::int32_t>(std::nearbyint(value(i))); });
          break;
        case Type::i64:
          write_piece<std::int64_t>(
              to, piece, [&](std::int32_t i) { return static_cast<std::int64_t>(std::nearbyint(value(i))); });
          break;
      }
    }
  }
}

void convert_row(const float* from, std::int32_t count, Type type, void* to) {
  store_row(Destination{to, type, chw_layout(0, 1, count)}, RowPiece{0, 0, 0, count}, from);
}

}  // namespace kir::cpu
