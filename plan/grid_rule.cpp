#include "plan/grid_rule.hpp"

#include "plan/size_rule.hpp"

namespace kir {

namespace {

/// The most tiles of an image that a configuration may ask for.
constexpr std::int64_t kMaxTiles = 4096;

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
  const std::int64_t least = keys.required_integer("min_patches", 0, kMaxTiles);
  return bind_shapes(grid_rules::closest, tile, least, keys.required_integer("max_patches", 0, kMaxTiles));
}

GridOf bind_cohere(Keys& keys) {
  const Extent tile = tile_of_size(keys);
  return bind_shapes(grid_rules::cohere, tile, 1, keys.required_integer("max_patches", 1, kMaxTiles));
}

GridOf bind_ovis2(Keys& keys) {
  if (!keys.boolean("use_covering_area_grid")) return bind_closest(keys);
  const Extent tile = tile_of_size(keys);
  return bind_shapes(grid_rules::ovis2, tile, 1, keys.required_integer("max_patches", 1, kMaxTiles));
}

/// `size`, a square.
std::int64_t edge_of_size(const Keys& keys) {
  const Extent tile = tile_of_size(keys);
  if (tile.height != tile.width) {
    keys.refuse("size", keys.text("size") + " is no square; " + keys.class_name() + " takes squares");
  }
  return tile.height;
}

GridOf bind_llama4(Keys& keys) {
  if (!keys.boolean("do_resize"))
    keys.refuse("do_resize", "false: Llama4ImageProcessor always resizes; true is allowed");
  const std::int64_t edge = edge_of_size(keys);
  const bool to_max_canvas = keys.boolean("resize_to_max_canvas");
  return [=, aspects = grid_rules::aspects_up_to(keys.required_integer("max_patches", 1, kMaxTiles))](Extent image) {
    return grid_rules::llama4(image, edge, to_max_canvas, aspects);
  };
}

GridOf bind_mllama(Keys& keys) {
  for (const char* always : {"do_resize", "do_pad"}) {
    if (!keys.boolean(always)) keys.refuse(always, "false: MllamaImageProcessor takes true alone");
  }
  const std::int64_t edge = edge_of_size(keys);
  return [=, shapes = grid_rules::shapes_by_rows(max_image_tiles(keys))](Extent image) {
    return grid_rules::mllama(image, edge, shapes);
  };
}

GridOf bind_perception_lm(Keys& keys) {
  const std::int64_t edge = keys.required_integer("tile_size", 1, kMaxEdge);
  // The class asks whether there may be more than one before it looks for a canvas.
  const std::int64_t most = keys.required_integer("max_num_tiles", -kMaxTiles, kMaxTiles);
  if (most <= 1 || !has_thumbnail(keys)) return [=](Extent) { return Grid{{edge, edge}}; };
  return [=, aspects = grid_rules::aspects_up_to(most)](Extent image) {
    return grid_rules::perception_lm(image, edge, aspects);
  };
}

GridOf bind_idefics3(Keys& keys) {
  const std::int64_t tile = tile_edge(keys);
  if (!keys.boolean("do_image_splitting")) return [tile](Extent) { return Grid{{tile, tile}}; };
  return [tile](Extent image) { return grid_rules::idefics3(image, tile); };
}

}  // namespace

bool has_thumbnail(const Keys& keys) {
  return keys.text("vision_input_type") == "\"thumb+tile\"";
}

std::int64_t max_image_tiles(const Keys& keys) {
  return keys.required_integer("max_image_tiles", 1, kMaxTiles);
}

const GridRule closest = {"closest", bind_closest};
const GridRule cohere = {"cohere", bind_cohere};
const GridRule ovis2 = {"ovis2", bind_ovis2};
const GridRule llama4 = {"llama4", bind_llama4};
const GridRule mllama = {"mllama", bind_mllama};
const GridRule perception_lm = {"perception_lm", bind_perception_lm};
const GridRule idefics3_grid = {"idefics3", bind_idefics3};

}  // namespace kir
