// The weights of one axis: for each output position of a window, which source pixels it is made of and how much of
// each. Filters know no pixels; tables know no images; the passes that apply a table know neither. Thread safety: all
// functions are pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kir/plan.hpp"

namespace kir {

/// Output position axis.first + i is the sum over k < taps[i] of weight(i, k) * source[first[i] + k]. The border is
/// folded in: 0 <= first[i] and first[i] + taps[i] <= axis.in always. Where the source is mirrored, first[i] falls as i
/// rises. A row without taps gives 0. Rows are `stride` weights long, with zeros beyond taps[i].
struct AxisTable {
  Arithmetic arithmetic = Arithmetic::float32;
  std::int32_t stride = 0;
  std::vector<std::int32_t> first, taps;  ///< one a position of the window
  std::vector<float> f32;                 ///< float32: the weights; else empty
  std::vector<std::int16_t> i16;          ///< torch_int16: the weights times 2^shift, rounded; else empty
  std::vector<std::int32_t> i32;          ///< pillow_int22: the weights times 2^shift, rounded; else empty
  std::int32_t shift = 0;  ///< of integers: a sum s becomes (s + 2^(shift-1)) >> shift, clamped to 0..255

  std::int32_t count() const { return static_cast<std::int32_t>(first.size()); }
  std::span<const float> row_f32(std::int32_t i) const {
    return std::span(f32).subspan(static_cast<std::size_t>(i) * stride, taps[i]);
  }
  std::span<const std::int16_t> row_i16(std::int32_t i) const {
    return std::span(i16).subspan(static_cast<std::size_t>(i) * stride, taps[i]);
  }
  std::span<const std::int32_t> row_i32(std::int32_t i) const {
    return std::span(i32).subspan(static_cast<std::size_t>(i) * stride, taps[i]);
  }
  std::size_t bytes() const {
    return sizeof(*this) + (first.size() + taps.size() + f32.size() + i32.size()) * 4 + i16.size() * 2;
  }
};

/// The pixel of a source of `in` that stands at a place within or beyond it (goes_on_beyond); -1: none, of zero.
std::int32_t pixel_at(Border border, std::int64_t at, std::int32_t in);

/// Why there is no table for this axis, naming the field and its value; empty when there is one.
std::string why_no_axis_table(const Axis& axis, Arithmetic arithmetic);

/// An upper bound of taps[i] over the axis: the row stride of its table. Cheap: needs no table. Same errors as
/// make_axis_table.
std::int32_t max_taps(const Axis& axis, Arithmetic arithmetic);

/// The table of the window [axis.first, axis.first + axis.count). Its rows equal those of the whole axis, to the bit.
/// Throws Error{unsupported, "axis", ...} when why_no_axis_table says so, Error{invalid_argument, "axis", ...} for a
/// window or box outside the axis.
AxisTable make_axis_table(const Axis& axis, Arithmetic arithmetic);

}  // namespace kir
