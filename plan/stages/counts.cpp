// Small outputs that say to which tiles images were cut.
#include "plan/stages.hpp"

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
  std::vector<std::int64_t> shape = {static_cast<std::int64_t>(images)};
  if (sizeof...(numbers) > 1) shape.push_back(sizeof...(numbers));
  draft.add_output(key, Type::i64, std::move(shape), {}, std::move(values));
}

template <class... Numbers>
Stage small_output(const char* key, Numbers... numbers) {
  const auto extend = [=](Draft& draft) { add_numbers(draft, key, numbers...); };
  const Operation operation = {.text = std::string("and ") + key, .extend = extend, .keeps_tiles = true};
  return {key, [operation](Keys&) { return operation; }};
}

}  // namespace

Stage num_patches() {
  return small_output("num_patches", [](const Grid& grid) { return grid.tiles() == 1 ? 1 : grid.tiles() + 1; });
}

Stage grids() {
  return small_output(
      "grids", [](const Grid& grid) { return grid.rows; }, [](const Grid& grid) { return grid.columns; });
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
