// The grid rules: the equal tiles that an image is cut to. Each is a pure function with its source in transformers
// 5.17.0, and rounds as that source does (plan/size_rules.hpp says how).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "plan/size_rules.hpp"

namespace kir {

/// Tiles, and the sizes that an image is resized to for them.
struct Grid {
  Extent tile;
  std::int64_t rows = 1, columns = 1;
  Extent content = {};  ///< that stands on the canvas, where it is not all of it

  std::int64_t tiles() const { return rows * columns; }
  Extent canvas() const { return {rows * tile.height, columns * tile.width}; }  ///< that is cut
  friend bool operator==(const Grid&, const Grid&) = default;
};

namespace grid_rules {

/// Rows and columns of tiles.
struct Shape {
  std::int64_t rows = 1, columns = 1;
  std::int64_t tiles() const { return rows * columns; }
};

/// All shapes of least..most tiles: the smaller first, of as many tiles the narrower.
/// models/got_ocr2: get_all_supported_aspect_ratios
std::vector<Shape> shapes_between(std::int64_t least, std::int64_t most);

/// All shapes of at most so many tiles, by their rows and then by their columns.
/// models/mllama: get_all_supported_aspect_ratios
std::vector<Shape> shapes_by_rows(std::int64_t most);

/// The shape whose aspect is the closest to the image's. Of equally close ones the last while the image has more than
/// half of its pixels. 1 x 1 of no shapes. models/got_ocr2: get_optimal_tiled_canvas
Grid closest(Extent image, Extent tile, const std::vector<Shape>& shapes);

/// The shape that the image must be enlarged the least for, else the one that it must be reduced the least for; sides
/// of all tiles are as long as their height. models/cohere2_vision: get_optimal_tiled_canvas
Grid cohere(Extent image, Extent tile, const std::vector<Shape>& shapes);

/// The fewest parts of the image that cover more than 0.9 of it at no more than the tile's height, else those that
/// cover most. models/ovis2: get_min_tile_covering_grid, which swaps rows and columns in what it returns
Grid ovis2(Extent image, Extent tile, const std::vector<Shape>& shapes);

/// Shapes of 1..most tiles, the more first, those of one aspect together; a shape counts rows by `first`.
/// models/llama4: find_supported_resolutions; models/perception_lm: _find_supported_aspect_ratios
struct Aspect {
  double ratio = 1;  ///< first / second
  std::vector<std::array<std::int64_t, 2>> shapes;
};
std::vector<Aspect> aspects_up_to(std::int64_t most);

/// The canvas of edge x edge tiles that the image must be enlarged the least for, or the most to fill the largest; else
/// the one that it must be reduced the least for; of those the smallest. The content keeps the aspect, and is enlarged
/// no further than to `edge` unless `to_max_canvas`. As the class computes: on tensors in float32.
/// models/llama4: get_best_fit, Llama4ImageProcessor._preprocess, get_max_res_without_distortion
Grid llama4(Extent image, std::int64_t edge, bool to_max_canvas, const std::vector<Aspect>& aspects);

/// As llama4 without to_max_canvas, in float64. models/mllama: get_optimal_tiled_canvas, get_image_size_fit_to_canvas
Grid mllama(Extent image, std::int64_t edge, const std::vector<Shape>& shapes);

/// The canvas on which the image fits whose shorter side of it is the longest, the last of those; else the largest of
/// the closest aspect on the image's side of 1. models/perception_lm: _fit_image_to_canvas, _find_closest_aspect_ratio
Grid perception_lm(Extent image, std::int64_t edge, const std::vector<Aspect>& aspects);

/// Tiles of tile x tile on size_rules::idefics3_tiles. models/idefics3: Idefics3ImageProcessor.split_images
Grid idefics3(Extent image, std::int64_t tile);

}  // namespace grid_rules

}  // namespace kir
