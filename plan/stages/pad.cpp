#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "plan/canvas_rule.hpp"
#include "plan/numerics.hpp"
#include "plan/stages.hpp"

namespace kir {

// ---------------------------------------------------------------------------------------------------------------------
// What stands around a picture

namespace {

std::vector<double> zero(Keys&) {
  return {0};
}

/// int(mean * 255) of each channel.
std::vector<double> levels_of(const Keys& keys, const std::vector<double>& mean) {
  std::vector<double> levels;
  for (const double value : mean) {
    if (!(value >= 0 && value <= 1)) {
      keys.refuse("image_mean", "do_pad fills with it times 255; values in 0..1 are allowed");
    }
    levels.push_back(std::trunc(value * 255));
  }
  return levels;
}

std::vector<double> read_mean(Keys& keys) {
  const std::vector<double> mean = keys.channel_values("image_mean");
  if (mean.empty()) keys.refuse_missing("image_mean", "do_pad fills with it");
  return levels_of(keys, mean);
}

std::vector<double> read_background(Keys& keys) {
  constexpr double kGrey = 127;
  if (!keys.in_file("image_mean") || keys.find("image_mean") == nullptr) return {kGrey, kGrey, kGrey};
  if (!keys.find("image_mean")->is_array()) {
    keys.refuse("image_mean", keys.text("image_mean") + " is no list; do_pad fills with a value a channel");
  }
  return levels_of(keys, keys.channel_values("image_mean"));
}

std::vector<double> read_constant_values(Keys& keys) {
  const std::vector<double> values = keys.channel_values("constant_values");
  if (values.empty()) keys.refuse_missing("constant_values", "do_pad fills with it");
  for (const double value : values) {
    if (!std::isfinite(value)) keys.refuse("constant_values", keys.text("constant_values") + " is not finite");
  }
  return values;
}

}  // namespace

namespace around {

const PadValue zeros = {"", zero, nullptr};
const PadValue mean = {"mean", read_mean, "image_mean"};
const PadValue background = {"background", read_background, "image_mean"};
const PadValue constant_values = {"constant_values", read_constant_values, "constant_values"};

}  // namespace around

// ---------------------------------------------------------------------------------------------------------------------
// Padding

namespace {

/// A padding with a configuration's values in it.
struct Padding {
  Canvas canvas;
  bool centred = false;
  std::vector<double> value;  ///< one, or one a channel
  const char* key = nullptr;  ///< of the value
};

/// The value of each channel of the picture as it is stored, in front of a reversal.
std::array<float, 4> value_in(const Draft& draft, const Picture& picture, const Padding& padding) {
  const std::size_t count = padding.value.size();
  const auto image = static_cast<std::size_t>(picture.image);
  if (count > 1 && count != static_cast<std::size_t>(picture.channels)) {
    refuse_channels(
        image, picture.channels,
        std::string("; do_pad fills with ") + padding.key + ", which has " + std::to_string(count) + " values");
  }
  const bool levels = row_of(draft.request().options.numerics).round != Round::never && !draft.is_float(picture);
  std::array<float, 4> value{};
  for (std::size_t c = 0; c < value.size(); ++c) {
    const double given = padding.value[std::min(c, count - 1)];
    if (levels && !(given >= 0 && given <= 255 && given == std::trunc(given))) {
      refuse_image(image,
                   "has levels; do_pad fills with " + std::string(padding.key) + ", which is no integer in 0..255");
    }
    value[c] = static_cast<float>(given);
  }
  if (picture.reversed) std::reverse(value.begin(), value.begin() + picture.channels);
  return value;
}

void pad_picture(Draft& draft, Picture& picture, Extent full, const Padding& padding) {
  const Extent size = picture.size;
  picture.unpadded = size;
  if (full == size) return;
  if (full.height < size.height || full.width < size.width) {
    refuse_image(static_cast<std::size_t>(picture.image),
                 "becomes " + text_of(size) + ", larger than pad_size, " + text_of(full));
  }
  const std::int64_t y = padding.centred ? (full.height - size.height) / 2 : 0;
  const std::int64_t x = padding.centred ? (full.width - size.width) / 2 : 0;
  draft.pad(picture, full, y, x, value_in(draft, picture, padding));
}

void pad_all(Draft& draft, const Padding& padding) {
  const auto& [text, of_each, of_batch] = padding.canvas;
  const Extent one = of_batch ? of_batch(draft) : Extent{};
  if (of_batch && one == Extent{}) return;
  for (Picture& picture : draft.pictures) {
    pad_picture(draft, picture, of_batch ? one : of_each(picture.size), padding);
  }
}

std::string name_of(const CanvasRule& rule, const PadOptions& options) {
  std::string name = std::string(options.always ? "pad!(" : "pad(") + rule.name;
  if (*options.value.name != '\0') name += std::string(", ") + options.value.name;
  return name + (options.mask == Mask::none ? ")" : ", mask)");
}

}  // namespace

Stage pad(const CanvasRule& rule, PadOptions options) {
  const auto read = [&rule, options](Keys& keys) -> Operation {
    if (!options.always && !keys.boolean("do_pad")) return {};
    Canvas target = rule.bind(keys);
    const bool pads = target.of_each || target.of_batch;
    Padding padding = {std::move(target), options.centred, options.value.read(keys), options.value.key};
    if (!pads) return {};
    std::string text = "pad to " + padding.canvas.text;
    if (*options.value.name != '\0') text += std::string(", with the ") + options.value.name;
    return {.text = std::move(text), .extend = [padding = std::move(padding), mask = options.mask](Draft& draft) {
              draft.mask = mask;
              pad_all(draft, padding);
            }};
  };
  return {name_of(rule, options), read};
}

Stage pad_batch(bool with_mask) {
  return pad(canvases::batch, {.mask = with_mask ? Mask::ahead : Mask::none});
}

Stage pad_multiple(bool optional) {
  return pad(optional ? canvases::divided : canvases::multiple, {.centred = true});
}

Stage pad_square() {
  return pad(canvases::square, {.centred = true, .value = around::mean});
}

}  // namespace kir
