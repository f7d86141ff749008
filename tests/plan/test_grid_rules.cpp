// The grid rules against the installed transformers functions (tests/plan/grid_rules.json, made by
// scripts/make_grid_rule_table.py).
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "plan/grid_rules.hpp"
#include "tests/plan/fixtures.hpp"

namespace kir::test {

namespace {

using nlohmann::json;
using Rule = std::function<Grid(Extent, const json&)>;  // row: [height, width, parameters..., result]

std::int64_t at(const json& row, std::size_t parameter) {
  return row[2 + parameter].get<std::int64_t>();
}

const std::map<std::string, Rule>& rules() {
  using namespace grid_rules;
  static const std::map<std::string, Rule> by_name = {
      {"closest",
       [](Extent image, const json& row) {
         return closest(image, {at(row, 0), at(row, 1)}, shapes_between(at(row, 2), at(row, 3)));
       }},
      {"cohere",
       [](Extent image, const json& row) {
         return cohere(image, {at(row, 0), at(row, 1)}, shapes_between(1, at(row, 2)));
       }},
      {"llama4", [](Extent image,
                    const json& row) { return llama4(image, at(row, 0), at(row, 1) != 0, aspects_up_to(at(row, 2))); }},
      {"mllama", [](Extent image, const json& row) { return mllama(image, at(row, 0), shapes_by_rows(at(row, 1))); }},
      {"perception_lm",
       [](Extent image, const json& row) {
         if (at(row, 1) <= 1) return Grid{{at(row, 0), at(row, 0)}};
         return perception_lm(image, at(row, 0), aspects_up_to(at(row, 1)));
       }},
      {"ovis2",
       [](Extent image, const json& row) {
         return ovis2(image, {at(row, 0), at(row, 1)}, shapes_between(1, at(row, 2)));
       }},
  };
  return by_name;
}

std::vector<std::int64_t> numbers_of(const Grid& grid) {
  return {grid.tile.height, grid.tile.width, grid.rows, grid.columns, grid.content.height, grid.content.width};
}

}  // namespace

TEST_CASE("grid rules give what the installed functions give", "[grid_rules]") {
  std::ifstream file("tests/plan/grid_rules.json");
  REQUIRE(file);
  const json table = json::parse(file);
  std::size_t rows = 0;
  for (const auto& [name, rule] : rules()) {
    REQUIRE(table.contains(name));
    for (const json& row : table[name]) {
      INFO(name << " " << row.dump());
      const Extent image = {row[0].get<std::int64_t>(), row[1].get<std::int64_t>()};
      if (row.back().is_null()) {
        CHECK_THROWS_AS(rule(image, row), Error);
      } else {
        CHECK(numbers_of(rule(image, row)) == row.back().get<std::vector<std::int64_t>>());
      }
      ++rows;
    }
  }
  CHECK(table.size() == rules().size() + 1);  // and _provenance: no rule of the table is left out
  CHECK(rows >= 80 * rules().size());
}

TEST_CASE("shapes of tiles: the fewer first, of as many the narrower", "[grid_rules]") {
  const std::vector<grid_rules::Shape> shapes = grid_rules::shapes_between(2, 4);
  std::vector<std::pair<std::int64_t, std::int64_t>> found;
  for (const grid_rules::Shape& shape : shapes) found.emplace_back(shape.rows, shape.columns);
  CHECK(found ==
        std::vector<std::pair<std::int64_t, std::int64_t>>{{2, 1}, {1, 2}, {3, 1}, {1, 3}, {4, 1}, {2, 2}, {1, 4}});
  CHECK(grid_rules::shapes_between(5, 4).empty());
}

}  // namespace kir::test
