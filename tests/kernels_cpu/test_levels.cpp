// Plans of several jobs, fills and levels: canvases between them live in the caller's workspace.
#include <memory>
#include <vector>

#include "kir/cpu.hpp"
#include "tests/catch.hpp"
#include "tests/kernels_cpu/fixtures.hpp"
#include "tests/kernels_cpu/naive.hpp"

using namespace kir;
using namespace kir::test;

namespace {

/// Image -> canvas with a border (level 0), canvas -> smaller canvas (level 1), that -> tiles and a thumbnail (level
/// 2).
Plan three_levels(ImageSize size, Type canvas_type, Round round) {
  Plan plan;
  plan.numerics = round == Round::each ? Numerics::torch_cpu : Numerics::float32;
  plan.images = {size};
  plan.epilogues = {identity(), affine()};
  plan.canvases = {{canvas_type, 3, size.height + 5, size.width + 9}, {canvas_type, 3, 40, 64}};
  plan.outputs = {{"tiles", Type::f32, {2, 3, 40, 32}, -1, {}}, {"thumbnail", Type::f16, {3, 11, 13}, -1, {}}};
  plan.levels.resize(3);

  const auto canvas_target = [&](std::int32_t index) {
    const Buffer& canvas = plan.canvases[index];
    return Target{Target::Kind::canvas, index, chw_layout(0, canvas.height, canvas.width)};
  };
  Job into;
  into.y = make_axis(size.height, size.height);
  into.x = make_axis(size.width, size.width);
  into.passes = Passes::copy;
  into.round = round;
  into.to = canvas_target(0);
  into.at_y = 2;
  into.at_x = 4;
  plan.levels[0].jobs = {into};
  const std::int32_t h = size.height, w = size.width;
  const auto border = [&](std::int32_t y0, std::int32_t x0, std::int32_t y1, std::int32_t x1) {
    plan.levels[0].fills.push_back({canvas_target(0), y0, x0, y1, x1, 3, {17, 127, 255, 0}, 0, 0});
  };
  border(0, 0, 2, w + 9);
  border(2, 0, h + 2, 4);
  border(2, w + 4, h + 2, w + 9);
  border(h + 2, 0, h + 5, w + 9);

  Job smaller;
  smaller.from = {Source::Kind::canvas, 0};
  smaller.y = make_axis(h + 5, 40);
  smaller.x = make_axis(w + 9, 64);
  smaller.round = round;
  smaller.to = canvas_target(1);
  plan.levels[1].jobs = {smaller};

  for (std::int32_t tile = 0; tile < 2; ++tile) {
    Job job;
    job.from = {Source::Kind::canvas, 1};
    job.y = make_axis(40, 40);
    job.x = make_axis(64, 64);
    job.x.first = 32 * tile;
    job.x.count = 32;
    job.passes = Passes::copy;
    job.round = round;
    job.epilogue = 1;
    job.to = {Target::Kind::output, 0, chw_layout(std::int64_t{tile} * 3 * 40 * 32, 40, 32)};
    plan.levels[2].jobs.push_back(job);
  }
  Job thumbnail;
  thumbnail.from = {Source::Kind::canvas, 1};
  thumbnail.y = make_axis(40, 11);
  thumbnail.x = make_axis(64, 13);
  thumbnail.round = round;
  thumbnail.epilogue = 1;
  thumbnail.to = {Target::Kind::output, 1, chw_layout(0, 11, 13)};
  plan.levels[2].jobs.push_back(thumbnail);
  return plan;
}

}  // namespace

TEST_CASE("three levels through canvases of levels and of floats", "[levels]") {
  std::mt19937 random = seeded();
  const std::unique_ptr<Backend> backend = make_cpu_backend();
  for (int repeat = 0; repeat < 4; ++repeat) {
    const ImageSize size{3, pick(random, 1, 120), pick(random, 1, 120)};
    const std::vector<Image> images = {make_image(random, size, Storage::hwc)};
    CAPTURE(size.height, size.width);
    CHECK(compare_with_naive(*backend, three_levels(size, Type::u8, Round::each), images, 0.0) == 0.0);
    const double worst = compare_with_naive(*backend, three_levels(size, Type::f32, Round::never), images, 1e-5);
    WARN("float canvases: largest error " << worst << " of 1e-05");
  }
}

TEST_CASE("a batch of ragged images into one output, with padding and a mask", "[levels]") {
  std::mt19937 random = seeded();
  const std::unique_ptr<Backend> backend = make_cpu_backend();
  constexpr std::int32_t kCount = 5, kHeight = 60, kWidth = 70;
  Plan plan;
  plan.epilogues = {affine()};
  plan.outputs = {{"pixel_values", Type::f32, {kCount, 3, kHeight, kWidth}, -1, {}},
                  {"pixel_mask", Type::i64, {kCount, kHeight, kWidth}, -1, {}}};
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
  plan.outputs = {{"pixel_values", Type::f32, {0, 3, 4, 4}, -1, {}}};
  CHECK(backend->workspace_bytes(plan, {}) == 0);
  run_poisoned(*backend, plan, {});
}
