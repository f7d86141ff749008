#include <string>

#include "plan/stages.hpp"

namespace kir {

Stage turn() {
  const auto read = [](Keys& keys) -> Operation {
    if (!keys.boolean("do_align_long_axis")) return {};
    const SizeKeys size = read_size(keys, donut, "do_align_long_axis");
    const auto extend = [size](Draft& draft) {
      for (Picture& picture : draft.pictures) {
        const auto [height, width] = picture.size;
        const bool across =
            (size.width < size.height && width > height) || (size.width > size.height && width < height);
        if (across) draft.turn(picture);
      }
    };
    return {.text = "turn to the long axis of " + text_of(Extent{size.height, size.width}), .extend = extend};
  };
  return {"turn", read};
}

}  // namespace kir
