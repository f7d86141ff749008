#include "parity/placed_images.hpp"

#include <algorithm>

namespace kir::parity {
namespace {

constexpr std::uintptr_t kAlignment = 16;

}  // namespace

PlacedImages::PlacedImages(MemorySpace space, std::span<const ImageView> images)
    : views_(images.begin(), images.end()) {
  if (space == MemorySpace::host) return;
  for (ImageView& view : views_) {
    std::int64_t before = 0, after = 1;  // bytes of the image before its first pixel, and from there on
    const auto reach = [&](std::int64_t stride, std::int32_t count) {
      before += std::max<std::int64_t>(0, -stride * (count - 1));
      after += std::max<std::int64_t>(0, stride * (count - 1));
    };
    reach(view.stride_channel, view.size.channels);
    reach(view.stride_y, view.size.height);
    reach(view.stride_x, view.size.width);

    const std::uint8_t* const first = view.data - before;
    const std::size_t phase = reinterpret_cast<std::uintptr_t>(first) % kAlignment;
    std::vector<std::uint8_t> bytes(phase, 0xAA);  // another's, beside an unaligned image
    bytes.insert(bytes.end(), first, first + before + after);
    Block& block = blocks_.emplace_back(space, bytes.size());
    block.upload(0, bytes);
    view.data = reinterpret_cast<const std::uint8_t*>(block.data()) + phase + before;
  }
}

}  // namespace kir::parity
