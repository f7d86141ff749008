#include "plan/stages.hpp"

namespace kir {

namespace {

void reverse(Draft& draft) {
  for (Picture& picture : draft.pictures) picture.reversed = !picture.reversed;
}

}  // namespace

Stage reverse_rgb() {
  const auto read = [](Keys& keys) -> Operation {
    if (!keys.boolean("do_flip_channel_order", true)) return {};
    const auto extend = [name = keys.class_name()](Draft& draft) {
      for (const Picture& picture : draft.pictures) {
        if (picture.channels == 3) continue;
        refuse_channels(static_cast<std::size_t>(picture.image), picture.channels,
                        " after the affine; " + name + " reverses exactly 3");
      }
      reverse(draft);
    };
    return {.text = "reverse the channels", .extend = extend, .keeps_tiles = true};
  };
  return {"reverse(rgb)", read};
}

Stage reverse_all() {
  const auto read = [](Keys& keys) -> Operation {
    if (!keys.boolean("do_flip_channel_order", true)) return {};
    return {.text = "reverse the channels", .extend = reverse, .keeps_tiles = true};
  };
  return {"reverse(all)", read};
}

}  // namespace kir
