// The grid rules against the installed transformers functions (tests/plan/grid_rules.json, made by
// scripts/make_grid_rule_table.py).
#include <map>
#include <nlohmann/json.hpp>

#include "plan/grid_rules.hpp"
#include "tests/plan/fixtures.hpp"
#include "tests/plan/rule_table.hpp"

namespace kir {

inline std::ostream& operator<<(std::ostream& out, const Grid& grid) {
  return out << grid.rows << " x " << grid.columns << " tiles of " << text_of(grid.tile) << ", content "
             << text_of(grid.content);
}

}  // namespace kir

namespace kir::test {

namespace {

using nlohmann::json;

const std::map<std::string, RuleOfRow<Grid>>& rules() {
  using namespace grid_rules;
  static const std::map<std::string, RuleOfRow<Grid>> by_name = {
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

Grid grid_of(const json& numbers) {
  const auto number = [&](std::size_t i) { return numbers.at(i).get<std::int64_t>(); };
  return {{number(0), number(1)}, number(2), number(3), {number(4), number(5)}};
}

}  // namespace

TEST_CASE("grid rules give what the installed functions give", "[grid_rules]") {
  check_rule_table("tests/plan/grid_rules.json", rules(), 80, grid_of);
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
