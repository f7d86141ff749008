// A table of rules against the installed transformers functions, as scripts/make_*_rule_table.py write them.
#pragma once

#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "kir/error.hpp"
#include "plan/size_rules.hpp"
#include "tests/catch.hpp"

namespace kir::test {

/// Of a row: [height, width, parameters..., result].
template <class Result>
using RuleOfRow = std::function<Result(Extent, const nlohmann::json&)>;

inline std::int64_t at(const nlohmann::json& row, std::size_t parameter) {
  return row[2 + parameter].get<std::int64_t>();
}

/// Every rule gives the result of every row of its name, of which there are at least `rows_each`, or throws where that
/// is null; no rule of the file is left out. `result_of` reads a row's result.
template <class Result, class ResultOf>
void check_rule_table(const char* path, const std::map<std::string, RuleOfRow<Result>>& rules, std::size_t rows_each,
                      const ResultOf& result_of) {
  std::ifstream file(path);
  REQUIRE(file);
  const nlohmann::json table = nlohmann::json::parse(file);
  std::size_t rows = 0;
  for (const auto& [name, rule] : rules) {
    REQUIRE(table.contains(name));
    for (const nlohmann::json& row : table[name]) {
      INFO(name << " " << row.dump());
      const Extent image = {row[0].get<std::int64_t>(), row[1].get<std::int64_t>()};
      if (row.back().is_null()) {
        CHECK_THROWS_AS(rule(image, row), Error);
      } else {
        CHECK(rule(image, row) == result_of(row.back()));
      }
      ++rows;
    }
  }
  CHECK(table.size() == rules.size() + 1);  // and _provenance
  CHECK(rows >= rows_each * rules.size());
}

}  // namespace kir::test
