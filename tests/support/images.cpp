#include "tests/support/images.hpp"

namespace kir::test {

const char* name_of(Storage storage) {
  switch (storage) {
    case Storage::chw:
      return "chw";
    case Storage::hwc:
      return "hwc";
    case Storage::crop:
      return "crop";
    case Storage::flipped:
      return "flipped";
    case Storage::reversed_channels:
      return "reversed_channels";
    case Storage::sparse:
      return "sparse";
  }
  return "?";
}

Image make_image(std::mt19937& random, ImageSize size, Storage storage) {
  const std::int64_t c = size.channels, h = size.height, w = size.width;
  Image image;
  const auto hold = [&](std::int64_t bytes, std::int64_t first, std::int64_t channel, std::int64_t y, std::int64_t x) {
    image.memory.resize(static_cast<std::size_t>(bytes));
    image.first = first;
    image.strides = {nullptr, size, channel, y, x};
  };
  switch (storage) {
    case Storage::chw:
      hold(c * h * w, 0, h * w, w, 1);
      break;
    case Storage::hwc:
      hold(c * h * w, 0, 1, w * c, c);
      break;
    case Storage::crop:
      hold(c * (h + 3) * (w + 5), 2 * (w + 5) + 3, (h + 3) * (w + 5), w + 5, 1);
      break;
    case Storage::flipped:
      hold(c * h * w, h * w - 1, h * w, -w, -1);
      break;
    case Storage::reversed_channels:
      hold(c * h * w, c - 1, -1, w * c, c);
      break;
    case Storage::sparse:
      hold(h * w * 7, 1, 2, w * 7, 7);
      break;
  }
  std::uniform_int_distribution<int> any(0, 255);
  for (std::uint8_t& v : image.memory) v = static_cast<std::uint8_t>(any(random));
  for (std::int32_t y = 0; y < size.height / 2; ++y) {
    for (std::int32_t x = 0; x < size.width; ++x) {
      image.memory[static_cast<std::size_t>(image.offset(0, y, x))] = any(random) % 2 ? 255 : 0;
    }
  }
  return image;
}

}  // namespace kir::test
