#include "parity/image.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "kir/error.hpp"

namespace kir::parity {

const char* name_of(Memory memory) {
  switch (memory) {
    case Memory::chw:
      return "chw";
    case Memory::hwc:
      return "hwc";
    case Memory::window:
      return "window";
    case Memory::flipped:
      return "flipped";
    case Memory::unaligned:
      return "unaligned";
    case Memory::plane_window:
      return "plane window";
  }
  return "?";
}

Image::Image(std::string name, ImageSize size, Memory memory) : name_(std::move(name)), memory_(memory) {
  const std::int64_t channels = size.channels, height = size.height, width = size.width;
  std::int64_t bytes = channels * height * width;
  switch (memory) {
    case Memory::chw:
      layout_ = {nullptr, size, height * width, width, 1};
      break;
    case Memory::hwc:
      layout_ = {nullptr, size, 1, width * channels, channels};
      break;
    case Memory::window: {
      const std::int64_t row = (width * channels + 5) | 1;
      layout_ = {nullptr, size, 1, row, channels};
      first_ = row + 3;  // one row above, three bytes to the left
      bytes = row * (height + 2);
      break;
    }
    case Memory::flipped:
      layout_ = {nullptr, size, height * width, -width, 1};
      first_ = (height - 1) * width;
      break;
    case Memory::unaligned:
      layout_ = {nullptr, size, height * width, width, 1};
      first_ = 1;
      bytes += 1;
      break;
    case Memory::plane_window: {
      const std::int64_t row = width + 7;
      layout_ = {nullptr, size, row * (height + 2), row, 1};
      first_ = row + 3;
      bytes = row * (height + 2) * channels;
      break;
    }
  }
  pixels_.assign(static_cast<std::size_t>(bytes), 0xAA);
  for (int c = 0; c < channels; ++c)
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) at(c, y, x) = 0;
}

Image::Image(std::string name, ImageSize size, std::vector<std::uint8_t> hwc_pixels)
    : name_(std::move(name)), memory_(Memory::hwc), layout_(hwc_view(nullptr, size)), pixels_(std::move(hwc_pixels)) {
  const std::int64_t expected = std::int64_t{size.channels} * size.height * size.width;
  if (static_cast<std::int64_t>(pixels_.size()) != expected) {
    throw Error(ErrorCode::invalid_argument, "hwc_pixels",
                name_ + ": " + std::to_string(pixels_.size()) + " samples, expected " + std::to_string(expected));
  }
}

ImageView Image::view() const {
  ImageView view = layout_;
  view.data = pixels_.data() + first_;
  return view;
}

std::string Image::describe() const {
  const ImageSize s = size();
  return name_ + " " + std::to_string(s.channels) + "x" + std::to_string(s.height) + "x" + std::to_string(s.width) +
         " " + name_of(memory_);
}

Image constant_image(ImageSize size, std::uint8_t level, Memory memory) {
  Image image("constant-" + std::to_string(level), size, memory);
  for (int c = 0; c < size.channels; ++c)
    for (int y = 0; y < size.height; ++y)
      for (int x = 0; x < size.width; ++x) image.at(c, y, x) = level;
  return image;
}

Image noise_image(ImageSize size, Random& random, Memory memory) {
  Image image("noise", size, memory);
  std::uint64_t bits = 0;
  int left = 0;
  for (int c = 0; c < size.channels; ++c)
    for (int y = 0; y < size.height; ++y)
      for (int x = 0; x < size.width; ++x) {
        if (left == 0) {
          bits = random.bits();
          left = 8;
        }
        image.at(c, y, x) = static_cast<std::uint8_t>(bits);
        bits >>= 8;
        --left;
      }
  return image;
}

Image smooth_image(ImageSize size, Random& random, Memory memory) {
  Image image("smooth", size, memory);
  constexpr double kPi = 3.14159265358979323846;
  constexpr int kWaves = 4, kEdges = 3;
  // A wave along each axis instead of one over the plane: two sines a row and a column, not one a pixel.
  struct Wave {
    double per_y, per_x, phase_y, phase_x, strength;
  };
  struct Edge {
    double y0, x0, y1, x1, step;
  };
  std::array<Wave, kWaves> waves;
  std::array<Edge, kEdges> edges;
  for (Wave& w : waves) {
    w = {random.unit() * 6, random.unit() * 6, random.unit() * 2 * kPi, random.unit() * 2 * kPi,
         20 + 25 * random.unit()};
  }
  for (Edge& e : edges) {
    const double y = random.unit() * 0.8, x = random.unit() * 0.8;
    e = {y, x, y + 0.1 + random.unit() * 0.4, x + 0.1 + random.unit() * 0.4, random.unit() * 120 - 60};
  }

  std::vector<double> along_x(static_cast<std::size_t>(size.width) * kWaves);
  for (int c = 0; c < size.channels; ++c) {
    const double tint = random.unit() * 30 - 15, shift = random.unit() * 0.5;
    for (int x = 0; x < size.width; ++x)
      for (int k = 0; k < kWaves; ++k) {
        along_x[static_cast<std::size_t>(x) * kWaves + k] =
            std::sin(2 * kPi * waves[k].per_x * x / size.width + waves[k].phase_x + shift);
      }
    for (int y = 0; y < size.height; ++y) {
      std::array<double, kWaves> row;
      for (int k = 0; k < kWaves; ++k) {
        row[k] = waves[k].strength * std::sin(2 * kPi * waves[k].per_y * y / size.height + waves[k].phase_y);
      }
      const double v = (y + 0.5) / size.height;
      for (int x = 0; x < size.width; ++x) {
        const double u = (x + 0.5) / size.width;
        double level = 128 + tint;
        for (int k = 0; k < kWaves; ++k) level += row[k] * along_x[static_cast<std::size_t>(x) * kWaves + k];
        for (const Edge& e : edges) {
          if (v >= e.y0 && v < e.y1 && u >= e.x0 && u < e.x1) level += e.step;
        }
        level += static_cast<double>(random.bits() >> 61) - 3.5;  // grain of +-3.5 levels
        image.at(c, y, x) = static_cast<std::uint8_t>(std::clamp(level, 0.0, 255.0));
      }
    }
  }
  return image;
}

Image mirrored_tiles(const Image& photo, ImageSize size, Random& random, Memory memory) {
  const ImageSize from = photo.size();
  Image image(photo.name(), size, memory);
  const auto mirrored = [](std::int64_t v, std::int64_t n) {
    const std::int64_t m = v % (2 * n);
    return m < n ? m : 2 * n - 1 - m;
  };
  const std::int64_t dy = random.below(from.height), dx = random.below(from.width);
  for (int y = 0; y < size.height; ++y) {
    const std::int64_t sy = mirrored(y + dy, from.height);
    for (int x = 0; x < size.width; ++x) {
      const std::int64_t sx = mirrored(x + dx, from.width);
      for (int c = 0; c < size.channels; ++c) image.at(c, y, x) = photo.at(c % from.channels, sy, sx);
    }
  }
  return image;
}

Image with_memory(const Image& image, Memory memory) {
  const ImageSize size = image.size();
  Image copy(image.name(), size, memory);
  for (int c = 0; c < size.channels; ++c)
    for (int y = 0; y < size.height; ++y)
      for (int x = 0; x < size.width; ++x) copy.at(c, y, x) = image.at(c, y, x);
  return copy;
}

}  // namespace kir::parity
