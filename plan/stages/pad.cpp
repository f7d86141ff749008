#include "plan/stages.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace kir {

namespace {

/// Pads all pictures to `full`, {0, 0}: to the largest of the batch.
void pad_all(Draft& draft, Extent full) {
  if (full.height == 0) {
    for (const Picture& picture : draft.pictures) {
      full = {std::max(full.height, picture.size.height), std::max(full.width, picture.size.width)};
    }
  }
  for (Picture& picture : draft.pictures) {
    const Extent size = picture.size;
    if (full.height < size.height || full.width < size.width) {
      refuse_image(static_cast<std::size_t>(picture.image),
                   "becomes " + text_of(size) + ", larger than pad_size, " + text_of(full));
    }
    picture.unpadded = size;
    draft.pad(picture, full, 0, 0);
  }
}

}  // namespace

Stage pad_batch(bool mask) {
  const auto read = [mask](Keys& keys) -> Operation {
    if (!keys.boolean("do_pad")) return {};
    const SizeKeys size = keys.size("pad_size", true);
    if (!(size == SizeKeys{}) && size.height == 0) {
      keys.refuse("pad_size", keys.text("pad_size") + " has no height and width");
    }
    const Extent full = {size.height, size.width};
    return {.text = size.height != 0 ? "pad to " + text_of(full) : std::string("pad to the largest of the batch"),
            .extend = [=](Draft& draft) {
              draft.masked = mask;
              pad_all(draft, full);
            }};
  };
  return {mask ? "pad(batch, mask)" : "pad(batch)", read};
}

Stage pad_multiple(bool optional) {
  const auto read = [optional](Keys& keys) -> Operation {
    if (!keys.boolean("do_pad")) return {};
    const std::int64_t divisor = keys.integer("size_divisor", 1, kMaxEdge, 0);
    if (divisor == 0 && optional) return {};
    if (divisor == 0) keys.refuse_missing("size_divisor", "do_pad is true");
    return {.text = "pad to multiples of " + std::to_string(divisor), .extend = [divisor](Draft& draft) {
              for (Picture& picture : draft.pictures) {
                const Extent size = picture.size;
                const Extent full = {up_to_multiple(size.height, divisor), up_to_multiple(size.width, divisor)};
                draft.pad(picture, full, (full.height - size.height) / 2, (full.width - size.width) / 2);
              }
            }};
  };
  return {optional ? "pad(multiple, if size_divisor)" : "pad(multiple)", read};
}

Stage pad_square() {
  const auto read = [](Keys& keys) -> Operation {
    if (!keys.boolean("do_pad")) return {};
    const std::vector<double> mean = keys.channel_values("image_mean");
    if (mean.empty()) keys.refuse_missing("image_mean", "do_pad fills with it");
    std::array<float, 4> value{};
    for (std::size_t c = 0; c < mean.size(); ++c) {
      if (!(mean[c] >= 0 && mean[c] <= 1)) {
        keys.refuse("image_mean", "do_pad fills with it times 255; values in 0..1 are allowed");
      }
      value[c] = static_cast<float>(static_cast<std::int64_t>(mean[c] * 255));
    }
    return {.text = "pad to a square, with the mean", .extend = [value, count = mean.size()](Draft& draft) {
              for (Picture& picture : draft.pictures) {
                const Extent size = picture.size;
                if (size.height == size.width) continue;
                if (count != static_cast<std::size_t>(picture.channels)) {
                  refuse_channels(static_cast<std::size_t>(picture.image), picture.channels,
                                  "; do_pad fills with image_mean, which has " + std::to_string(count) + " values");
                }
                const std::int64_t edge = std::max(size.height, size.width);
                draft.pad(picture, {edge, edge}, (edge - size.height) / 2, (edge - size.width) / 2, value);
              }
            }};
  };
  return {"pad(square, mean)", read};
}

}  // namespace kir
