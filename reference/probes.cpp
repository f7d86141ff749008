#include "reference/probes.hpp"

#include <array>
#include <cmath>

namespace kir::reference {
namespace {

std::uint8_t sample(const ImageView& image, std::int64_t c, std::int64_t y, std::int64_t x) {
  return image.data[c * image.stride_channel + y * image.stride_y + x * image.stride_x];
}

template <typename Visit>
void for_each_sample(const ImageView& image, Visit visit) {
  for (std::int32_t c = 0; c < image.size.channels; ++c) {
    for (std::int32_t y = 0; y < image.size.height; ++y) {
      for (std::int32_t x = 0; x < image.size.width; ++x) visit(c, y, x);
    }
  }
}

// Through a histogram, so that no sum is ever rounded.
ProbeResult mean_std(const ImageView& image) {
  std::array<std::int64_t, 256> histogram{};
  for_each_sample(image, [&](auto c, auto y, auto x) { ++histogram[sample(image, c, y, x)]; });

  std::int64_t count = 0, sum = 0;
  for (std::int64_t level = 0; level < 256; ++level) {
    count += histogram[std::size_t(level)];
    sum += histogram[std::size_t(level)] * level;
  }
  ProbeResult result;
  result.mean = double(sum) / double(count);

  double squares = 0;
  for (int level = 0; level < 256; ++level) {
    squares += double(histogram[std::size_t(level)]) * (level - result.mean) * (level - result.mean);
  }
  result.std = std::sqrt(squares / double(count - 1));  // of one sample: NaN, as torch has it
  return result;
}

ProbeResult is_grey(const ImageView& image) {
  ProbeResult result;
  result.is_grey = true;
  for_each_sample(image, [&](auto c, auto y, auto x) {
    if (sample(image, c, y, x) != sample(image, 0, y, x)) result.is_grey = false;
  });
  return result;
}

}  // namespace

std::vector<ProbeResult> measure(std::span<const Probe> probes, std::span<const ImageView> images) {
  check_probes(probes, images);
  std::vector<ProbeResult> results;
  for (const Probe& probe : probes) {
    const ImageView& image = images[std::size_t(probe.image)];
    results.push_back(probe.kind == Probe::Kind::mean_std ? mean_std(image) : is_grey(image));
  }
  return results;
}

}  // namespace kir::reference
