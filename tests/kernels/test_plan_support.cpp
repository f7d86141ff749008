// What a backend of kernels/ refuses of the axes and sources that not all of them have, by name; and which arithmetics.
#include <functional>

#include "kernels/plan_support.hpp"
#include "tests/catch.hpp"
#include "tests/support/axis.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/job_plans.hpp"

using namespace kir;
using namespace kir::test;

namespace {

Plan plan_with(const std::function<void(Job&)>& change) {
  const Axis axis = make_axis(8, 4, Filter::bilinear);
  Plan plan = one_job_plan({3, 8, 8}, axis, axis, {});
  change(plan.levels[0].jobs[0]);
  return plan;
}

void check_needs(const char* reason, const Abilities& abilities, const std::function<void(Job&)>& change) {
  CAPTURE(reason);
  CHECK(support_of(plan_with(change), abilities).reason == "");
  CHECK(contains(support_of(plan_with(change)).reason, reason));
}

}  // namespace

TEST_CASE("what a backend has not built is refused by name", "[support]") {
  CHECK(support_of(plan_with([](Job&) {})).ok);
  check_needs("y: box = [0.25", {.boxes = true}, [](Job& job) { job.y.box_begin = 0.25; });
  for (const Border border : {Border::zero, Border::reflect, Border::symmetric}) {
    check_needs("x: border", {.borders = true}, [&](Job& job) { job.x.border = border; });
    check_needs("x: border", {.boxes = true, .borders = true}, [&](Job& job) {
      job.x.border = border;
      job.x.box_begin = -2.5;
    });
  }
}

TEST_CASE("turns and mirrored copies are built everywhere, turns beyond three quarters nowhere", "[support]") {
  CHECK(support_of(plan_with([](Job& job) { job.from.turn = 3; })).ok);
  CHECK(contains(support_of(plan_with([](Job& job) { job.from.turn = 4; })).reason, "turn = 4"));
  for (const Border border : {Border::reflect, Border::symmetric}) {
    const auto mirrored = [&](Job& job) { job.x = {8, 20, 0, 4, -6, 14, Filter::nearest, border, false, false}; };
    CHECK(support_of(plan_with(mirrored)).reason == "");
    CHECK(is_mirrored_copy(plan_with(mirrored).levels[0].jobs[0].x));
  }
}

TEST_CASE("integer weights of a filter that torch has not on uint8 are refused by the filter's name", "[support]") {
  for (const Filter filter : {Filter::box, Filter::hamming, Filter::lanczos3}) {
    const Plan plan = plan_with([&](Job& job) {
      job.y.filter = job.x.filter = filter;
      job.arithmetic = Arithmetic::torch_int16;
      job.round = Round::each;
    });
    CHECK(contains(support_of(plan).reason, std::string("y: filter ") + name_of(filter)));
  }
}

TEST_CASE("the vertical pass first resamples both axes", "[support]") {
  static_assert(resamples_x(Passes::yx) && resamples_y(Passes::yx));
  static_assert(resamples_x(Passes::xy) && resamples_y(Passes::xy));
  static_assert(resamples_x(Passes::x) && !resamples_y(Passes::x));
  static_assert(!resamples_x(Passes::y) && resamples_y(Passes::y));
  static_assert(!resamples_x(Passes::copy) && !resamples_y(Passes::copy));
  CHECK(contains(support_of(plan_with([](Job& job) { job.passes = Passes::yx; })).reason, "passes = yx"));
}
