// What a caller's numerics mean for the jobs of a plan: one row each. Everything that depends on the numerics reads its
// row; what a backend does depends on the jobs alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kir/plan.hpp"

namespace kir {

/// Which pass runs first where both axes are resampled.
enum class PassOrder : std::uint8_t {
  horizontal,  ///< always the horizontal one (torch, Pillow up to 12.1)
  pillow12,    ///< the vertical one when a height of more than 100 times the width shrinks (Image.resize of 12.2)
  pillow13,  ///< the vertical one when the height shrinks, and by more than twice what the width does (its Resample.c)
};

struct NumericsRow {
  const char* name;
  Arithmetic arithmetic;  ///< of a resample of levels
  Round round;            ///< of a resample of levels
  PassOrder order;
  Type canvas;  ///< of a canvas, or an output without an affine, that holds resampled levels
  Toolkit toolkit;
  bool built;  ///< whether plan() makes such plans
};

/// In the order of Numerics.
inline constexpr std::array<NumericsRow, 6> kNumericsRows = {{
    {"float32", Arithmetic::float32, Round::never, PassOrder::horizontal, Type::f32, Toolkit::torchvision, true},
    {"torch_cpu", Arithmetic::torch_int16, Round::each, PassOrder::horizontal, Type::u8, Toolkit::torchvision, true},
    {"torch_cuda", Arithmetic::cuda_float32, Round::last, PassOrder::horizontal, Type::u8, Toolkit::torchvision, false},
    {"pillow11", Arithmetic::pillow_int22, Round::each, PassOrder::horizontal, Type::u8, Toolkit::pillow, true},
    {"pillow12", Arithmetic::pillow_int22, Round::each, PassOrder::pillow12, Type::u8, Toolkit::pillow, true},
    {"pillow13", Arithmetic::pillow_int22, Round::each, PassOrder::pillow13, Type::u8, Toolkit::pillow, true},
}};

constexpr const NumericsRow& row_of(Numerics numerics) {
  return kNumericsRows[static_cast<std::size_t>(numerics)];
}

/// Throws Error{unsupported, "numerics"} for numerics that are not built, naming those that are.
void check_built(Numerics numerics);

/// Which axes a job resamples, and in which order: those whose size changes. An unchanged axis is its own resample, bit
/// for bit.
Passes passes_of(PassOrder order, const Axis& y, const Axis& x);

}  // namespace kir
