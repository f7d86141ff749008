// The comparer: NaN fails, integers have no tolerance, units are undone, and the worst element is located.
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "kir/error.hpp"
#include "parity/compare.hpp"
#include "parity/element.hpp"
#include "tests/catch.hpp"
#include "tests/parity/hand_made_plan.hpp"
#include "tests/support/contains.hpp"

using namespace kir;
using namespace kir::parity;
using namespace kir::test;

namespace {

constexpr Tolerance kFloat{1e-5, 8};
constexpr Tolerance kExact{0, 8};
const float kNaN = std::numeric_limits<float>::quiet_NaN();
const float kInf = std::numeric_limits<float>::infinity();

std::vector<float> pixels(float value = 0.5f) {
  return std::vector<float>(2 * 3 * kHeight * kWidth, value);
}

}  // namespace

TEST_CASE("equal outputs have no error and no worst element", "[parity][compare]") {
  const Comparison result = compare(hand_made_plan(), 0, pixels().data(), pixels().data(), kExact);
  CHECK(result.elements == 144);
  CHECK(result.differing == 0);
  CHECK(result.max_abs == 0);
  CHECK(result.worst.element == -1);
  CHECK(result.within(kExact));
}

TEST_CASE("a number that is not finite fails, one-sided and on both sides", "[parity][compare]") {
  const auto [bad, other] = GENERATE(table<float, float>({{kNaN, 0.5f}, {0.5f, kNaN}, {kNaN, kNaN}, {kInf, kInf}}));
  std::vector<float> got = pixels(), want = pixels();
  const auto at = static_cast<std::size_t>(pixel_element(1, 2, 3, 4));
  got[at] = bad;
  want[at] = other;
  const Comparison result = compare(hand_made_plan(), 0, got.data(), want.data(), kFloat);
  CHECK(result.non_finite == 1);
  CHECK_FALSE(result.within(kFloat));
  CHECK_FALSE(result.within({1e30, 8}));
  CHECK(std::isinf(result.max_abs));
  CHECK(result.worst.element == pixel_element(1, 2, 3, 4));
}

TEST_CASE("the worst element is located in image, channel, row and column", "[parity][compare]") {
  std::vector<float> got = pixels();
  got[static_cast<std::size_t>(pixel_element(0, 0, 0, 1))] += 1e-6f;
  got[static_cast<std::size_t>(pixel_element(1, 2, 3, 4))] += 1e-3f;
  const Comparison result = compare(hand_made_plan(), 0, got.data(), pixels().data(), kFloat);
  CHECK(result.differing == 2);
  CHECK(result.worst.image == 1);
  CHECK(result.worst.channel == 2);
  CHECK(result.worst.y == 3);
  CHECK(result.worst.x == 4);
  CHECK_FALSE(result.worst.padding);
  CHECK_FALSE(result.within(kFloat));
  CHECK(contains(result.describe_worst(), "image 1, channel 2, y 3, x 4"));
}

TEST_CASE("wrong padding is located as padding", "[parity][compare]") {
  std::vector<float> got = pixels();
  got[static_cast<std::size_t>(pixel_element(1, 0, 2, kWidth - 1))] = 0;
  const Comparison result = compare(hand_made_plan(), 0, got.data(), pixels().data(), kFloat);
  CHECK(result.worst.padding);
  CHECK(result.worst.image == -1);
  CHECK_FALSE(result.within(kFloat));
}

TEST_CASE("levels undo the affine", "[parity][compare]") {
  std::vector<float> got = pixels();
  got[5] += 0.25f;
  const Comparison result = compare(hand_made_plan(), 0, got.data(), pixels().data(), kFloat);
  CHECK(result.max_raw == 0.25);
  CHECK(result.max_abs == 0.25);  // a span of 4 is below the cap: normalized units are output units
  CHECK(std::abs(result.max_levels - 0.25 * 63.75) < 1e-12);
  CHECK(result.sum_abs == 0.25);
}

