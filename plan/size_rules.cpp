#include "plan/size_rules.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "plan/rounding.hpp"

namespace kir {

std::string text_of(Extent size) {
  return std::to_string(size.height) + " x " + std::to_string(size.width);
}

namespace size_rules {

namespace {

/// a * b / c of integers, int(): one correctly rounded division.
std::int64_t scaled(std::int64_t a, std::int64_t b, std::int64_t c) {
  return to_int(static_cast<double>(a) * static_cast<double>(b) / static_cast<double>(c));
}

/// The short side of an image whose long one may be `longest`: `edge`, or what remains of it, before and behind
/// round().
struct ShortSide {
  double raw;
  std::int64_t rounded;
};

ShortSide short_side(Extent image, std::int64_t edge, std::int64_t longest) {
  const auto shorter = static_cast<double>(std::min(image.height, image.width));
  const auto longer = static_cast<double>(std::max(image.height, image.width));
  if (!(longer / shorter * static_cast<double>(edge) > static_cast<double>(longest))) {
    return {static_cast<double>(edge), edge};
  }
  const double raw = static_cast<double>(longest) * shorter / longer;
  return {raw, round_half_even(raw)};
}

}  // namespace

Extent shortest_edge(Extent image, std::int64_t edge) {
  if (image.width <= image.height) return {scaled(edge, image.height, image.width), edge};
  return {edge, scaled(edge, image.width, image.height)};
}

Extent shortest_longest_edge(Extent image, std::int64_t edge, std::int64_t longest) {
  const auto [height, width] = image;
  const auto [raw, size] = short_side(image, edge, longest);
  if ((height <= width && height == size) || (width <= height && width == size)) return image;
  if (width < height) return {to_int(raw * static_cast<double>(height) / static_cast<double>(width)), size};
  return {size, to_int(raw * static_cast<double>(width) / static_cast<double>(height))};
}

Extent yolos(Extent image, std::int64_t edge, std::int64_t longest) {
  constexpr std::int64_t kMultiple = 16;
  const auto [height, width] = image;
  const auto [raw, size] = short_side(image, edge, longest);
  Extent target = {size, to_int(raw * static_cast<double>(width) / static_cast<double>(height))};
  if (width < height) {
    target = {to_int(raw * static_cast<double>(height) / static_cast<double>(width)), size};
  } else if (height == size) {
    target = image;
  }
  return floor_multiple(target, kMultiple);
}

Extent max_height_width(Extent image, std::int64_t max_height, std::int64_t max_width) {
  const double scale = std::min(ratio(max_height, image.height), ratio(max_width, image.width));
  return {to_int(static_cast<double>(image.height) * scale), to_int(static_cast<double>(image.width) * scale)};
}

Extent levit(Extent image, std::int64_t edge) {
  return shortest_edge(image, to_int(256.0 / 224.0 * static_cast<double>(edge)));
}

std::int64_t vjepa2_edge(std::int64_t crop) {
  return scaled(crop, 256, 224);
}

Extent shortest_edge_over_crop(Extent image, std::int64_t edge, double crop_pct) {
  return shortest_edge(image, to_int(static_cast<double>(edge) / crop_pct));
}

Extent pp_lcnet(Extent image, std::int64_t resize_short, std::int64_t divisor) {
  const double scale = ratio(resize_short, std::min(image.height, image.width));
  return {up_to_multiple(round_half_even(static_cast<double>(image.height) * scale), divisor),
          up_to_multiple(round_half_even(static_cast<double>(image.width) * scale), divisor)};
}

Extent dpt(Extent image, Extent target, bool keep_aspect_ratio, std::int64_t multiple) {
  double scale_height = ratio(target.height, image.height);
  double scale_width = ratio(target.width, image.width);
  if (keep_aspect_ratio) {
    if (std::abs(1 - scale_width) < std::abs(1 - scale_height)) {
      scale_height = scale_width;
    } else {
      scale_width = scale_height;
    }
  }
  const auto constrained = [multiple](double value) {
    return round_half_even(value / static_cast<double>(multiple)) * multiple;
  };
  return {constrained(scale_height * static_cast<double>(image.height)),
          constrained(scale_width * static_cast<double>(image.width))};
}

Extent sam(Extent image, std::int64_t longest) {
  const double scale = ratio(longest, std::max(image.height, image.width));
  return {to_int(static_cast<double>(image.height) * scale + 0.5),
          to_int(static_cast<double>(image.width) * scale + 0.5)};
}

Extent tvp(Extent image, std::int64_t longest) {
  const auto longer = static_cast<double>(longest);
  if (image.height >= image.width) return {longest, to_int(longer * ratio(image.width, image.height))};
  return {to_int(longer * ratio(image.height, image.width)), longest};
}

Extent janus(Extent image, std::int64_t edge, std::int64_t least) {
  const double scale = ratio(edge, std::max(image.height, image.width));
  return {std::max(round_half_even(static_cast<double>(image.height) * scale), least),
          std::max(round_half_even(static_cast<double>(image.width) * scale), least)};
}

Extent idefics3(Extent image, std::int64_t longest) {
  constexpr std::int64_t kMaxImageSize = 4096;

  // _resize_output_size_rescale_to_max_len
  double aspect = ratio(image.width, image.height);
  Extent size = image;
  const auto even = [](std::int64_t value) { return value % 2 != 0 ? value + 1 : value; };
  if (size.width >= size.height) {
    size = {even(to_int(static_cast<double>(longest) / aspect)), longest};
  } else {
    size = {longest, even(to_int(static_cast<double>(longest) * aspect))};
  }
  size = {std::max<std::int64_t>(size.height, 1), std::max<std::int64_t>(size.width, 1)};

  // _resize_output_size_scale_below_upper_bound
  aspect = ratio(size.width, size.height);
  if (size.width >= size.height && size.width > kMaxImageSize) {
    size = {to_int(static_cast<double>(kMaxImageSize) / aspect), kMaxImageSize};
  } else if (size.height > size.width && size.height > kMaxImageSize) {
    size = {kMaxImageSize, to_int(static_cast<double>(kMaxImageSize) * aspect)};
  }
  return {std::max<std::int64_t>(size.height, 1), std::max<std::int64_t>(size.width, 1)};
}

Extent idefics3_tiles(Extent image, std::int64_t tile) {
  const double aspect = ratio(image.width, image.height);
  if (image.width >= image.height) {
    const std::int64_t width = up_to_multiple(image.width, tile);
    return {up_to_multiple(to_int(static_cast<double>(width) / aspect), tile), width};
  }
  const std::int64_t height = up_to_multiple(image.height, tile);
  return {height, up_to_multiple(to_int(static_cast<double>(height) * aspect), tile)};
}

Extent thumbnail(Extent image, Extent target) {
  const Extent most = {std::min(image.height, target.height), std::min(image.width, target.width)};
  if (most == image || image.height == image.width) return most;
  if (image.height > image.width) return {most.height, scaled(image.width, most.height, image.height)};
  return {scaled(image.height, most.width, image.width), most.width};
}

}  // namespace size_rules

}  // namespace kir
