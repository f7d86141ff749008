// float32: the reference against libtorch, in levels and in normalized units.
#include <cmath>

#include "reference/eigen_backend.hpp"
#include "reference/libtorch_backend.hpp"
#include "tests/catch.hpp"
#include "tests/reference/hand_made.hpp"

using namespace kir;
using namespace kir::test;

namespace {

struct Difference {
  std::int64_t values = 0, differing = 0, not_finite = 0;
  double worst = 0;

  void add(const std::vector<float>& a, const std::vector<float>& b) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      ++values;
      if (a[i] != b[i]) ++differing;
      if (!std::isfinite(a[i]) || !std::isfinite(b[i])) ++not_finite;
      worst = std::max(worst, double(std::abs(a[i] - b[i])));
    }
  }
};

}  // namespace

TEST_CASE("float32 results equal torch's within 1e-5 normalized", "[float]") {
  std::mt19937 random = seeded();
  const auto ours = make_reference_backend();
  const auto torch = make_libtorch_backend();
  Skips skips;
  for (const Filter filter : {Filter::bilinear, Filter::bicubic}) {
    for (const bool antialias : {true, false}) {
      Difference levels, normalized;
      for (int sizes = 0; sizes < 40; ++sizes) {
        // Every eighth case shrinks about 40 times, the ratio at which sums are longest.
        const bool extreme = sizes % 8 == 0;
        const std::int32_t height = extreme ? pick(random, 400, 800) : random_side(random);
        const std::int32_t width = random_side(random);
        const ChwImage image = noise(random, {1 + sizes % 4, height, width});
        const Axis y = make_axis(height, extreme ? height / 40 : random_side(random), filter, antialias);
        const Axis x = make_axis(width, sizes % 5 == 0 ? width : random_side(random), filter, antialias);
        const Plan plain = resize_plan(image.size, y, x, Round::never);
        const Plan affine = resize_plan(image.size, y, x, Round::never, Type::f32, siglip());
        if (skips.refused(*torch, plain)) continue;
        levels.add(run<float>(*ours, plain, {image.view()}), run<float>(*torch, plain, {image.view()}));
        normalized.add(run<float>(*ours, affine, {image.view()}), run<float>(*torch, affine, {image.view()}));
      }
      std::printf(
          "  %-8s antialias=%d: %lld values; levels: max %.3g, %.4f %% differ; normalized: max %.3g, %.4f %% differ\n",
          name_of(filter), antialias, static_cast<long long>(levels.values), levels.worst,
          100.0 * double(levels.differing) / double(levels.values), normalized.worst,
          100.0 * double(normalized.differing) / double(normalized.values));
      CAPTURE(name_of(filter), antialias);
      CHECK(levels.values > 0);
      CHECK(levels.not_finite + normalized.not_finite == 0);
      CHECK(normalized.worst <= 1e-5);
      CHECK(levels.worst <= 1e-5 * 127.5);
    }
  }
}

TEST_CASE("nearest picks torch's pixels", "[float]") {
  std::mt19937 random = seeded();
  const auto ours = make_reference_backend();
  const auto torch = make_libtorch_backend();
  for (const Filter filter : {Filter::nearest, Filter::nearest_exact}) {
    Difference difference;
    for (int sizes = 0; sizes < 60; ++sizes) {
      const ChwImage image = noise(random, {3, random_side(random), random_side(random)});
      // nearest_exact: ATen computes small outputs in another way, which differs on some ties.
      const std::int32_t smallest = filter == Filter::nearest_exact ? 65 : 1;
      const Axis y = make_axis(image.size.height, std::max(smallest, random_side(random)), filter);
      const Axis x = make_axis(image.size.width, std::max(smallest, random_side(random)), filter);
      const Plan plan = resize_plan(image.size, y, x, Round::never);
      difference.add(run<float>(*ours, plan, {image.view()}), run<float>(*torch, plan, {image.view()}));
    }
    std::printf("  %s: %lld of %lld values differ\n", name_of(filter), static_cast<long long>(difference.differing),
                static_cast<long long>(difference.values));
    CHECK(difference.values > 0);
    CHECK(difference.differing == 0);
  }
}
