// Sizes at multiples of a divisor or of a patch, and those of text pages and text lines.
#include <algorithm>
#include <cmath>

#include "plan/rounding.hpp"
#include "plan/size_rules.hpp"

namespace kir::size_rules {

Extent floor_multiple(Extent image, std::int64_t divisor) {
  return {image.height / divisor * divisor, image.width / divisor * divisor};
}

Extent textnet(Extent image, std::int64_t edge, std::int64_t divisor) {
  const Extent size = shortest_edge(image, edge);
  return {up_to_multiple(size.height, divisor), up_to_multiple(size.width, divisor)};
}

Extent text_page(Extent image, std::int64_t side, Limit limit, std::int64_t longest) {
  constexpr std::int64_t kMultiple = 32;
  const std::int64_t longer = std::max(image.height, image.width), shorter = std::min(image.height, image.width);
  double scale = 1;
  if (limit == Limit::resize_long || (limit == Limit::max && longer > side)) scale = ratio(side, longer);
  if (limit == Limit::min && shorter < side) scale = ratio(side, shorter);

  const auto times = [](Extent size, double factor) {
    return Extent{to_int(static_cast<double>(size.height) * factor), to_int(static_cast<double>(size.width) * factor)};
  };
  Extent size = times(image, scale);
  const std::int64_t long_side = std::max(size.height, size.width);
  if (longest != 0 && long_side > longest) size = times(size, ratio(longest, long_side));
  const auto rounded = [](std::int64_t value) {
    return std::max<std::int64_t>(round_half_even(ratio(value, kMultiple)), 1) * kMultiple;
  };
  return {rounded(size.height), rounded(size.width)};
}

Extent text_line(Extent widest, Extent least, std::int64_t longest) {
  const double aspect = ratio(widest.width, widest.height);
  const auto height = static_cast<double>(least.height);
  const std::int64_t width = to_int(height * std::max(aspect, ratio(least.width, least.height)));
  if (width > longest) return {least.height, longest};
  return {least.height, std::min(width, to_int(std::ceil(height * aspect)))};
}

Extent vilt(Extent image, std::int64_t shorter, std::int64_t divisor) {
  const std::int64_t longest = to_int(1333.0 / 800.0 * static_cast<double>(shorter));
  const double scale = ratio(shorter, std::min(image.height, image.width));
  const bool flat = image.height < image.width;
  double height = flat ? static_cast<double>(shorter) : scale * static_cast<double>(image.height);
  double width = flat ? scale * static_cast<double>(image.width) : static_cast<double>(shorter);
  if (std::max(height, width) > static_cast<double>(longest)) {
    const double down = static_cast<double>(longest) / std::max(height, width);
    height = down * height;
    width = down * width;
  }
  return floor_multiple({to_int(height + 0.5), to_int(width + 0.5)}, divisor);
}

Extent pixtral(Extent image, Extent most, Extent patch) {
  const double over = std::max(ratio(image.height, most.height), ratio(image.width, most.width));
  if (over > 1) {
    image = {to_int(std::floor(static_cast<double>(image.height) / over)),
             to_int(std::floor(static_cast<double>(image.width) / over))};
  }
  return {up_to_multiple(image.height, patch.height), up_to_multiple(image.width, patch.width)};
}

}  // namespace kir::size_rules
