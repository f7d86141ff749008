#include <cmath>
#include <limits>

#include "gate/check.hpp"
#include "tests/catch.hpp"
#include "tests/support/contains.hpp"

namespace kir::test {
namespace {

using gate::Bound;
using gate::Verdict;

const Bound kAtMost{Bound::Side::at_most, 0.5, "ratio of times", "half is the least"};
const Bound kAtLeast{Bound::Side::at_least, 208, "configurations", "what transformers has"};

Verdict verdict_of(double measured, const Bound& bound) {
  return gate::judge("room", "name", measured, bound).verdict;
}

TEST_CASE("a bound holds at its very value and not beyond it") {
  CHECK(verdict_of(0.5, kAtMost) == Verdict::pass);
  CHECK(verdict_of(std::nextafter(0.5, 1.0), kAtMost) == Verdict::fail);
  CHECK(verdict_of(208, kAtLeast) == Verdict::pass);
  CHECK(verdict_of(207, kAtLeast) == Verdict::fail);
}

TEST_CASE("what is not a finite number never passes") {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const Bound& bound : {kAtMost, kAtLeast})
    for (const double value : {std::nan(""), infinity, -infinity}) CHECK(verdict_of(value, bound) == Verdict::fail);
}

TEST_CASE("the margin is positive on the good side, in the bound's unit") {
  CHECK(gate::margin(gate::judge("", "", 0.25, kAtMost)) == 0.25);
  CHECK(gate::margin(gate::judge("", "", 200, kAtLeast)) == -8);
}

TEST_CASE("a gate that checked nothing has not passed") {
  CHECK_FALSE(gate::passed({}));
  const gate::Check skip = gate::skipped("recorded", "evidence", {}, "none yet");
  CHECK_FALSE(gate::passed({skip}));
  CHECK(gate::passed({skip}, true));
  CHECK(gate::passed({skip, gate::judge("", "", 0, kAtMost)}));
  CHECK_FALSE(gate::passed({skip, gate::judge("", "", 1, kAtMost)}, true));
}

TEST_CASE("the table shows what regressed beside the accepted value, and its reason") {
  const std::string table = gate::table_of({gate::judge("speed", "seed", 0.75, kAtMost, "12 ms against 16 ms"),
                                            gate::judge("coverage", "total", 208, kAtLeast),
                                            gate::skipped("recorded", "evidence", {}, "none yet")});
  INFO(table);
  CHECK(contains(table, "FAIL  speed: seed"));
  CHECK(contains(table, "measured 0.75, accepted <= 0.5 ratio of times"));
  CHECK(contains(table, "12 ms against 16 ms"));
  CHECK(contains(table, "accepted because: half is the least"));
  CHECK(contains(table, "skipped  recorded: evidence\n  none yet"));
  CHECK(contains(table, "gate: 1 passed, 1 failed, 1 skipped"));
}

}  // namespace
}  // namespace kir::test