TEST_CASE("without rescaling, output units count as if the levels spanned span_cap", "[parity][compare]") {
  Plan plan = hand_made_plan();
  plan.epilogues[0].steps.clear();
  std::vector<float> got = pixels(100), want = pixels(100);
  got[5] += 0.5f;
  const Comparison result = compare(plan, 0, got.data(), want.data(), kFloat);
  CHECK(result.max_raw == 0.5);
  CHECK(result.max_levels == 0.5);
  CHECK(std::abs(result.max_abs - 0.5 * 8 / 255) < 1e-12);
}

TEST_CASE("the affine is found through a canvas", "[parity][compare]") {
  // Image -> canvas in levels -> output with the affine, and image -> normalized canvas -> plain copy: the same units.
  const bool affine_first = GENERATE(true, false);
  Plan plan = hand_made_plan();
  plan.epilogues.push_back({});
  plan.canvases = {{affine_first ? Type::f32 : Type::u8, 3, kHeight, kWidth}};
  Level first;
  Job to_canvas = plan.levels[0].jobs[0];
  to_canvas.to = {Target::Kind::canvas, 0, chw_layout(0, kHeight, kWidth)};
  to_canvas.epilogue = affine_first ? 0 : 1;
  first.jobs = {to_canvas};
  Job& from_canvas = plan.levels[0].jobs[0];
  from_canvas.from = {Source::Kind::canvas, 0};
  from_canvas.epilogue = affine_first ? 1 : 0;
  plan.levels.insert(plan.levels.begin(), first);

  std::vector<float> got = pixels();
  got[5] += 0.25f;
  CHECK(std::abs(compare(plan, 0, got.data(), pixels().data(), kFloat).max_levels - 0.25 * 63.75) < 1e-12);
}

TEST_CASE("integers must be equal whatever the tolerance", "[parity][compare]") {
  std::vector<std::int64_t> got(2 * kHeight * kWidth, 1), want = got;
  got[7] = 0;
  const Comparison result = compare(hand_made_plan(), 1, got.data(), want.data(), {1e30, 8});
  CHECK(result.unequal == 1);
  CHECK_FALSE(result.within({1e30, 8}));
}

TEST_CASE("an exact comparison accepts no difference at all", "[parity][compare]") {
  std::vector<float> got = pixels();
  got[5] = std::nextafter(got[5], 1.0f);
  const Comparison result = compare(hand_made_plan(), 0, got.data(), pixels().data(), kExact);
  CHECK(result.differing == 1);
  CHECK_FALSE(result.within(kExact));
}

TEST_CASE("half types and levels may round one step apart where a tolerance allows anything", "[parity][compare]") {
  SECTION("bfloat16") {
    const Plan plan = hand_made_plan(Type::bf16);
    std::vector<std::uint16_t> want(144, 0x3F80), got = want;  // 1.0
    got[5] = 0x3F81;                                           // 1 + 2^-7
    CHECK(compare(plan, 0, got.data(), want.data(), kFloat).within(kFloat));
    CHECK_FALSE(compare(plan, 0, got.data(), want.data(), kExact).within(kExact));
    got[5] = 0x3F82;
    CHECK_FALSE(compare(plan, 0, got.data(), want.data(), kFloat).within(kFloat));
  }
  SECTION("uint8") {
    const Plan plan = hand_made_plan(Type::u8);
    std::vector<std::uint8_t> want(144, 10), got = want;
    got[5] = 11;
    CHECK(compare(plan, 0, got.data(), want.data(), kFloat).within(kFloat));
    got[5] = 12;
    CHECK_FALSE(compare(plan, 0, got.data(), want.data(), kFloat).within(kFloat));
  }
  SECTION("steps of the epilogue, each of which is followed by the slopes of the later ones") {
    Plan plan = hand_made_plan();
    const std::vector<float> want = pixels();
    std::vector<float> got = want;
    plan.epilogues = {{{{Step::Op::mul, Type::bf16, {1.0f / 255, 1.0f / 255, 1.0f / 255}},
                        {Step::Op::div, Type::bf16, {0.5f, 0.5f, 0.5f}}}}};
    const float apart = 2 * 0.0078125f + 0.015625f;  // a step at 1, doubled, and one at 2
    got[5] += apart;
    CHECK(compare(plan, 0, got.data(), want.data(), kFloat).within(kFloat));
    CHECK_FALSE(compare(plan, 0, got.data(), want.data(), kExact).within(kExact));
    got[5] += 0.001f;
    CHECK_FALSE(compare(plan, 0, got.data(), want.data(), kFloat).within(kFloat));
    got = want;
    got[5] += apart;
    for (Step& step : plan.epilogues[0].steps) step.rounded_to = Type::f32;
    CHECK_FALSE(compare(plan, 0, got.data(), want.data(), kFloat).within(kFloat));
  }
  SECTION("padding has nothing to round") {
    const Plan plan = hand_made_plan(Type::u8);
    std::vector<std::uint8_t> want(144, 10), got = want;
    got[static_cast<std::size_t>(pixel_element(1, 0, 0, kWidth - 1))] = 11;
    CHECK_FALSE(compare(plan, 0, got.data(), want.data(), kFloat).within(kFloat));
  }
}

