// What the two backends refuse, by name and before any work; and the answers to probes.
#include <cmath>

#include "kir/error.hpp"
#include "reference/eigen_backend.hpp"
#include "reference/libtorch_backend.hpp"
#include "tests/catch.hpp"
#include "tests/reference/hand_made.hpp"
#include "tests/support/contains.hpp"

using namespace kir;
using namespace kir::test;

namespace {

Plan small_plan(Filter filter = Filter::bilinear, bool antialias = true) {
  return resize_plan({3, 8, 9}, make_axis(8, 4, filter, antialias), make_axis(9, 5, filter, antialias), Round::never);
}

}  // namespace

TEST_CASE("Unsupported plans are refused by name", "[refusals]") {
  const auto ours = make_reference_backend();
  const auto torch = make_libtorch_backend();
  CHECK(ours->supports(small_plan()).ok);
  CHECK(torch->supports(small_plan()).ok);

  for (const Filter filter : {Filter::box, Filter::hamming, Filter::lanczos3}) {
    CAPTURE(name_of(filter));
    CHECK(ours->supports(small_plan(filter)).ok);
    CHECK(contains(torch->supports(small_plan(filter)).reason, name_of(filter)));
    CHECK(contains(ours->supports(small_plan(filter, false)).reason, name_of(filter)));
    Plan on_uint8 = small_plan(filter);
    on_uint8.levels[0].jobs[0].arithmetic = Arithmetic::torch_int16;
    on_uint8.levels[0].jobs[0].round = Round::each;
    CHECK(contains(ours->supports(on_uint8).reason, name_of(filter)));
  }

  struct Case {
    const char* reason;
    bool reference_too;
    void (*change)(Plan&);
  };
  const Case cases[] = {
      {"cuda_float32", true, [](Plan& plan) { plan.levels[0].jobs[0].arithmetic = Arithmetic::cuda_float32; }},
      {"pillow_int22", true, [](Plan& plan) { plan.levels[0].jobs[0].arithmetic = Arithmetic::pillow_int22; }},
      {"cv2_int11", true, [](Plan& plan) { plan.levels[0].jobs[0].arithmetic = Arithmetic::cv2_int11; }},
      {"torch_int16", true, [](Plan& plan) { plan.levels[0].jobs[0].arithmetic = Arithmetic::torch_int16; }},
      {"turn", true, [](Plan& plan) { plan.levels[0].jobs[0].from.turn = 4; }},
      {"last pass", true, [](Plan& plan) { plan.levels[0].jobs[0].round = Round::last; }},
      {"mix", true,
       [](Plan& plan) {
         plan.epilogues[0].steps = {{Step::Op::mix, Type::f32, {1, 1, 1, 0}}};
         plan.levels[0].jobs[0].channels = 2;
       }},
      {"align_corners", true,
       [](Plan& plan) { plan.levels[0].jobs[0].x.align_corners = plan.levels[0].jobs[0].y.align_corners = true; }},
      {"border", true, [](Plan& plan) { plan.levels[0].jobs[0].y.border = Border::clamp; }},
      {"border", false, [](Plan& plan) { plan.levels[0].jobs[0].y.border = Border::reflect; }},
      {"border", true,
       [](Plan& plan) {
         plan.levels[0].jobs[0].y.border = Border::zero;
         plan.levels[0].jobs[0].arithmetic = Arithmetic::torch_int16;
         plan.levels[0].jobs[0].round = Round::each;
       }},
      {"box", true, [](Plan& plan) { plan.levels[0].jobs[0].x.box_end = 9.5; }},
      {"source box", false, [](Plan& plan) { plan.levels[0].jobs[0].x.box_begin = 1; }},
      {"vertical pass first", false, [](Plan& plan) { plan.levels[0].jobs[0].passes = Passes::yx; }},
      {"one pixel wide", false, [](Plan& plan) { plan.levels[0].jobs[0].x = make_axis(9, 1, Filter::bilinear); }},
      {"1 x 1", false,
       [](Plan& plan) {
         plan.levels[0].jobs[0].x = make_axis(9, 1, Filter::bilinear);
         plan.levels[0].jobs[0].y = make_axis(8, 1, Filter::bilinear);
         plan.levels[0].jobs[0].arithmetic = Arithmetic::torch_int16;
         plan.levels[0].jobs[0].round = Round::each;
       }},
      {"different filters", false, [](Plan& plan) { plan.levels[0].jobs[0].x.filter = Filter::bicubic; }},
  };
  for (const Case& one : cases) {
    Plan plan = small_plan();
    one.change(plan);
    CAPTURE(one.reason);
    const Support by_torch = torch->supports(plan), by_reference = ours->supports(plan);
    CHECK(!by_torch.ok);
    CHECK(contains(by_torch.reason, one.reason));
    CHECK(by_reference.ok != one.reference_too);
    if (one.reference_too) CHECK(contains(by_reference.reason, one.reason));
  }
}

