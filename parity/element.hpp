// One element of an output as a number, whatever its type. float16 and bfloat16 are decoded by hand: C++20 has no such
// types.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "kir/types.hpp"

namespace kir::parity {

/// IEEE half to float, exactly.
inline float from_f16(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t{half & 0x8000u} << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1f, fraction = half & 0x3ff;
  if (exponent == 0) {
    const float magnitude = std::ldexp(static_cast<float>(fraction), -24);
    return sign ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 0xffu : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

/// bfloat16 to float, exactly.
inline float from_bf16(std::uint16_t half) {
  return std::bit_cast<float>(std::uint32_t{half} << 16);
}

/// Element `index` of a contiguous array of `type`. i64 beyond 2^53 loses bits; no output of a plan is that large.
inline double element(Type type, const void* data, std::int64_t index) {
  const auto load = [&]<class T>(T) {
    T value;
    std::memcpy(&value, static_cast<const char*>(data) + index * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
    return value;
  };
  switch (type) {
    case Type::u8:
    case Type::boolean:
      return load(std::uint8_t{});
    case Type::i32:
      return load(std::int32_t{});
    case Type::i64:
      return static_cast<double>(load(std::int64_t{}));
    case Type::f16:
      return from_f16(load(std::uint16_t{}));
    case Type::bf16:
      return from_bf16(load(std::uint16_t{}));
    case Type::f32:
      return load(float{});
  }
  return 0;
}

/// The distance between neighbouring numbers of `type` at `value`: two sums that differ in their last bit may be
/// rounded that far apart. 0 for f32, whose rounding is part of what a bound measures.
inline double rounding_step(Type type, double value) {
  if (type == Type::u8) return 1;
  if (type != Type::f16 && type != Type::bf16) return 0;
  const int bits = type == Type::f16 ? 10 : 7, lowest = type == Type::f16 ? -14 : -126;
  if (value == 0) return std::ldexp(1.0, lowest - bits);
  return std::ldexp(1.0, std::max(std::ilogb(value), lowest) - bits);
}

}  // namespace kir::parity
