// Images of noise in the memory layouts that callers have.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "kir/plan.hpp"

namespace kir::test {

/// Pixels of an image in one of the memory layouts that callers have.
enum class Storage { chw, hwc, crop, flipped, reversed_channels, sparse };
inline constexpr Storage kStorages[] = {
    Storage::chw, Storage::hwc, Storage::crop, Storage::flipped, Storage::reversed_channels, Storage::sparse};
const char* name_of(Storage storage);

struct Image {
  std::vector<std::uint8_t> memory;
  std::int64_t first = 0;  ///< where in the memory element (0, 0, 0) is
  ImageView strides;       ///< without data: an Image may be copied

  ImageView view() const {
    ImageView view = strides;
    view.data = memory.data() + first;
    return view;
  }
  std::int64_t offset(std::int32_t channel, std::int32_t y, std::int32_t x) const {
    return first + channel * strides.stride_channel + y * strides.stride_y + x * strides.stride_x;
  }
  std::uint8_t at(std::int32_t channel, std::int32_t y, std::int32_t x) const {
    return memory.at(static_cast<std::size_t>(offset(channel, y, x)));
  }
};

/// Noise with an area of pure black and white, where a bicubic overshoots.
Image make_image(std::mt19937& random, ImageSize size, Storage storage);

}  // namespace kir::test
