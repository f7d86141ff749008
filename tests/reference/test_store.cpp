// The last mile: steps, roundings, conversions, broadcast, fills.
#include "reference/store.hpp"

#include <Eigen/Core>
#include <cmath>
#include <limits>

#include "reference/eigen_backend.hpp"
#include "reference/libtorch_backend.hpp"
#include "tests/catch.hpp"
#include "tests/reference/hand_made.hpp"

using namespace kir;
using namespace kir::test;

TEST_CASE("Steps are applied in order, each rounded to its type", "[store]") {
  Epilogue epilogue;
  epilogue.steps = {{Step::Op::mul, Type::f32, {2, 3, 4, 0}},
                    {Step::Op::sub, Type::f32, {1, 1, 1, 0}},
                    {Step::Op::div, Type::bf16, {3, 3, 3, 0}},
                    {Step::Op::mix, Type::f16, {0.5f, 0.25f, 0.125f, 0}}};
  std::array<float, 3> pixel = {10, 20, 30};
  reference::apply(epilogue, pixel);
  const auto bf16 = [](float v) { return float(Eigen::bfloat16(v)); };
  const float mixed = 0.5f * bf16(19.0f / 3) + 0.25f * bf16(59.0f / 3) + 0.125f * bf16(119.0f / 3);
  for (const float value : pixel) CHECK(value == float(Eigen::half(mixed)));
}

TEST_CASE("Both backends apply the same steps to the bit", "[store]") {
  std::mt19937 random = seeded();
  const auto ours = make_reference_backend();
  const auto torch = make_libtorch_backend();
  Epilogue epilogue;
  epilogue.steps = {{Step::Op::mul, Type::bf16, {1.0f / 255, 1.0f / 255, 1.0f / 255, 0}},
                    {Step::Op::sub, Type::f16, {0.48f, 0.45f, 0.40f, 0}},
                    {Step::Op::div, Type::f32, {0.26f, 0.26f, 0.27f, 0}},
                    {Step::Op::mix, Type::f32, {0.299f, 0.587f, 0.114f, 0}}};
  const ChwImage image = noise(random, {3, 40, 50});
  for (const Type type : {Type::f32, Type::f16, Type::bf16, Type::u8}) {
    const Plan plan = resize_plan(image.size, make_axis(40, 20, Filter::bilinear), make_axis(50, 70, Filter::bilinear),
                                  Round::each, type, epilogue);
    CAPTURE(name_of(type));
    CHECK(run<std::uint8_t>(*ours, plan, {image.view()}) == run<std::uint8_t>(*torch, plan, {image.view()}));
  }
}

TEST_CASE("A float becomes a level half to even, and is clamped", "[store]") {
  const float values[] = {-3.0f, -0.5f, 0.5f, 1.5f, 2.5f, 2.5001f, 254.5f, 255.4f, 300.0f};
  const std::uint8_t levels[] = {0, 0, 0, 2, 2, 3, 254, 255, 255};
  reference::Plane plane(1, 9);
  for (int i = 0; i < 9; ++i) plane(0, i) = values[i];
  Job job;
  job.y.count = 1;
  job.x.count = 9;
  job.channels = 1;
  job.to.layout = chw_layout(0, 1, 9);
  std::array<std::uint8_t, 9> result{};
  reference::store(job, {}, std::span(&plane, 1), {result.data(), Type::u8});
  for (std::size_t i = 0; i < 9; ++i) CHECK(int(result[i]) == int(levels[i]));
}

TEST_CASE("Bicubic overshoot is clamped on the way to uint8, not wrapped", "[store]") {
  ChwImage image{{1, 1, 8}, {0, 0, 0, 0, 255, 255, 255, 255}};
  const Plan plan = resize_plan(image.size, make_axis(1, 1, Filter::bicubic), make_axis(8, 64, Filter::bicubic),
                                Round::never, Type::u8);
  const auto ours = run<std::uint8_t>(*make_reference_backend(), plan, {image.view()});
  CHECK(ours == run<std::uint8_t>(*make_libtorch_backend(), plan, {image.view()}));
  CHECK(std::is_sorted(ours.begin() + 8, ours.end() - 8));
}

TEST_CASE("A one-channel source feeds every channel", "[store]") {
  std::mt19937 random = seeded();
  const ChwImage image = noise(random, {1, 30, 41});
  for (const Round round : {Round::never, Round::each}) {
    Plan plan = resize_plan(image.size, make_axis(30, 12, Filter::bicubic), make_axis(41, 15, Filter::bicubic), round);
    const auto torch = make_libtorch_backend();
    const auto ours = make_reference_backend();
    const std::vector<float> single = run<float>(*ours, plan, {image.view()});
    plan.outputs[0].shape = {3, 12, 15};
    plan.levels[0].jobs[0].channels = 3;
    plan.epilogues[0].steps = {{Step::Op::sub, Type::f32, {1, 2, 3, 0}}};
    const std::vector<float> three = run<float>(*ours, plan, {image.view()});
    REQUIRE(three.size() == 3 * single.size());
    for (std::size_t c = 0; c < 3; ++c) {
      for (std::size_t i = 0; i < single.size(); ++i) REQUIRE(three[c * single.size() + i] == single[i] - float(c + 1));
    }
    CHECK(three == run<float>(*torch, plan, {image.view()}));
  }
}

TEST_CASE("Fills write constants and ramps in every type", "[store]") {
  Fill fill;
  fill.to.layout = hwc_layout(4, 2);
  fill.y0 = 1;
  fill.y1 = 3;
  fill.x0 = 0;
  fill.x1 = 4;
  fill.channels = 2;
  fill.value[0] = 5;
  fill.value[1] = -7;
  fill.ramp_y = 10;
  fill.ramp_x = 1;
  std::array<std::int64_t, 24> numbers;
  numbers.fill(-99);
  std::array<float, 24> floats;
  floats.fill(-99);
  reference::store(fill, {numbers.data(), Type::i64});
  reference::store(fill, {floats.data(), Type::f32});
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 4; ++x) {
      for (int c = 0; c < 2; ++c) {
        const int expected = y == 0 ? -99 : (c == 0 ? 5 : -7) + 10 * y + x;
        CHECK(numbers[std::size_t((y * 4 + x) * 2 + c)] == expected);
        CHECK(floats[std::size_t((y * 4 + x) * 2 + c)] == float(expected));
      }
    }
  }
  std::array<bool, 24> mask{};
  fill.ramp_x = fill.ramp_y = 0;
  reference::store(fill, {mask.data(), Type::boolean});
  CHECK(!mask[7]);
  CHECK(mask[8]);
}
