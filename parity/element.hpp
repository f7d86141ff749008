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
template <Type type>
double element(const void* data, std::int64_t index) {
  const auto load = [&]<class T>(T) {
    T value;
    std::memcpy(&value, static_cast<const char*>(data) + index * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
    return value;
  };
  if constexpr (type == Type::f32) return load(float{});
  if constexpr (type == Type::f16) return from_f16(load(std::uint16_t{}));
  if constexpr (type == Type::bf16) return from_bf16(load(std::uint16_t{}));
  if constexpr (type == Type::i32) return load(std::int32_t{});
  if constexpr (type == Type::i64) return static_cast<double>(load(std::int64_t{}));
  if constexpr (type == Type::u8 || type == Type::boolean) return load(std::uint8_t{});
}

/// Calls visit.operator()<type>(), so that a loop over elements decides the type once.
template <class Visit>
void with_elements(Type type, const Visit& visit) {
  switch (type) {
    case Type::u8:
      return visit.template operator()<Type::u8>();
    case Type::boolean:
      return visit.template operator()<Type::boolean>();
    case Type::i32:
      return visit.template operator()<Type::i32>();
    case Type::i64:
      return visit.template operator()<Type::i64>();
    case Type::f16:
      return visit.template operator()<Type::f16>();
    case Type::bf16:
      return visit.template operator()<Type::bf16>();
    case Type::f32:
      return visit.template operator()<Type::f32>();
  }
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
