#include "plan/grid_rules.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "plan/rounding.hpp"

namespace kir::grid_rules {

namespace {

using size_rules::ratio;

Grid grid_of(Extent tile, Shape shape) {
  return {tile, shape.rows, shape.columns};
}

/// What of a part of the image is left when it is shrunk to a longer side of `side`, in pixels: of Python's numbers,
/// whose integers are exact. models/ovis2: compute_patch_covering_area
double covered(Extent part, std::int64_t side) {
  const std::int64_t longer = std::max(part.height, part.width), shorter = std::min(part.height, part.width);
  if (longer <= side) return static_cast<double>(longer * shorter);
  return static_cast<double>(side) * (ratio(shorter, longer) * static_cast<double>(side));
}

/// The sum over all parts, in their order: `parts` of height / rows x width / columns, the last ones with what is left.
double covered(Extent image, Shape parts, std::int64_t side) {
  const Extent part = {image.height / parts.rows, image.width / parts.columns};
  const Extent last = {image.height - (parts.rows - 1) * part.height, image.width - (parts.columns - 1) * part.width};
  double sum = 0;
  for (std::int64_t row = 0; row < parts.rows; ++row) {
    const std::int64_t height = row + 1 == parts.rows ? last.height : part.height;
    const double inner = covered({height, part.width}, side);
    for (std::int64_t column = 1; column < parts.columns; ++column) sum += inner;
    sum += covered({height, last.width}, side);
  }
  return sum;
}

}  // namespace

std::vector<Shape> shapes_between(std::int64_t least, std::int64_t most) {
  std::vector<Shape> shapes;
  for (std::int64_t columns = 1; columns <= most; ++columns) {
    for (std::int64_t rows = 1; rows * columns <= most; ++rows) {
      if (rows * columns >= least) shapes.push_back({rows, columns});
    }
  }
  std::stable_sort(shapes.begin(), shapes.end(), [](Shape a, Shape b) { return a.tiles() < b.tiles(); });
  return shapes;
}

Grid closest(Extent image, Extent tile, const std::vector<Shape>& shapes) {
  const double aspect = ratio(image.width, image.height);
  const auto area = static_cast<double>(image.width * image.height);
  double least = std::numeric_limits<double>::infinity();
  Shape best;
  for (const Shape& shape : shapes) {
    const double difference = std::abs(aspect - ratio(shape.columns, shape.rows));
    const bool closer = difference < least;
    if (closer || (difference == least && area > 0.5 * static_cast<double>(tile.height * tile.width * shape.tiles()))) {
      best = shape;
    }
    if (closer) least = difference;
  }
  return grid_of(tile, best);
}

Grid cohere(Extent image, Extent tile, const std::vector<Shape>& shapes) {
  Shape reduced, enlarged;
  double largest_below = 0, smallest_above = std::numeric_limits<double>::infinity();
  for (const Shape& shape : shapes) {
    const double scale =
        std::min(ratio(shape.columns * tile.height, image.width), ratio(shape.rows * tile.height, image.height));
    if (scale < 1 && scale > largest_below) {
      largest_below = scale;
      reduced = shape;
    } else if (scale >= 1 && scale < smallest_above) {
      smallest_above = scale;
      enlarged = shape;
    }
  }
  return grid_of(tile, smallest_above < std::numeric_limits<double>::infinity() ? enlarged : reduced);
}

Grid ovis2(Extent image, Extent tile, const std::vector<Shape>& shapes) {
  constexpr double kEnough = 0.9;
  const auto area = static_cast<double>(image.width * image.height);
  double most = -1;
  Shape best;
  bool enough = false;
  for (const Shape& shape : shapes) {
    if (enough && shape.tiles() > best.tiles()) break;
    // shapes_between has the columns outside, the class counts rows by them.
    const double part = covered(image, {shape.columns, shape.rows}, tile.height) / area;
    if (part > most) {
      most = part;
      best = shape;
    }
    enough = most > kEnough;
  }
  return grid_of(tile, best);
}

Grid idefics3(Extent image, std::int64_t tile) {
  const Extent canvas = size_rules::idefics3_tiles(image, tile);
  return {{tile, tile}, canvas.height / tile, canvas.width / tile};
}

}  // namespace kir::grid_rules
