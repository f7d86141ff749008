// The sizes and images of a suite's case, the same for the same seed.
#include "benchmarks/suite.hpp"

namespace kir::benchmarks {

std::vector<ImageSize> draw_sizes(const Suite& suite, const SuiteCase& one, std::uint64_t seed, std::size_t set) {
  parity::Random random(parity::seed_of(seed, suite.name + "/" + one.name + "/sizes " + std::to_string(set)));
  std::vector<ImageSize> sizes(static_cast<std::size_t>(one.images));
  for (ImageSize& size : sizes) {
    size.height = static_cast<std::int32_t>(random.between(one.height[0], one.height[1]));
    size.width = static_cast<std::int32_t>(random.between(one.width[0], one.width[1]));
  }
  return sizes;
}

std::vector<parity::Image> make_images(const Suite& suite, const SuiteCase& one, std::uint64_t seed,
                                       std::span<const parity::Image> photos, Executor* executor) {
  const std::vector<ImageSize> sizes = draw_sizes(suite, one, seed);
  std::vector<std::optional<parity::Image>> made(sizes.size());
  SerialExecutor serial;
  (executor != nullptr ? *executor : serial).parallel_for(one.images, [&](std::int64_t index, int) {
    const auto i = static_cast<std::size_t>(index);
    parity::Random random(parity::seed_of(seed, suite.name + "/" + one.name + "/" + std::to_string(i)));
    made[i] = photos.empty() ? parity::smooth_image(sizes[i], random, one.memory)
                             : parity::mirrored_tiles(photos[i % photos.size()], sizes[i], random, one.memory);
  });
  std::vector<parity::Image> images;
  for (std::optional<parity::Image>& image : made) images.push_back(std::move(*image));
  return images;
}

}  // namespace kir::benchmarks