TEST_CASE("run() refuses before it writes", "[refusals]") {
  std::mt19937 random = seeded();
  const ChwImage image = noise(random, {3, 8, 9});
  for (const auto& backend : {make_reference_backend(), make_libtorch_backend()}) {
    Plan plan = small_plan();
    std::vector<float> memory(3 * 4 * 5, -99);
    const OutputView output{memory.data(), memory.size() * sizeof(float)}, small{memory.data(), 7};
    const ImageView good = image.view();
    ImageView null = good;
    null.data = nullptr;
    CHECK_THROWS_AS(backend->run(plan, std::span(&null, 1), std::span(&output, 1), {}, {}), Error);
    CHECK_THROWS_AS(backend->run(plan, std::span(&good, 1), std::span(&small, 1), {}, {}), Error);
    CHECK_THROWS_AS(backend->run(plan, {}, std::span(&output, 1), {}, {}), Error);
    plan.levels[0].jobs[0].arithmetic = Arithmetic::cuda_float32;
    CHECK_THROWS_AS(backend->run(plan, std::span(&good, 1), std::span(&output, 1), {}, {}), Error);
    CHECK(memory == std::vector<float>(3 * 4 * 5, -99));
  }
  CHECK_THROWS_AS(set_libtorch_threads(0), Error);
}

TEST_CASE("Probes: mean, deviation, grey", "[probes]") {
  std::mt19937 random = seeded();
  const ChwImage image = noise(random, {3, 33, 47});
  ChwImage grey = noise(random, {1, 5, 6});
  grey.size.channels = 3;
  for (int copy = 0; copy < 2; ++copy)
    grey.pixels.insert(grey.pixels.end(), grey.pixels.begin(), grey.pixels.begin() + 30);
  const ChwImage single{{1, 1, 1}, {200}};

  double sum = 0, squares = 0;
  for (const std::uint8_t level : image.pixels) sum += level;
  const double mean = sum / double(image.pixels.size());
  for (const std::uint8_t level : image.pixels) squares += (level - mean) * (level - mean);

  const std::vector<ImageView> views = {image.view(), grey.view(), single.view()};
  using Kind = Probe::Kind;
  const std::vector<Probe> probes = {
      {Kind::mean_std, 0}, {Kind::is_grey, 0}, {Kind::is_grey, 1}, {Kind::mean_std, 2}, {Kind::is_grey, 2}};
  for (const auto& backend : {make_reference_backend(), make_libtorch_backend()}) {
    const std::vector<ProbeResult> results = backend->measure(probes, views, {});
    REQUIRE(results.size() == probes.size());
    CHECK(std::abs(results[0].mean - mean) <= 1e-9);
    CHECK(std::abs(results[0].std - std::sqrt(squares / double(image.pixels.size() - 1))) <= 1e-9);
    CHECK(!results[1].is_grey);
    CHECK(results[2].is_grey);
    CHECK(results[3].mean == 200);
    CHECK(std::isnan(results[3].std));
    CHECK(results[4].is_grey);
    const Probe beyond{Kind::is_grey, 3}, unknown{Kind::content_box, 0};
    CHECK_THROWS_AS(backend->measure(std::span(&beyond, 1), views, {}), Error);
    CHECK_THROWS_AS(backend->measure(std::span(&unknown, 1), views, {}), Error);
  }
}
