#include "plan/stages.hpp"

#include <limits>
#include <string>
#include <utility>

namespace kir {

namespace {

constexpr std::int64_t kMaxTiles = std::int64_t{1} << 30;  // of a batch

void ask(const GridOf& grid_of, Draft& draft) {
  draft.grids.resize(draft.request().images.size());
  const Picture* before = nullptr;
  for (const Picture& picture : draft.pictures) {
    Grid& grid = draft.grids[static_cast<std::size_t>(picture.image)];
    grid = before != nullptr && before->size == picture.size ? draft.grid_of(*before) : grid_of(picture.size);
    before = &picture;
  }
}

void cut_all(Draft& draft) {
  std::int64_t count = 0;
  for (Picture& picture : draft.pictures) {
    const Grid& grid = draft.grid_of(picture);
    count += grid.tiles() + 1;
    if (count > kMaxTiles) {
      refuse_image(static_cast<std::size_t>(picture.image),
                   "brings the batch to more than " + std::to_string(kMaxTiles) + " frames");
    }
    draft.cut(picture, grid.tile);
  }
}

}  // namespace

const GridSize canvas = {"canvas",
                         [](const Draft& draft, const Picture& picture) { return draft.grid_of(picture).canvas(); }};
const GridSize content = {"content",
                          [](const Draft& draft, const Picture& picture) { return draft.grid_of(picture).content; }};
const GridSize one_tile = {"tile",
                           [](const Draft& draft, const Picture& picture) { return draft.grid_of(picture).tile; }};

Switch crops_to_patches() {
  const auto is_on = [](Keys& keys) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
    return keys.boolean("crop_to_patches") && keys.required_integer("max_patches", -kMost, kMost) > 1;
  };
  return {"crop_to_patches, max_patches > 1", is_on};
}

Switch thumbnail_and_tiles() {
  return {"thumb+tile", [](Keys& keys) { return has_thumbnail(keys); }};
}

Stage grid(const GridRule& rule) {
  const auto read = [&rule](Keys& keys) -> Operation {
    return {.text = std::string("grid ") + rule.name,
            .extend = [grid_of = rule.bind(keys)](Draft& draft) { ask(grid_of, draft); }};
  };
  return {std::string("grid(") + rule.name + ")", read};
}

Stage pad_canvas() {
  const auto extend = [](Draft& draft) {
    for (Picture& picture : draft.pictures) draft.pad(picture, draft.grid_of(picture).canvas(), 0, 0);
  };
  return {"pad(canvas)", [extend](Keys&) { return Operation{.text = "pad to the canvas", .extend = extend}; }};
}

Stage cut() {
  return {"cut", [](Keys&) { return Operation{.text = "cut to tiles", .extend = cut_all}; }};
}

}  // namespace kir
