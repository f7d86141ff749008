// Small outputs that say to which tiles images were cut.
#include "plan/stages.hpp"

#include <utility>
#include <vector>

namespace kir {

namespace {

/// One number of each image's grid.
void add_counts(Draft& draft, const char* key, std::int64_t (*count)(const Grid&)) {
  std::vector<double> values;
  values.reserve(draft.grids.size());
  for (const Grid& grid : draft.grids) values.push_back(static_cast<double>(count(grid)));
  draft.add_output(key, Type::i64, {static_cast<std::int64_t>(draft.grids.size())}, {}, std::move(values));
}

}  // namespace

Stage tile_counts() {
  const auto read = [](Keys& keys) -> Operation {
    if (!keys.boolean("return_row_col_info")) return {};
    const auto extend = [](Draft& draft) {
      add_counts(draft, "rows", [](const Grid& grid) { return grid.tiles() == 1 ? 0 : grid.rows; });
      add_counts(draft, "cols", [](const Grid& grid) { return grid.tiles() == 1 ? 0 : grid.columns; });
    };
    return {.text = "and rows, cols", .extend = extend, .keeps_tiles = true};
  };
  return {"rows, cols", read};
}

}  // namespace kir
