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
    return {.text = "reverse the channels", .extend = [name = keys.class_name()](Draft& draft) {
              for (const Picture& picture : draft.pictures) {
                if (picture.channels == 3) continue;
                refuse_channels(static_cast<std::size_t>(picture.image), picture.channels,
                                " after the affine; " + name + " reverses exactly 3");
              }
              reverse(draft);
            }};
  };
  return {"reverse(rgb)", read};
}

Stage reverse_all() {
  return {"reverse(all)", [](Keys&) { return Operation{.text = "reverse the channels", .extend = reverse}; }};
}

}  // namespace kir
