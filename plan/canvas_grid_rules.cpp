// Grid rules that choose a canvas on which the image fits.
#include <algorithm>
#include <cmath>
#include <map>

#include "plan/grid_rules.hpp"
#include "plan/rounding.hpp"

namespace kir::grid_rules {

namespace {

using size_rules::ratio;
using size_rules::to_int;

/// Among canvases, given one after another: the smallest enlargement (the largest, with `most`), else the smallest
/// reduction; of equal scales the smallest canvas, of equal sizes the first.
class BestFit {
 public:
  explicit BestFit(bool most) : most_(most) {}

  void look_at(double scale, Shape shape) {
    const bool first = chosen_.tiles() == 0;
    const bool same = !first && scale == scale_;
    if (first || is_better(scale) || (same && shape.tiles() < chosen_.tiles())) {
      chosen_ = shape;
      scale_ = scale;
    }
  }
  Shape chosen() const { return chosen_; }

 private:
  bool is_better(double scale) const {
    if ((scale >= 1) != (scale_ >= 1)) return scale >= 1;
    return (scale >= 1 && !most_) ? scale < scale_ : scale > scale_;
  }

  bool most_;
  double scale_ = 0;
  Shape chosen_ = {0, 0};
};

/// A number of the class: a Python float, or a float32 tensor, which makes one of what it meets.
struct Number {
  double value;
  bool is_tensor;
};

double float32(double value) {
  return static_cast<double>(static_cast<float>(value));
}

/// A side of the target, which is a tensor where it is the canvas's own.
struct Side {
  std::int64_t length;
  bool is_tensor;

  Number over(std::int64_t image) const {
    const double exact = ratio(length, image);
    return {is_tensor ? float32(exact) : exact, is_tensor};
  }
};

bool is_less(Number a, Number b) {
  if (a.is_tensor || b.is_tensor) return float32(a.value) < float32(b.value);
  return a.value < b.value;
}

std::int64_t floor_times(std::int64_t image, Number scale) {
  const double product = static_cast<double>(image) * scale.value;
  return to_int(std::floor(scale.is_tensor ? float32(product) : product));
}

}  // namespace

std::vector<Shape> shapes_by_rows(std::int64_t most) {
  std::vector<Shape> shapes;
  for (std::int64_t rows = 1; rows <= most; ++rows) {
    for (std::int64_t columns = 1; rows * columns <= most; ++columns) shapes.push_back({rows, columns});
  }
  return shapes;
}

std::vector<Aspect> aspects_up_to(std::int64_t most) {
  std::vector<Aspect> aspects;
  std::map<double, std::size_t> index;
  for (std::int64_t tiles = most; tiles > 0; --tiles) {
    for (std::int64_t first = 1; first <= tiles; ++first) {
      if (tiles % first != 0) continue;
      const std::int64_t second = tiles / first;
      const auto [at, is_new] = index.emplace(ratio(first, second), aspects.size());
      if (is_new) aspects.push_back({at->first, {}});
      aspects[at->second].shapes.push_back({first, second});
    }
  }
  return aspects;
}

Grid llama4(Extent image, std::int64_t edge, bool to_max_canvas, const std::vector<Aspect>& aspects) {
  BestFit best(to_max_canvas);
  for (const Aspect& aspect : aspects) {
    for (const auto& [rows, columns] : aspect.shapes) {
      best.look_at(std::min(float32(ratio(rows * edge, image.height)), float32(ratio(columns * edge, image.width))),
                   {rows, columns});
    }
  }
  const Shape shape = best.chosen();
  const Extent canvas = {shape.rows * edge, shape.columns * edge};

  const auto target = [&](std::int64_t side, std::int64_t most) -> Side {
    const std::int64_t enlarged = std::max(side, edge);
    return to_max_canvas || most < enlarged ? Side{most, true} : Side{enlarged, false};
  };
  const Side height = target(image.height, canvas.height), width = target(image.width, canvas.width);
  const Number scale_y = height.over(image.height), scale_x = width.over(image.width);
  Extent content;
  if (is_less(scale_x, scale_y)) {
    content = {std::min(floor_times(image.height, scale_x), height.length), width.length};
  } else {
    content = {height.length, std::min(floor_times(image.width, scale_y), width.length)};
  }
  content = {std::max<std::int64_t>(content.height, 1), std::max<std::int64_t>(content.width, 1)};
  return {{edge, edge}, shape.rows, shape.columns, content};
}

Grid mllama(Extent image, std::int64_t edge, const std::vector<Shape>& shapes) {
  BestFit best(false);
  for (const Shape& shape : shapes) {
    best.look_at(std::min(ratio(shape.rows * edge, image.height), ratio(shape.columns * edge, image.width)), shape);
  }
  const Shape shape = best.chosen();
  // numpy.clip: the upper bound wins.
  const std::int64_t height = std::min(std::max(image.height, edge), shape.rows * edge);
  const std::int64_t width = std::min(std::max(image.width, edge), shape.columns * edge);
  const double scale_y = ratio(height, image.height), scale_x = ratio(width, image.width);
  const auto floored = [](std::int64_t side, double scale, std::int64_t most) {
    return std::min(std::max<std::int64_t>(to_int(std::floor(static_cast<double>(side) * scale)), 1), most);
  };
  const Extent content = scale_x < scale_y ? Extent{floored(image.height, scale_x, height), width}
                                           : Extent{height, floored(image.width, scale_y, width)};
  return {{edge, edge}, shape.rows, shape.columns, content};
}

Grid perception_lm(Extent image, std::int64_t edge, const std::vector<Aspect>& aspects) {
  const auto height = static_cast<double>(image.height), width = static_cast<double>(image.width);
  const double scale = width / height;
  // _get_image_height_width: the sides of the image on a canvas.
  const auto shorter_side = [&](std::int64_t columns, std::int64_t rows) {
    const double factor = std::min(ratio(columns * edge, image.width), ratio(rows * edge, image.height));
    if (scale > 1) return std::floor(factor * width / scale);
    return scale < 1 ? std::floor(factor * height * scale) : factor * height;
  };
  Grid best = {{edge, edge}, 0, 0};
  double longest = 0;
  for (const Aspect& aspect : aspects) {
    for (const auto& [columns, rows] : aspect.shapes) {
      if (columns * edge < image.width || rows * edge < image.height) continue;
      const double side = shorter_side(columns, rows);
      if (best.tiles() != 0 && side < longest) continue;
      longest = side;
      best.rows = rows;
      best.columns = columns;
    }
  }
  if (best.tiles() != 0) return best;

  const Aspect* closest = nullptr;
  double least = 0;
  for (const Aspect& aspect : aspects) {
    if (scale >= 1 ? aspect.ratio > scale : aspect.ratio <= scale) continue;
    const double distance = scale >= 1 ? std::abs(aspect.ratio - scale) : std::abs(1 / aspect.ratio - 1 / scale);
    if (closest == nullptr || distance < least) {
      closest = &aspect;
      least = distance;
    }
  }
  for (const auto& [columns, rows] : closest->shapes) {
    if (scale >= 1 ? columns <= best.columns : rows <= best.rows) continue;
    best.rows = rows;
    best.columns = columns;
  }
  return best;
}

}  // namespace kir::grid_rules
