// Element types, and the shapes and views of pixels that cross the API. Plain data; no ownership.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kir {

/// Element type of an image, a canvas or an output. f16 is IEEE half, bf16 is bfloat16, boolean is one byte 0/1.
enum class Type : std::uint8_t { u8, boolean, i32, i64, f16, bf16, f32 };

constexpr std::size_t bytes_of(Type type) {
  switch (type) {
    case Type::u8:
    case Type::boolean:
      return 1;
    case Type::f16:
    case Type::bf16:
      return 2;
    case Type::i32:
    case Type::f32:
      return 4;
    case Type::i64:
      return 8;
  }
  return 0;
}

/// The name used in files and messages: "uint8", "bool", "int32", "int64", "float16", "bfloat16", "float32".
const char* name_of(Type type);

/// Channels (1..4), rows and columns (1..kMaxEdge) of one input image.
struct ImageSize {
  std::int32_t channels = 3;
  std::int32_t height = 0;
  std::int32_t width = 0;
  friend bool operator==(const ImageSize&, const ImageSize&) = default;
};

/// The longest edge of an image, a canvas or a resized image. Positions fit int32 with room for stride arithmetic,
/// and channels * height * width is checked against kMaxElements.
inline constexpr std::int32_t kMaxEdge = 1 << 20;
inline constexpr std::int64_t kMaxElements = std::int64_t{1} << 40;

/// One uint8 image in memory. Strides are in elements (= bytes) and may be of any size and sign, so CHW, HWC, a crop of
/// a larger image and a flipped image are all the same thing. CHW: {data, size, h*w, w, 1}; HWC: {data, size, 1, w*c,
/// c}. From its lowest to its highest byte an image is in one allocation: CUDA backends may read what lies between.
struct ImageView {
  const std::uint8_t* data = nullptr;
  ImageSize size;
  std::int64_t stride_channel = 0;
  std::int64_t stride_y = 0;
  std::int64_t stride_x = 0;
};

/// A contiguous CHW image.
constexpr ImageView chw_view(const std::uint8_t* data, ImageSize size) {
  return {data, size, std::int64_t{size.height} * size.width, size.width, 1};
}

/// A contiguous HWC image, as decoders write it.
constexpr ImageView hwc_view(const std::uint8_t* data, ImageSize size) {
  return {data, size, 1, std::int64_t{size.width} * size.channels, size.channels};
}

/// Where memory is that a backend reads and writes.
enum class MemorySpace : std::uint8_t {
  host,
  cuda,  ///< of the current CUDA device
};

/// Memory for one output of a plan: contiguous, of the output's type and shape, `bytes` long (checked).
struct OutputView {
  void* data = nullptr;
  std::size_t bytes = 0;
};

}  // namespace kir
