// Turned sources, corners, boxes of parts of pixels and what stands beyond the edge, against the reference, which makes
// weights of its own.
#include <cmath>
#include <memory>

#include "kir/cpu.hpp"
#include "reference/eigen_backend.hpp"
#include "tests/catch.hpp"
#include "tests/kernels_cpu/thread_executor.hpp"
#include "tests/support/axis.hpp"
#include "tests/support/guarded_memory.hpp"
#include "tests/support/images.hpp"
#include "tests/support/job_plans.hpp"
#include "tests/support/poisoned_run.hpp"
#include "tests/support/seed.hpp"

using namespace kir;
using namespace kir::test;

namespace {

constexpr Border kBeyond[] = {Border::zero, Border::reflect, Border::symmetric};

/// An axis of `in` pixels that has something which only some backends have. Integer weights end at the source.
Axis drawn_axis(std::mt19937& random, std::int32_t in, bool integer) {
  const auto fraction = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  const bool antialias = pick(random, 0, 1) != 0;
  Axis axis = make_axis(in, pick(random, 1, 300), pick(random, 0, 1) ? Filter::bilinear : Filter::bicubic, antialias);
  const int kind = pick(random, 0, 2);
  if (kind == 0) {  // a padded copy
    axis.filter = Filter::nearest;
    axis.border = kBeyond[pick(random, 0, 2)];
    axis.out = axis.count = pick(random, 1, 2 * in + 40);
    axis.box_begin = pick(random, -in - 20, in - 1);
    axis.box_end = axis.box_begin + axis.out;
  } else if (kind == 1 && !integer) {
    axis.border = kBeyond[pick(random, 0, 2)];
    axis.box_begin = fraction(-30, in - 1);
    axis.box_end = axis.box_begin + fraction(1.5, in + 30);
  } else {
    axis.box_begin = fraction(0, 0.5 * in);
    axis.box_end = fraction(axis.box_begin + 0.5, in);
  }
  axis.align_corners = !axis.antialias && axis.filter != Filter::nearest && axis.box_end - axis.box_begin >= 1 &&
                       pick(random, 0, 1) != 0;
  if (pick(random, 0, 1) != 0) {
    axis.first = pick(random, 0, axis.out - 1);
    axis.count = pick(random, 1, axis.out - axis.first);
  }
  return axis;
}

double largest_difference(const Plan& plan, const Image& image, const RunContext& context) {
  const std::vector<GuardedMemory> got = run_poisoned(*make_cpu_backend(), plan, {image}, context);
  const std::vector<GuardedMemory> want = run_once(*make_reference_backend(), plan, {image}, {}, 0x00);
  double worst = 0;
  for (std::int64_t i = 0; i < plan.outputs[0].elements(); ++i) {
    const double difference = std::abs(element(got[0].data(), Type::f32, i) - element(want[0].data(), Type::f32, i));
    if (!(difference <= worst)) worst = difference;
  }
  return worst;
}

}  // namespace

TEST_CASE("turns, boxes, borders and corners are the reference's", "[beyond]") {
  std::mt19937 random = seeded();
  ThreadExecutor executor(2);
  double worst = 0;
  for (int repeat = 0; repeat < 240; ++repeat) {
    const bool integer = repeat % 3 == 0;
    const ImageSize size{pick(random, 1, 4), pick(random, 1, 90), pick(random, 1, 90)};
    const std::int32_t turn = pick(random, 0, 3);
    const Axis y = drawn_axis(random, turn % 2 == 0 ? size.height : size.width, integer);
    const Axis x = drawn_axis(random, turn % 2 == 0 ? size.width : size.height, integer);
    Plan plan = one_job_plan(size, y, x, identity());
    Job& job = plan.levels[0].jobs[0];
    job.from.turn = turn;
    job.arithmetic = integer ? Arithmetic::torch_int16 : Arithmetic::float32;
    job.round = integer ? Round::each : Round::never;
    REQUIRE_NOTHROW(validate(plan));
    const double difference = largest_difference(plan, make_image(random, size, kStorages[repeat % 3]),
                                                 {repeat % 2 == 0 ? &executor : nullptr, nullptr});
    CAPTURE(integer, turn, size.channels, size.height, size.width, y.out, x.out, y.box_begin, y.box_end, x.box_begin,
            x.box_end, int(y.border), int(x.border), name_of(y.filter), name_of(x.filter), y.antialias, x.antialias);
    if (!(difference <= (integer ? 0.0 : 1e-3))) FAIL("differs by " << difference << " levels");
    worst = std::max(worst, difference);
  }
  WARN("largest difference " << worst << " of 0.001 levels; torch_int16 has none");
}

TEST_CASE("a turned copy of a canvas and of an image", "[beyond]") {
  std::mt19937 random = seeded();
  for (std::int32_t turn = 0; turn < 4; ++turn) {
    for (const Type type : {Type::u8, Type::f32}) {
      const ImageSize size{3, 17, 40};
      const std::int32_t height = turn % 2 == 0 ? 17 : 40, width = turn % 2 == 0 ? 40 : 17;
      Plan plan = one_job_plan(size, make_axis(height, height), make_axis(width, width), identity());
      Job into = plan.levels[0].jobs[0];
      plan.canvases = {{type, 3, 17, 40}};
      into.y = make_axis(17, 17);
      into.x = make_axis(40, 40);
      into.passes = Passes::copy;
      into.to = {Target::Kind::canvas, 0, chw_layout(0, 17, 40)};
      Job& turned = plan.levels[0].jobs[0];
      turned.passes = Passes::copy;
      turned.from = {Source::Kind::canvas, 0, turn};
      plan.levels.insert(plan.levels.begin(), Level{{into}, {}});
      REQUIRE_NOTHROW(validate(plan));
      CHECK(largest_difference(plan, make_image(random, size, Storage::hwc), {}) == 0.0);
      plan.levels.erase(plan.levels.begin());
      plan.canvases.clear();
      plan.levels[0].jobs[0].from = {Source::Kind::image, 0, turn};
      CHECK(largest_difference(plan, make_image(random, size, Storage::hwc), {}) == 0.0);
    }
  }
}
