#include "plan/grid_rule.hpp"

#include "plan/size_rule.hpp"

namespace kir {

namespace {

GridOf bind_idefics3(Keys& keys) {
  const std::int64_t tile = tile_edge(keys);
  if (!keys.boolean("do_image_splitting")) return [tile](Extent) { return Grid{{tile, tile}}; };
  return [tile](Extent image) { return grid_rules::idefics3(image, tile); };
}

}  // namespace

const GridRule idefics3_grid = {"idefics3", bind_idefics3};

}  // namespace kir