TEST_CASE("half types decode exactly", "[parity][compare]") {
  CHECK(from_f16(0x3C00) == 1.0f);
  CHECK(from_f16(0xC100) == -2.5f);
  CHECK(from_f16(0x0001) == std::ldexp(1.0f, -24));
  CHECK(from_f16(0x8000) == 0.0f);
  CHECK(from_f16(0x7BFF) == 65504.0f);
  CHECK(std::isinf(from_f16(0x7C00)));
  CHECK(std::isnan(from_f16(0x7E00)));
  CHECK(from_bf16(0x4049) == 3.140625f);
  CHECK(rounding_step(Type::f16, 1.0) == std::ldexp(1.0, -10));
  CHECK(rounding_step(Type::bf16, -3.0) == std::ldexp(1.0, -6));
  CHECK(rounding_step(Type::f16, 0.0) == std::ldexp(1.0, -24));
  CHECK(rounding_step(Type::f32, 1.0) == 0);
}

TEST_CASE("a plan that leaves an element unwritten cannot be compared", "[parity][compare]") {
  Plan plan = hand_made_plan();
  plan.levels[0].jobs.pop_back();
  CHECK_THROWS_AS(compare(plan, 0, pixels().data(), pixels().data(), kFloat), Error);
}

TEST_CASE("a plan that writes an element twice, or one that is not there, cannot be compared", "[parity][compare]") {
  Plan plan = hand_made_plan();
  SECTION("twice") {
    plan.levels[0].jobs.push_back(plan.levels[0].jobs[0]);
  }
  SECTION("beyond the end") {
    plan.levels[0].jobs[1].to.layout.base += 1;
  }
  CHECK_THROWS_AS(compare(plan, 0, pixels().data(), pixels().data(), kFloat), Error);
}

TEST_CASE("repeated elements (temporal copies) are compared too", "[parity][compare]") {
  Plan plan = hand_made_plan();
  plan.images.resize(1);
  plan.levels[0].jobs.resize(1);
  plan.levels[0].fills.clear();
  plan.levels[0].jobs[0].to.layout.copies = 2;
  plan.levels[0].jobs[0].to.layout.copy = 3 * kHeight * kWidth;
  std::vector<float> got = pixels();
  got[static_cast<std::size_t>(pixel_element(1, 1, 2, 3))] = 9;
  const Comparison result = compare(plan, 0, got.data(), pixels().data(), kFloat);
  CHECK(result.differing == 1);
  CHECK(result.worst.channel == 1);
  CHECK(result.worst.y == 2);
  CHECK(result.worst.x == 3);
}
