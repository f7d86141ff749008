// The grid rules: the equal tiles that an image is cut to. Each is a pure function with its source in transformers
// 5.17.0, and rounds as that source does (plan/size_rules.hpp says how).
#pragma once

#include <cstdint>
#include <vector>

#include "plan/size_rules.hpp"

namespace kir {

/// Tiles, and the sizes that an image is resized to for them.
struct Grid {
  Extent tile;
  std::int64_t rows = 1, columns = 1;

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

/// The shape whose aspect is the closest to the image's. Of equally close ones the last while the image has more than
/// half of its pixels. 1 x 1 of no shapes. models/got_ocr2: get_optimal_tiled_canvas
Grid closest(Extent image, Extent tile, const std::vector<Shape>& shapes);

/// The shape that the image must be enlarged the least for, else the one that it must be reduced the least for; sides
/// of all tiles are as long as their height. models/cohere2_vision: get_optimal_tiled_canvas
Grid cohere(Extent image, Extent tile, const std::vector<Shape>& shapes);

/// The fewest parts of the image that cover more than 0.9 of it at no more than the tile's height, else those that
/// cover most. models/ovis2: get_min_tile_covering_grid, which swaps rows and columns in what it returns
Grid ovis2(Extent image, Extent tile, const std::vector<Shape>& shapes);

/// Tiles of tile x tile on size_rules::idefics3_tiles. models/idefics3: Idefics3ImageProcessor.split_images
Grid idefics3(Extent image, std::int64_t tile);

}  // namespace grid_rules

}  // namespace kir
