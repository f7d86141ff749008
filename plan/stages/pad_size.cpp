#include <string>

#include "plan/numerics.hpp"
#include "plan/stages.hpp"

namespace kir {

namespace {

/// difference // 2, as Python has it: downwards, also below 0.
std::int64_t floor_half(std::int64_t difference) {
  return (difference - (difference < 0 && difference % 2 != 0 ? 1 : 0)) / 2;
}

}  // namespace

Stage pad_size() {
  const auto read = [](Keys& keys) -> Operation {
    if (!keys.boolean("do_pad")) return {};
    const SizeKeys size = read_size(keys, donut, "do_pad");
    const Extent full = {size.height, size.width};
    return {.text = "pad or cut to " + text_of(full) + ", centred", .extend = [full](Draft& draft) {
              const bool cuts = row_of(draft.request().options.numerics).toolkit == Toolkit::torchvision;
              for (Picture& picture : draft.pictures) {
                if (!cuts && (picture.size.height > full.height || picture.size.width > full.width)) {
                  refuse_image(static_cast<std::size_t>(picture.image), "becomes " + text_of(picture.size) +
                                                                            ", larger than size, " + text_of(full) +
                                                                            "; numpy's pad cuts nothing off");
                }
                draft.place(picture, full, floor_half(full.height - picture.size.height),
                            floor_half(full.width - picture.size.width));
              }
            }};
  };
  return {"pad(size)", read};
}

}  // namespace kir
