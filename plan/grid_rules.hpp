// The grid rules: the equal tiles that an image is cut to. Each is a pure function with its source in transformers
// 5.17.0, and rounds as that source does (plan/size_rules.hpp says how).
#pragma once

#include <cstdint>

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

/// Tiles of tile x tile on size_rules::idefics3_tiles. models/idefics3: Idefics3ImageProcessor.split_images
Grid idefics3(Extent image, std::int64_t tile);

}  // namespace grid_rules

}  // namespace kir
