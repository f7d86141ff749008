// The CPU backend on the cases that every backend of ours must get right.
#include <memory>

#include "kir/cpu.hpp"
#include "tests/catch.hpp"
#include "tests/support/job_cases.hpp"

using namespace kir;
using namespace kir::test;

namespace {

const Backend& backend() {
  static const std::unique_ptr<Backend> cpu = make_cpu_backend();
  return *cpu;
}

/// A check in both arithmetics.
void in_both(void (*check)(const Backend&, Rounds)) {
  for (const Rounds rounds : {Rounds::never, Rounds::each}) check(backend(), rounds);
}

}  // namespace

TEST_CASE("every filter on random sizes, windows and storages, float32 and torch_cpu", "[jobs]") {
  in_both(check_filters);
}

TEST_CASE("one pass, the other, none, both", "[jobs]") {
  in_both(check_passes);
}

TEST_CASE("sides of one pixel and extreme ratios", "[jobs]") {
  in_both(check_ratios);
}

TEST_CASE("every output type", "[jobs]") {
  in_both(check_types);
}

TEST_CASE("every kind of layout, with copies and reversed channels", "[jobs]") {
  in_both(check_layouts);
}

TEST_CASE("one source channel feeds all, grey mixes three, steps are rounded to narrow types", "[jobs]") {
  in_both(check_epilogues);
}

TEST_CASE("turned sources", "[jobs]") {
  in_both(check_turns);
}

TEST_CASE("padded copies of mirrored pixels", "[jobs]") {
  in_both(check_mirrors);
}

TEST_CASE("a constant image stays constant", "[jobs]") {
  in_both(check_constant_images);
}

TEST_CASE("three levels through canvases of levels and of floats", "[levels]") {
  in_both(check_levels);
}
