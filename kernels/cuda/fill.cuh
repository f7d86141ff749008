// Fills: a constant or a ramp to a rectangle of a target of any type and layout, 16 bytes a lane where the rectangle's
// rows are contiguous. One warp makes one tile; tile i of a fill is any of [0, fill_tiles(fill)).
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/cuda/convert.cuh"
#include "kernels/cuda/fill_shape.hpp"
#include "kernels/cuda/layout.cuh"

namespace kir::cuda {

namespace fill {

/// A value in the element type of kType, as kernels/cpu/store.cpp has it: pixels go through float32.
template <Type kType>
__device__ inline auto element_of(double value) {
  if constexpr (kType == Type::f32) {
    return static_cast<float>(value);
  } else if constexpr (kType == Type::f16) {
    return f16_bits(static_cast<float>(value));
  } else if constexpr (kType == Type::bf16) {
    return bf16_bits(static_cast<float>(value));
  } else if constexpr (kType == Type::u8) {
    return u8_level(static_cast<float>(value));
  } else if constexpr (kType == Type::boolean) {
    return static_cast<std::uint8_t>(value != 0.0);
  } else if constexpr (kType == Type::i32) {
    return static_cast<std::int32_t>(__double2int_rn(value));
  } else {
    return static_cast<std::int64_t>(__double2ll_rn(value));
  }
}

template <Type kType>
__device__ inline void tile(const FillDesc& fill, const LayoutDesc& layout, std::int64_t tile_index, int lane) {
  using Element = decltype(element_of<kType>(0.0));
  constexpr int kGroup = group_of(kType);
  struct alignas(kFillGroupBytes) Group {
    Element of[kGroup];
  };

  const auto groups = static_cast<std::uint32_t>(groups_of_row(fill));
  const std::int64_t channel_tiles = fill_tiles(fill) / fill.channels;
  const int channel = static_cast<int>(tile_index / channel_tiles);
  const std::int64_t begin = tile_index % channel_tiles * kFillGroups;
  const std::int64_t first_row = begin / groups;
  const auto first_group = static_cast<std::uint32_t>(begin % groups);
  // A row is contiguous when its elements are neighbours and none is in another unit of the layout.
  const auto unit = static_cast<std::int64_t>(layout.x.unit);
  const bool contiguous = layout.x.inner == 1 && fill.x0 / unit == (fill.x1 - 1) / unit;

  for (int i = lane; i < kFillGroups; i += 32) {
    const std::uint32_t group = first_group + static_cast<std::uint32_t>(i);
    const std::int64_t row = fill.y0 + first_row + group / groups;
    if (row >= fill.y1) return;
    const int y = static_cast<int>(row), in_row = static_cast<int>(group % groups) * kGroup;
    const std::int64_t y_offset = channel * layout.channel + offset_of(layout.y, y);
    const double row_value = fill.value[channel] + fill.ramp_y * y;
    const auto value = [&](int x) { return element_of<kType>(row_value + fill.ramp_x * x); };

    for (int copy = 0; copy < layout.copies; ++copy) {
      Element* const to = static_cast<Element*>(fill.target) + y_offset + copy * layout.copy;
      // Where a row is contiguous its groups are those of memory: the first and the last may be partly outside of it.
      int x = fill.x0 + in_row;
      if (contiguous) {
        const auto address = reinterpret_cast<std::uintptr_t>(to + offset_of(layout.x, fill.x0));
        x -= static_cast<int>(address / sizeof(Element) % kGroup);
      }
      if (contiguous && x >= fill.x0 && x + kGroup <= fill.x1) {
        Group elements;
        if (fill.ramp_x == 0) {
          const Element one = value(x);
#pragma unroll
          for (int j = 0; j < kGroup; ++j) elements.of[j] = one;
        } else {
#pragma unroll
          for (int j = 0; j < kGroup; ++j) elements.of[j] = value(x + j);
        }
        *reinterpret_cast<Group*>(to + offset_of(layout.x, x)) = elements;
      } else {
        for (int j = max(x, fill.x0); j < min(x + kGroup, fill.x1); ++j) to[offset_of(layout.x, j)] = value(j);
      }
    }
  }
}

}  // namespace fill

/// Makes one tile of a fill; all lanes of a warp call it together, `lane` is 0..31.
__device__ inline void fill_tile(const FillDesc& fill, const LayoutDesc& layout, std::int64_t tile_index, int lane) {
  switch (fill.target_type) {
    case Type::u8:
      return fill::tile<Type::u8>(fill, layout, tile_index, lane);
    case Type::boolean:
      return fill::tile<Type::boolean>(fill, layout, tile_index, lane);
    case Type::i32:
      return fill::tile<Type::i32>(fill, layout, tile_index, lane);
    case Type::i64:
      return fill::tile<Type::i64>(fill, layout, tile_index, lane);
    case Type::f16:
      return fill::tile<Type::f16>(fill, layout, tile_index, lane);
    case Type::bf16:
      return fill::tile<Type::bf16>(fill, layout, tile_index, lane);
    case Type::f32:
      return fill::tile<Type::f32>(fill, layout, tile_index, lane);
  }
}

}  // namespace kir::cuda
