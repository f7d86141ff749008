#include "plan/grid_rule.hpp"

#include "plan/size_rule.hpp"

namespace kir {

namespace {

/// The most tiles of an image that a configuration may ask for.
constexpr std::int64_t kMaxPatches = 4096;

/// `size`, of which tiles are.
Extent tile_of_size(const Keys& keys) {
  const SizeKeys size = keys.size("size", true);
  if (size.height == 0) keys.refuse("size", keys.text("size") + " has no height and width; tiles need them");
  return {size.height, size.width};
}

using GridOfShapes = Grid (*)(Extent, Extent, const std::vector<grid_rules::Shape>&);

GridOf bind_shapes(GridOfShapes rule, Extent tile, std::int64_t least, std::int64_t most) {
  return [=, shapes = grid_rules::shapes_between(least, most)](Extent image) { return rule(image, tile, shapes); };
}

GridOf bind_closest(Keys& keys) {
  const Extent tile = tile_of_size(keys);
  const std::int64_t least = keys.required_integer("min_patches", 0, kMaxPatches);
  return bind_shapes(grid_rules::closest, tile, least, keys.required_integer("max_patches", 0, kMaxPatches));
}

GridOf bind_cohere(Keys& keys) {
  const Extent tile = tile_of_size(keys);
  return bind_shapes(grid_rules::cohere, tile, 1, keys.required_integer("max_patches", 1, kMaxPatches));
}

GridOf bind_ovis2(Keys& keys) {
  if (!keys.boolean("use_covering_area_grid")) return bind_closest(keys);
  const Extent tile = tile_of_size(keys);
  return bind_shapes(grid_rules::ovis2, tile, 1, keys.required_integer("max_patches", 1, kMaxPatches));
}

GridOf bind_idefics3(Keys& keys) {
  const std::int64_t tile = tile_edge(keys);
  if (!keys.boolean("do_image_splitting")) return [tile](Extent) { return Grid{{tile, tile}}; };
  return [tile](Extent image) { return grid_rules::idefics3(image, tile); };
}

}  // namespace

const GridRule closest = {"closest", bind_closest};
const GridRule cohere = {"cohere", bind_cohere};
const GridRule ovis2 = {"ovis2", bind_ovis2};
const GridRule idefics3_grid = {"idefics3", bind_idefics3};

}  // namespace kir
