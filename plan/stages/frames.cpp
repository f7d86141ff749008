// What the classes of videos do to frames that those of images do not.
#include <string>

#include "plan/stages.hpp"

namespace kir {

namespace {

void check_videos(const Draft& draft) {
  std::size_t first = 0;
  for (const std::int64_t count : samples_of(draft.request())) {
    check_stack(draft, first, static_cast<std::size_t>(count));
    first += static_cast<std::size_t>(count);
  }
}

constexpr std::int32_t kRgb = 3;

void make_rgb(Draft& draft) {
  for (Picture& picture : draft.pictures) {
    if (picture.channels != 1 && picture.channels != kRgb) {
      refuse_channels(static_cast<std::size_t>(picture.image), picture.channels,
                      "; do_convert_rgb is planned of 1 and of 3");
    }
    picture.channels = kRgb;
  }
}

}  // namespace

Stage frames(bool rgb) {
  const auto read = [rgb](Keys& keys) -> Operation {
    if (!rgb || !keys.boolean("do_convert_rgb")) return {.text = "frames", .extend = check_videos};
    return {.text = "frames of three channels",
            .extend =
                [](Draft& draft) {
                  check_videos(draft);
                  make_rgb(draft);
                },
            .channels = kRgb};
  };
  return {rgb ? "frames(rgb)" : "frames", read};
}

}  // namespace kir
