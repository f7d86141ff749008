#include "kernels/cpu/probes.hpp"

#include <cstdint>
#include <string>

#include "kir/error.hpp"
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

ProbeResult measure(const Probe& probe, std::span<const ImageView> images) {
  if (static_cast<std::size_t>(probe.image) >= images.size()) {
    throw Error(ErrorCode::invalid_argument, "probes",
                "image " + std::to_string(probe.image) + " of " + std::to_string(images.size()));
  }
  const ImageView& image = images[probe.image];
  if (image.data == nullptr) {
    throw Error(ErrorCode::invalid_argument, "images[" + std::to_string(probe.image) + "]", "data is null");
  }
  ProbeResult result;
  switch (probe.kind) {
    case Probe::Kind::mean_std:
      return mean_std(image);
    case Probe::Kind::is_grey:
      result.is_grey = is_grey(image);
      return result;
    case Probe::Kind::content_box:
      break;
  }
  throw Error(ErrorCode::unsupported, "probes", "content_box: no processor that is built needs it");
}

}  // namespace kir::cpu
