#include "plan/grid_rules.hpp"

namespace kir::grid_rules {

Grid idefics3(Extent image, std::int64_t tile) {
  const Extent canvas = size_rules::idefics3_tiles(image, tile);
  return {{tile, tile}, canvas.height / tile, canvas.width / tile};
}

}  // namespace kir::grid_rules
