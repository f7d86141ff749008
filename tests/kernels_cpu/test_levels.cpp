// Plans of several jobs, fills and levels: canvases between them live in the caller's workspace.
#include <memory>
#include <vector>

#include "kir/cpu.hpp"
#include "tests/catch.hpp"
#include "tests/support/axis.hpp"
#include "tests/support/images.hpp"
#include "tests/support/job_plans.hpp"
#include "tests/support/naive.hpp"
#include "tests/support/poisoned_run.hpp"
#include "tests/support/seed.hpp"

using namespace kir;
using namespace kir::test;

TEST_CASE("a batch of ragged images into one output, with padding and a mask", "[levels]") {
  std::mt19937 random = seeded();
  const std::unique_ptr<Backend> backend = make_cpu_backend();
  constexpr std::int32_t kCount = 5, kHeight = 60, kWidth = 70;
  Plan plan;
  plan.epilogues = {affine()};
  plan.outputs = {{"pixel_values", Type::f32, {kCount, 3, kHeight, kWidth}, {}, {}},
                  {"pixel_mask", Type::i64, {kCount, kHeight, kWidth}, {}, {}}};
  plan.levels.resize(1);
  std::vector<Image> images;
  for (std::int32_t i = 0; i < kCount; ++i) {
    const ImageSize size{3, pick(random, 1, 150), pick(random, 1, 150)};
    images.push_back(make_image(random, size, kStorages[i]));
    plan.images.push_back(size);
    const std::int32_t h = i == 0 ? kHeight : pick(random, 1, kHeight), w = i == 0 ? kWidth : pick(random, 1, kWidth);
    Job job;
    job.from.index = i;
    job.y = make_axis(size.height, h, Filter::bilinear);
    job.x = make_axis(size.width, w, Filter::bilinear);
    job.to.layout = chw_layout(std::int64_t{i} * 3 * kHeight * kWidth, kHeight, kWidth);
    plan.levels[0].jobs.push_back(job);
    const Target mask{Target::Kind::output, 1, chw_layout(std::int64_t{i} * kHeight * kWidth, kHeight, kWidth)};
    const auto fill = [&](const Target& to, std::int32_t y0, std::int32_t x0, std::int32_t y1, std::int32_t x1,
                          std::int32_t channels, double value) {
      plan.levels[0].fills.push_back({to, y0, x0, y1, x1, channels, {value, value, value, value}, 0, 0});
    };
    fill(job.to, 0, w, h, kWidth, 3, -1.5);
    fill(job.to, h, 0, kHeight, kWidth, 3, -1.5);
    fill(mask, 0, 0, h, w, 1, 1);
    fill(mask, 0, w, h, kWidth, 1, 0);
    fill(mask, h, 0, kHeight, kWidth, 1, 0);
  }
  const double worst = compare_with_naive(*backend, plan, images, 1e-5);
  WARN("largest error " << worst << " of 1e-05");
}

TEST_CASE("an empty plan writes nothing and needs no memory for it", "[levels]") {
  const std::unique_ptr<Backend> backend = make_cpu_backend();
  Plan plan;
  plan.outputs = {{"pixel_values", Type::f32, {0, 3, 4, 4}, {}, {}}};
  CHECK(backend->workspace_bytes(plan, {}) == 0);
  run_poisoned(*backend, plan, {});
}
