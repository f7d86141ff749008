// What the classes of videos do to frames that those of images do not.
#include <span>
#include <string>

#include "plan/stages.hpp"

namespace kir {

namespace {

void make_videos(Draft& draft) {
  std::size_t first = 0;
  const Samples samples = samples_of(draft.request());
  for (const std::int64_t frames : samples.lengths) {
    const auto count = static_cast<std::size_t>(frames);
    check_stack(draft, first, count);
    for (Picture& picture : std::span(draft.pictures).subspan(first, count)) picture.frames = frames;
    first += count;
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
    if (!rgb || !keys.boolean("do_convert_rgb")) return {.text = "frames", .extend = make_videos};
    return {.text = "frames of three channels",
            .extend =
                [](Draft& draft) {
                  make_videos(draft);
                  make_rgb(draft);
                },
            .channels = kRgb};
  };
  return {rgb ? "frames(rgb)" : "frames", read};
}

Stage requires_value(const char* key, std::int64_t value) {
  const std::string name = std::string(key) + " = " + std::to_string(value);
  const auto read = [key, value](Keys& keys) -> Operation {
    if (keys.required_integer(key, 1, kMaxPatch) != value) {
      keys.refuse(key, keys.text(key) + ": " + keys.class_name() + " takes " + std::to_string(value) + " alone");
    }
    return {};
  };
  return {name, read};
}

}  // namespace kir
