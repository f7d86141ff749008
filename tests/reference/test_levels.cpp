// Levels and canvases: a resample of a resample, and a padded batch with its mask.
#include <thread>

#include "reference/eigen_backend.hpp"
#include "reference/libtorch_backend.hpp"
#include "tests/catch.hpp"
#include "tests/reference/hand_made.hpp"

using namespace kir;
using namespace kir::test;

namespace {

// image -> a canvas of `type` (middle sizes) -> output.
Plan two_levels(ImageSize size, std::int32_t middle_y, std::int32_t middle_x, std::int32_t out_y, std::int32_t out_x,
                Type type, Round round) {
  const Filter filter = Filter::bicubic;
  Plan plan = resize_plan(size, make_axis(middle_y, out_y, filter), make_axis(middle_x, out_x, filter), round);
  plan.canvases = {{type, size.channels, middle_y, middle_x}};
  Job first =
      resize_plan(size, make_axis(size.height, middle_y, filter), make_axis(size.width, middle_x, filter), round)
          .levels[0]
          .jobs[0];
  first.to = {Target::Kind::canvas, 0, chw_layout(0, middle_y, middle_x)};
  Job second = plan.levels[0].jobs[0];
  second.from = {Source::Kind::canvas, 0};
  plan.levels = {{{first}, {}}, {{second}, {}}};
  return plan;
}

}  // namespace

TEST_CASE("A canvas between two levels is an image between two runs", "[levels]") {
  std::mt19937 random = seeded();
  const ChwImage image = noise(random, {3, 70, 90});
  for (const auto& backend : {make_reference_backend(), make_libtorch_backend()}) {
    const Plan chained = two_levels(image.size, 50, 33, 20, 64, Type::u8, Round::each);
    const Plan first = resize_plan(image.size, make_axis(70, 50, Filter::bicubic), make_axis(90, 33, Filter::bicubic),
                                   Round::each, Type::u8);
    ChwImage middle{{3, 50, 33}, run<std::uint8_t>(*backend, first, {image.view()})};
    const Plan second =
        resize_plan(middle.size, make_axis(50, 20, Filter::bicubic), make_axis(33, 64, Filter::bicubic), Round::each);
    CHECK(run<float>(*backend, chained, {image.view()}) == run<float>(*backend, second, {middle.view()}));
  }
}

TEST_CASE("A float canvas keeps what rounding would lose", "[levels]") {
  std::mt19937 random = seeded();
  const ChwImage image = noise(random, {2, 64, 81});
  const Plan chained = two_levels(image.size, 50, 33, 20, 64, Type::f32, Round::never);
  const auto ours = run<float>(*make_reference_backend(), chained, {image.view()});
  const auto torchs = run<float>(*make_libtorch_backend(), chained, {image.view()});
  double worst = 0;
  std::int64_t whole = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    worst = std::max(worst, double(std::abs(ours[i] - torchs[i])));
    whole += ours[i] == std::nearbyint(ours[i]);
  }
  std::printf("  max difference %.3g levels\n", worst);
  CHECK(worst <= 1e-5 * 127.5);
  CHECK(whole < std::int64_t(ours.size()) / 10);
}

TEST_CASE("A padded batch: two images, a mask, several threads of one backend", "[levels]") {
  std::mt19937 random = seeded();
  const std::vector<ChwImage> images = {noise(random, {3, 40, 60}), noise(random, {3, 55, 30})};
  const std::int32_t heights[] = {20, 32}, widths[] = {30, 17}, height = 32, width = 30;

  Plan plan;
  plan.epilogues = {siglip()};
  plan.outputs = {{"pixel_values", Type::f32, {2, 3, height, width}, {}, {}},
                  {"pixel_mask", Type::i64, {2, height, width}, {}, {}}};
  plan.levels.resize(1);
  for (std::int32_t i = 0; i < 2; ++i) {
    const ImageSize size = images[std::size_t(i)].size;
    plan.images.push_back(size);
    Job job = resize_plan(size, make_axis(size.height, heights[i], Filter::bilinear),
                          make_axis(size.width, widths[i], Filter::bilinear), Round::never)
                  .levels[0]
                  .jobs[0];
    job.from.index = i;
    job.to.layout = chw_layout(i * 3 * height * width, height, width);
    plan.levels[0].jobs.push_back(job);
    const auto fill = [&](Target to, std::int32_t y0, std::int32_t x0, std::int32_t y1, std::int32_t x1,
                          std::int32_t channels, double value) {
      if (y0 < y1 && x0 < x1)
        plan.levels[0].fills.push_back({to, y0, x0, y1, x1, channels, {value, value, value}, 0, 0});
    };
    fill(job.to, heights[i], 0, height, width, 3, -2);
    fill(job.to, 0, widths[i], heights[i], width, 3, -2);
    const Target mask{Target::Kind::output, 1, chw_layout(i * height * width, height, width)};
    fill(mask, 0, 0, heights[i], widths[i], 1, 1);
    fill(mask, heights[i], 0, height, width, 1, 0);
    fill(mask, 0, widths[i], heights[i], width, 1, 0);
  }

  for (const auto& backend : {make_reference_backend(), make_libtorch_backend()}) {
    std::vector<std::vector<float>> results(3);
    std::vector<std::thread> threads;
    for (std::vector<float>& result : results) {
      threads.emplace_back([&] { result = run<float>(*backend, plan, {images[0].view(), images[1].view()}); });
    }
    for (std::thread& thread : threads) thread.join();
    for (std::int32_t i = 0; i < 2; ++i) {
      const ImageSize size = images[std::size_t(i)].size;
      const auto alone =
          run<float>(*backend,
                     resize_plan(size, make_axis(size.height, heights[i], Filter::bilinear),
                                 make_axis(size.width, widths[i], Filter::bilinear), Round::never, Type::f32, siglip()),
                     {images[std::size_t(i)].view()});
      std::int64_t wrong = 0;
      for (std::int32_t c = 0; c < 3; ++c) {
        for (std::int32_t y = 0; y < height; ++y) {
          for (std::int32_t x = 0; x < width; ++x) {
            const bool inside = y < heights[i] && x < widths[i];
            const float expected = inside ? alone[std::size_t((c * heights[i] + y) * widths[i] + x)] : -2.0f;
            for (const auto& result : results) {
              wrong += !(result[std::size_t(((i * 3 + c) * height + y) * width + x)] == expected);
            }
          }
        }
      }
      CAPTURE(backend->name(), i);
      CHECK(wrong == 0);
    }
  }
}
