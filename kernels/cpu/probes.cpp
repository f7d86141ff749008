#include "kernels/cpu/probes.hpp"

#include <cstdint>

#include "weights/level_counts.hpp"

namespace kir::cpu {
namespace {

const std::uint8_t* row_of(const ImageView& image, std::int32_t channel, std::int32_t y) {
  return image.data + channel * image.stride_channel + y * image.stride_y;
}

ProbeResult mean_std(const ImageView& image) {
  LevelCounts counts{};
  for (std::int32_t channel = 0; channel < image.size.channels; ++channel) {
    for (std::int32_t y = 0; y < image.size.height; ++y) {
      const std::uint8_t* row = row_of(image, channel, y);
      for (std::int32_t x = 0; x < image.size.width; ++x) ++counts[row[x * image.stride_x]];
    }
  }
  return mean_std_of(counts);
}

bool is_grey(const ImageView& image) {
  for (std::int32_t channel = 1; channel < image.size.channels; ++channel) {
    for (std::int32_t y = 0; y < image.size.height; ++y) {
      const std::uint8_t* one = row_of(image, 0, y);
      const std::uint8_t* other = row_of(image, channel, y);
      for (std::int32_t x = 0; x < image.size.width; ++x) {
        if (one[x * image.stride_x] != other[x * image.stride_x]) return false;
      }
    }
  }
  return true;
}

}  // namespace

ProbeResult measure(const Probe& probe, const ImageView& image) {
  if (probe.kind == Probe::Kind::mean_std) return mean_std(image);
  ProbeResult result;
  result.is_grey = is_grey(image);
  return result;
}

}  // namespace kir::cpu
