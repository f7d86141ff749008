// One value to a target of any type that pixels have.
#pragma once

#include <cstdint>

#include "kernels/cuda/convert.cuh"
#include "kernels/cuda/layout.cuh"

namespace kir::cuda {

/// v to element `offset` of a target of type u8, f16, bf16 or f32. Streaming: results are not read again by the kernel.
__device__ inline void store_element(void* target, Type type, std::int64_t offset, float v) {
  switch (type) {
    case Type::f32:
      __stcs(static_cast<float*>(target) + offset, v);
      break;
    case Type::f16:
      __stcs(static_cast<unsigned short*>(target) + offset, f16_bits(v));
      break;
    case Type::bf16:
      __stcs(static_cast<unsigned short*>(target) + offset, bf16_bits(v));
      break;
    case Type::u8:
      __stcs(static_cast<unsigned char*>(target) + offset, u8_level(v));
      break;
    case Type::boolean:
    case Type::i32:
    case Type::i64:
      break;  // refused by support_of(): pixels are never stored as these
  }
}

/// v to every copy of the element whose first copy is at `offset`.
__device__ inline void store_copies(void* target, Type type, const LayoutDesc& layout, std::int64_t offset, float v) {
#pragma unroll 1
  for (int copy = 0; copy < layout.copies; ++copy) store_element(target, type, offset + copy * layout.copy, v);
}

}  // namespace kir::cuda
