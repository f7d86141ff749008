// Small outputs that say to which tiles images were cut.
#include "plan/stages.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace kir {

namespace {

/// One number of each image's grid, or one in each column; an image that was not cut is one tile.
template <class... Numbers>
void add_numbers(Draft& draft, const char* key, Numbers... numbers) {
  const std::size_t images = draft.request().images.size();
  std::vector<double> values;
  values.reserve(images * sizeof...(numbers));
  for (std::size_t i = 0; i < images; ++i) {
    const Grid grid = draft.grids.empty() ? Grid{} : draft.grids[i];
    (values.push_back(static_cast<double>(numbers(grid))), ...);
  }
  draft.add_numbers(key, sizeof...(numbers), std::move(values));
}

template <class... Numbers>
Stage small_output(const char* key, Numbers... numbers) {
  const auto extend = [=](Draft& draft) { add_numbers(draft, key, numbers...); };
  const Operation operation = {.text = std::string("and ") + key, .extend = extend, .keeps_tiles = true};
  return {key, [operation](Keys&) { return operation; }};
}

Stage shapes(const char* key) {
  return small_output(
      key, [](const Grid& grid) { return grid.rows; }, [](const Grid& grid) { return grid.columns; });
}

void add_aspect_ratios(Draft& draft, const std::vector<grid_rules::Shape>& shapes, std::int64_t most) {
  const Samples samples = samples_of(draft.request());
  const std::int64_t count = samples.count(), longest = samples.longest;
  std::vector<double> ids(static_cast<std::size_t>(count * longest));
  std::vector<double> mask(static_cast<std::size_t>(count * longest * most));
  for (std::size_t slot = 0; slot < ids.size(); ++slot) mask[slot * static_cast<std::size_t>(most)] = 1;
  std::size_t image = 0;
  for (std::size_t sample = 0; sample < samples.lengths.size(); ++sample) {
    for (std::int64_t i = 0; i < samples.lengths[sample]; ++i, ++image) {
      const Grid& grid = draft.grids[image];
      const std::size_t slot = sample * static_cast<std::size_t>(longest) + static_cast<std::size_t>(i);
      const auto is_it = [&](const grid_rules::Shape& shape) {
        return shape.rows == grid.rows && shape.columns == grid.columns;
      };
      ids[slot] = static_cast<double>(std::find_if(shapes.begin(), shapes.end(), is_it) - shapes.begin() + 1);
      std::fill_n(mask.begin() + static_cast<std::ptrdiff_t>(slot) * most, grid.tiles(), 1.0);
    }
  }
  draft.add_output("aspect_ratio_ids", Type::i64, {count, longest}, {}, std::move(ids));
  draft.add_output("aspect_ratio_mask", Type::i64, {count, longest, most}, {}, std::move(mask));
}

/// num_tiles: a row a sample; one tensor where they have as many images.
void add_num_tiles(Draft& draft) {
  const Samples samples = samples_of(draft.request());
  const bool alike = samples.are_alike();
  std::vector<double> values;
  std::size_t image = 0;
  for (std::size_t sample = 0; sample < samples.lengths.size(); ++sample) {
    for (std::int64_t i = 0; i < samples.lengths[sample]; ++i)
      values.push_back(static_cast<double>(draft.grids[image++].tiles()));
    if (alike) continue;
    const Share of = {Share::Kind::sample, static_cast<std::int32_t>(sample)};
    draft.add_output("num_tiles", Type::i64, {samples.lengths[sample]}, of, std::exchange(values, {}));
  }
  if (alike) {
    draft.add_output("num_tiles", Type::i64, {samples.count(), samples.longest}, {}, std::move(values));
  }
}

}  // namespace

Stage aspect_ratio_ids() {
  const auto read = [](Keys& keys) -> Operation {
    const std::int64_t most = max_image_tiles(keys);
    const auto extend = [most, shapes = grid_rules::shapes_by_rows(most)](Draft& draft) {
      add_aspect_ratios(draft, shapes, most);
      add_num_tiles(draft);
    };
    return {.text = "and aspect_ratio_ids, aspect_ratio_mask, num_tiles", .extend = extend, .keeps_tiles = true};
  };
  return {"aspect_ratio_ids, aspect_ratio_mask, num_tiles", read};
}

Stage num_patches() {
  return small_output("num_patches", [](const Grid& grid) { return grid.tiles() == 1 ? 1 : grid.tiles() + 1; });
}

Stage grids() {
  return shapes("grids");
}

Stage aspect_ratios() {
  return shapes("aspect_ratios");
}

Stage rows_cols() {
  const auto read = [](Keys& keys) -> Operation {
    if (!keys.boolean("return_row_col_info")) return {};
    const auto extend = [](Draft& draft) {
      add_numbers(draft, "rows", [](const Grid& grid) { return grid.tiles() == 1 ? 0 : grid.rows; });
      add_numbers(draft, "cols", [](const Grid& grid) { return grid.tiles() == 1 ? 0 : grid.columns; });
    };
    return {.text = "and rows, cols", .extend = extend, .keeps_tiles = true};
  };
  return {"rows, cols", read};
}

}  // namespace kir
