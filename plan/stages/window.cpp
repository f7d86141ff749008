#include "plan/stages.hpp"

#include <algorithm>
#include <string>

namespace kir {

namespace {

/// crop_size, of a switch that is on.
Extent read_crop_size(const Keys& keys) {
  const SizeKeys size = keys.size("crop_size", true);
  if (size == SizeKeys{}) keys.refuse_missing("crop_size", "do_center_crop is true");
  if (size.height == 0) keys.refuse("crop_size", keys.text("crop_size") + " has no height and width");
  return {size.height, size.width};
}

}  // namespace

Operation window_to(Extent size) {
  return {.text = "window " + text_of(size), .extend = [size](Draft& draft) {
            for (Picture& picture : draft.pictures) draft.window(picture, size);
          }};
}

Stage window() {
  const auto read = [](Keys& keys) -> Operation {
    return keys.boolean("do_center_crop") ? window_to(read_crop_size(keys)) : Operation{};
  };
  return {"window(crop_size)", read};
}

Stage window_of_shortest() {
  const auto read = [](Keys& keys) -> Operation {
    if (!keys.boolean("do_center_crop")) return {};
    const std::int64_t edge = keys.size("crop_size", true).shortest_edge;
    if (edge == 0) keys.refuse("crop_size", keys.text("crop_size") + " has no shortest_edge");
    return window_to({edge, edge});
  };
  return {"window(crop_size.shortest_edge)", read};
}

Stage window_of_convnext() {
  const auto read = [](Keys& keys) -> Operation {
    if (!keys.boolean("do_resize")) return {};
    const std::int64_t edge = read_size(keys, convnext).shortest_edge;
    return edge < kConvNextWarps ? window_to({edge, edge}) : Operation{};
  };
  return {"window(size, below 384)", read};
}

Stage window_of_sapiens2() {
  const auto read = [](Keys& keys) -> Operation {
    if (!keys.boolean("do_resize") || !keys.boolean("do_pad")) return {};
    const SizeKeys size = read_size(keys, sapiens2);
    return window_to({size.height, size.width});
  };
  return {"window(size, with do_pad)", read};
}

Stage window_of_perceiver() {
  const auto read = [](Keys& keys) -> Operation {
    if (!keys.boolean("do_center_crop")) return {};
    const Extent crop = read_crop_size(keys);
    const SizeKeys size = keys.size("size", true);
    if (size.height == 0) {
      keys.refuse("size", keys.text("size") + " has no height and width; the crop needs them");
    }
    return {
        .text = "window " + text_of(Extent{size.height, size.width}) + " over " + text_of(crop) + " of the short side",
        .extend = [=](Draft& draft) {
          for (Picture& picture : draft.pictures) {
            const auto shorter = static_cast<double>(std::min(picture.size.height, picture.size.width));
            const auto side = [&](std::int64_t target, std::int64_t of) {
              return static_cast<std::int64_t>(static_cast<double>(target) / static_cast<double>(of) * shorter);
            };
            const Extent window = {side(size.height, crop.height), side(size.width, crop.width)};
            check_resized(picture.image, window);
            draft.window(picture, window);
          }
        }};
  };
  return {"window(size over crop_size of the short side)", read};
}

}  // namespace kir
