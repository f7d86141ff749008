// float32 to the types that a result is stored in, as kernels/cpu/convert.hpp has it: nearest, ties to even.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>

#include "kir/types.hpp"

namespace kir::cuda {

__device__ inline std::uint16_t f16_bits(float v) {
  return __half_as_ushort(__float2half_rn(v));
}

__device__ inline std::uint16_t bf16_bits(float v) {
  return __bfloat16_as_ushort(__float2bfloat16_rn(v));
}

/// Nearest level, clamped to 0..255; NaN becomes 0, as fmaxf takes the number.
__device__ inline std::uint8_t u8_level(float v) {
  const float clamped = fminf(fmaxf(v, 0.0f), 255.0f);
  // 1.5 * 2^23: the sum's last bit is worth one level, so the addition rounds; a conversion has a quarter of its rate.
  return static_cast<std::uint8_t>(__float_as_uint(clamped + 12582912.0f));
}

/// v as it is after a store in `type` and a load (f16, bf16); any other type leaves it alone.
__device__ inline float rounded_to(Type type, float v) {
  if (type == Type::f16) return __half2float(__float2half_rn(v));
  if (type == Type::bf16) return __bfloat162float(__float2bfloat16_rn(v));
  return v;
}

}  // namespace kir::cuda
