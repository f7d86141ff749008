// A plan made by hand, small enough to count on one's fingers: two images, padding, a mask and host-made numbers.
#pragma once

#include "kir/plan.hpp"
#include "tests/support/axis.hpp"

namespace kir::test {

inline constexpr int kHeight = 4, kWidth = 6;

/// pixel_values (2, 3, 4, 6): image 0 (3x8x12) fills it, image 1 (3x5x5) is 4x5 and padded by one column; pixel_mask
/// (2, 4, 6) int64; sizes (2) int64, known to the plan alone. Normalized with mean 0.5, std 0.25 of the rescaled level:
/// span 4, 63.75 levels a unit.
inline Plan hand_made_plan(Type pixels = Type::f32, Round round = Round::never) {
  Plan plan;
  plan.numerics = round == Round::never ? Numerics::float32 : Numerics::torch_cpu;
  plan.images = {{3, 8, 12}, {3, 5, 5}};
  plan.outputs = {{"pixel_values", pixels, {2, 3, kHeight, kWidth}, {}, {}},
                  {"pixel_mask", Type::i64, {2, kHeight, kWidth}, {}, {}},
                  {"sizes", Type::i64, {2}, {}, {48, 25}}};
  Step sub, div;
  sub.op = Step::Op::sub;
  div.op = Step::Op::div;
  for (int c = 0; c < 4; ++c) {
    sub.c[c] = 127.5f;
    div.c[c] = 63.75f;
  }
  plan.epilogues = {Epilogue{{sub, div}}};

  Level level;
  for (int image = 0; image < 2; ++image) {
    const std::int32_t width = image == 0 ? kWidth : kWidth - 1;
    const Layout layout = chw_layout(std::int64_t{image} * 3 * kHeight * kWidth, kHeight, kWidth);
    const Layout mask = chw_layout(std::int64_t{image} * kHeight * kWidth, kHeight, kWidth);
    const ImageSize from = plan.images[static_cast<std::size_t>(image)];
    Job job;
    job.from = {Source::Kind::image, image};
    job.y = make_axis(from.height, kHeight, Filter::bilinear);
    job.x = make_axis(from.width, width, Filter::bilinear);
    job.arithmetic = round == Round::never ? Arithmetic::float32 : Arithmetic::torch_int16;
    job.round = round;
    job.to = {Target::Kind::output, 0, layout};
    level.jobs.push_back(job);
    Fill real{{Target::Kind::output, 1, mask}, 0, 0, kHeight, width, 1, {1}, 0, 0};
    level.fills.push_back(real);
    if (width == kWidth) continue;
    level.fills.push_back({{Target::Kind::output, 0, layout}, 0, width, kHeight, kWidth, 3, {-2, -2, -2}, 0, 0});
    level.fills.push_back({{Target::Kind::output, 1, mask}, 0, width, kHeight, kWidth, 1, {0}, 0, 0});
  }
  plan.levels = {level};
  return plan;
}

/// Element (image, c, y, x) of pixel_values.
inline std::int64_t pixel_element(int image, int c, int y, int x) {
  return ((std::int64_t{image} * 3 + c) * kHeight + y) * kWidth + x;
}

}  // namespace kir::test
