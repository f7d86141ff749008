// The fused kernel: every plan of float32 numerics, and what it refuses.
#include <algorithm>
#include <cmath>
#include <memory>

#include "kernels/cuda/fused.hpp"
#include "kernels/cuda/fused_plan.hpp"
#include "reference/eigen_backend.hpp"
#include "tests/catch.hpp"
#include "tests/cuda/on_device.hpp"
#include "tests/support/axis.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/images.hpp"
#include "tests/support/job_cases.hpp"
#include "tests/support/job_plans.hpp"
#include "tests/support/naive.hpp"
#include "tests/support/poisoned_run.hpp"
#include "tests/support/seed.hpp"

using namespace kir;
using namespace kir::test;

namespace {

const Backend& fused() {
  static const OnDevice backend(
      "fused", cuda::why_not_fused, [](const Plan&, const cuda::Part&) { return std::size_t{0}; },
      [](const cuda::PlanMemory& memory, const cuda::Part& part, std::byte*) {
        return cuda::launch_fused(memory, part, nullptr);
      });
  return backend;
}

}  // namespace

TEST_CASE("fused: every filter on random sizes, windows and storages", "[fused]") {
  check_filters(fused(), Rounds::never);
}
TEST_CASE("fused: one pass, the other, none, both", "[fused]") {
  check_passes(fused(), Rounds::never);
}
TEST_CASE("fused: sides of one pixel and extreme ratios", "[fused]") {
  check_ratios(fused(), Rounds::never);
}
TEST_CASE("fused: every output type", "[fused]") {
  check_types(fused(), Rounds::never);
}
TEST_CASE("fused: every kind of layout, with copies and reversed channels", "[fused]") {
  check_layouts(fused(), Rounds::never);
}
TEST_CASE("fused: grey, one source channel, steps rounded to narrow types", "[fused]") {
  check_epilogues(fused(), Rounds::never);
}
TEST_CASE("fused: turned sources", "[fused]") {
  check_turns(fused(), Rounds::never);
}
TEST_CASE("fused: padded copies of mirrored pixels", "[fused]") {
  for (const Rounds rounds : {Rounds::never, Rounds::each}) check_mirrors(fused(), rounds);
}
TEST_CASE("fused: fills of every type and layout", "[fused]") {
  check_fills(fused());
}
TEST_CASE("fused: a padded canvas and what is made of it", "[fused]") {
  check_levels(fused(), Rounds::never);
}
TEST_CASE("fused: more jobs than one launch holds", "[fused]") {
  check_many_jobs(fused(), Rounds::never);
}

TEST_CASE("fused: within 1e-5 of the reference", "[fused]") {
  std::mt19937 random = seeded();
  const std::unique_ptr<Backend> reference = make_reference_backend();
  double worst = 0;
  for (const Filter filter : {Filter::bilinear, Filter::bicubic, Filter::hamming, Filter::lanczos3, Filter::box}) {
    const ImageSize size{3, pick(random, 100, 900), pick(random, 100, 900)};
    const Plan plan =
        one_job_plan(size, make_axis(size.height, 224, filter), make_axis(size.width, 224, filter), affine());
    const std::vector<Image> images = {make_image(random, size, Storage::chw)};
    const auto expected = run_once(*reference, plan, images, {}, 0x00), got = run_poisoned(fused(), plan, images);
    double most = 0;
    for (std::int64_t i = 0; i < plan.outputs[0].elements(); ++i) {
      const double error = std::abs(element(got[0].data(), Type::f32, i) - element(expected[0].data(), Type::f32, i));
      if (!(error <= most)) most = error;
    }
    CAPTURE(name_of(filter), size.height, size.width, most);
    CHECK(most <= 1e-5);
    worst = std::max(worst, most);
  }
  WARN("fused against the reference: largest error " << worst << " of 1e-05");
}

TEST_CASE("fused: torch_cpu is refused where it rounds, and exact where it only selects", "[fused]") {
  std::mt19937 random = seeded();
  const ImageSize size{3, 20, 30};
  Plan plan = one_job_plan(size, make_axis(20, 10), make_axis(30, 15), affine());
  plan.numerics = Numerics::torch_cpu;
  plan.levels[0].jobs[0].arithmetic = Arithmetic::torch_int16;
  plan.levels[0].jobs[0].round = Round::each;
  CHECK(contains(fused().supports(plan).reason, "levels[0].jobs[0]: round = each"));

  plan.levels[0].jobs[0].y.filter = plan.levels[0].jobs[0].x.filter = Filter::nearest;
  CHECK(compare_with_naive(fused(), plan, {make_image(random, size, Storage::hwc)}, 0.0) == 0.0);
}
