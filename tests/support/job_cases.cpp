#include "tests/support/job_cases.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "plan/numerics.hpp"
#include "tests/catch.hpp"
#include "tests/support/axis.hpp"
#include "tests/support/images.hpp"
#include "tests/support/job_plans.hpp"
#include "tests/support/naive.hpp"
#include "tests/support/poisoned_run.hpp"
#include "tests/support/seed.hpp"

namespace kir::test {
namespace {

// float32 sums against double sums of the same weights, in levels; the affine divides by 50.
constexpr double kLevelBound = 4e-4;
constexpr double kUnitBound = 1e-5;
constexpr double kThousandsOfTapsBound = 4e-5;  // a float32 sum's error grows with its length

struct Kind {
  Filter filter;
  bool antialias;
};
constexpr Kind kFloatKinds[] = {{Filter::nearest, true},  {Filter::nearest_exact, true}, {Filter::box, true},
                                {Filter::bilinear, true}, {Filter::hamming, true},       {Filter::bicubic, true},
                                {Filter::lanczos3, true}, {Filter::bilinear, false},     {Filter::bicubic, false}};
constexpr Kind kLevelKinds[] = {{Filter::nearest, true}, {Filter::nearest_exact, true}, {Filter::bilinear, true},
                                {Filter::bicubic, true}, {Filter::bilinear, false},     {Filter::bicubic, false}};

std::string text_of(const Job& job, ImageSize size) {
  return std::to_string(size.channels) + "x" + std::to_string(size.height) + "x" + std::to_string(size.width) + " -> " +
         std::to_string(job.y.out) + "x" + std::to_string(job.x.out) + " window " + std::to_string(job.y.first) + "+" +
         std::to_string(job.y.count) + ", " + std::to_string(job.x.first) + "+" + std::to_string(job.x.count) + " " +
         name_of(job.x.filter) + (job.x.antialias ? "" : " no antialias");
}

/// A window somewhere in the axis, often the whole.
void pick_window(std::mt19937& random, Axis& axis) {
  if (pick(random, 0, 1)) return;
  axis.first = pick(random, 0, axis.out - 1);
  axis.count = pick(random, 1, axis.out - axis.first);
}

void use_numerics(Plan& plan, Rounds rounds) {
  plan.numerics = rounds == Rounds::each ? Numerics::torch_cpu : Numerics::float32;
  for (Level& level : plan.levels) {
    for (Job& job : level.jobs) {
      job.arithmetic = row_of(plan.numerics).arithmetic;
      job.round = row_of(plan.numerics).round;
    }
  }
}

/// Image -> canvas with a border (level 0), canvas -> smaller canvas (level 1), that -> tiles and a thumbnail (level
/// 2).
Plan three_levels(ImageSize size, Type first, Type second) {
  Plan plan;
  plan.images = {size};
  plan.epilogues = {identity(), affine()};
  plan.canvases = {{first, 3, size.height + 5, size.width + 9}, {second, 3, 40, 64}};
  plan.outputs = {{"tiles", Type::f32, {2, 3, 40, 32}, {}, {}}, {"thumbnail", Type::f16, {3, 11, 13}, {}, {}}};
  plan.levels.resize(3);

  const auto canvas_target = [&](std::int32_t index) {
    const Buffer& canvas = plan.canvases[index];
    return Target{Target::Kind::canvas, index, chw_layout(0, canvas.height, canvas.width)};
  };
  Job into;
  into.y = make_axis(size.height, size.height);
  into.x = make_axis(size.width, size.width);
  into.passes = Passes::copy;
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
    job.epilogue = 1;
    job.to = {Target::Kind::output, 0, chw_layout(std::int64_t{tile} * 3 * 40 * 32, 40, 32)};
    plan.levels[2].jobs.push_back(job);
  }
  Job thumbnail;
  thumbnail.from = {Source::Kind::canvas, 1};
  thumbnail.y = make_axis(40, 11);
  thumbnail.x = make_axis(64, 13);
  thumbnail.epilogue = 1;
  thumbnail.to = {Target::Kind::output, 1, chw_layout(0, 11, 13)};
  plan.levels[2].jobs.push_back(thumbnail);
  return plan;
}

void report(const Backend& backend, const char* what, Rounds rounds, int cases, double worst, double bound) {
  WARN(backend.name() << ", " << what << ", " << (rounds == Rounds::each ? "torch_cpu" : "float32") << ": " << cases
                      << " cases, largest error " << worst << " of " << bound);
}

}  // namespace

void check_filters(const Backend& backend, Rounds rounds) {
  std::mt19937 random = seeded();
  double worst = 0;
  int cases = 0;
  const auto kinds = rounds == Rounds::never ? std::span<const Kind>(kFloatKinds) : std::span<const Kind>(kLevelKinds);
  for (const Kind kind : kinds) {
    for (const Storage storage : kStorages) {
      for (int repeat = 0; repeat < 3; ++repeat) {
        const int channels = storage == Storage::sparse ? pick(random, 1, 3) : pick(random, 1, 4);
        const ImageSize size{channels, pick(random, 1, 90), pick(random, 1, 90)};
        Axis y = make_axis(size.height, pick(random, 1, 70), kind.filter, kind.antialias);
        Axis x = make_axis(size.width, pick(random, 1, 70), kind.filter, kind.antialias);
        pick_window(random, y);
        pick_window(random, x);
        Plan plan = one_job_plan(size, y, x, affine());
        use_numerics(plan, rounds);
        CAPTURE(text_of(plan.levels[0].jobs[0], size), name_of(storage));
        worst = std::max(worst, compare_with_naive(backend, plan, {make_image(random, size, storage)}, kUnitBound));
        ++cases;
      }
    }
  }
  report(backend, "filters, windows, storages", rounds, cases, worst, kUnitBound);
}

void check_passes(const Backend& backend, Rounds rounds) {
  std::mt19937 random = seeded();
  double worst = 0;
  int cases = 0;
  for (const Passes passes : {Passes::copy, Passes::x, Passes::y, Passes::xy}) {
    for (const Storage storage : kStorages) {
      const ImageSize size{3, pick(random, 1, 60), pick(random, 1, 60)};
      const bool x_changes = passes == Passes::x || passes == Passes::xy;
      const bool y_changes = passes == Passes::y || passes == Passes::xy;
      Axis y = make_axis(size.height, y_changes ? pick(random, 1, 60) : size.height);
      Axis x = make_axis(size.width, x_changes ? pick(random, 1, 60) : size.width);
      pick_window(random, y);
      pick_window(random, x);
      Plan plan = one_job_plan(size, y, x, affine());
      plan.levels[0].jobs[0].passes = passes;
      use_numerics(plan, rounds);
      CAPTURE(text_of(plan.levels[0].jobs[0], size), static_cast<int>(passes), name_of(storage));
      worst = std::max(worst, compare_with_naive(backend, plan, {make_image(random, size, storage)}, kUnitBound));
      ++cases;
    }
  }
  report(backend, "passes", rounds, cases, worst, kUnitBound);
}

void check_ratios(const Backend& backend, Rounds rounds) {
  std::mt19937 random = seeded();
  const std::vector<std::pair<ImageSize, std::pair<int, int>>> shapes = {
      {{3, 1, 1}, {1, 1}},     {{3, 1, 1}, {33, 17}},   {{1, 1, 500}, {1, 3}},  {{3, 500, 1}, {3, 1}},
      {{3, 2, 3000}, {5, 2}},  {{3, 3000, 2}, {2, 5}},  {{1, 40, 40}, {1, 1}},  {{3, 1, 2}, {70, 900}},
      {{4, 16, 16}, {16, 1}},  {{3, 17, 15}, {15, 17}}, {{2, 900, 7}, {20, 7}}, {{3, 33, 1500}, {16, 1400}},
      {{1, 700, 800}, {9, 5}}, {{3, 65, 64}, {64, 65}}};
  double worst = 0;
  int cases = 0;
  for (const auto& [size, out] : shapes) {
    for (const bool antialias : {true, false}) {
      for (const Storage storage : {Storage::chw, Storage::hwc}) {
        Plan plan = one_job_plan(size, make_axis(size.height, out.first, Filter::bicubic, antialias),
                                 make_axis(size.width, out.second, Filter::bicubic, antialias), affine());
        use_numerics(plan, rounds);
        CAPTURE(text_of(plan.levels[0].jobs[0], size), name_of(storage));
        worst = std::max(worst,
                         compare_with_naive(backend, plan, {make_image(random, size, storage)}, kThousandsOfTapsBound));
        ++cases;
      }
    }
  }
  report(backend, "sides of one pixel, extreme ratios", rounds, cases, worst, kThousandsOfTapsBound);
}

void check_types(const Backend& backend, Rounds rounds) {
  std::mt19937 random = seeded();
  for (const Type type : {Type::f32, Type::f16, Type::bf16, Type::u8}) {
    const ImageSize size{3, pick(random, 5, 80), pick(random, 5, 80)};
    Plan plan = one_job_plan(size, make_axis(size.height, 31), make_axis(size.width, 45),
                             type == Type::u8 ? identity() : affine());
    plan.outputs[0].type = type;
    use_numerics(plan, rounds);
    CAPTURE(name_of(type), text_of(plan.levels[0].jobs[0], size));
    const double bound = type == Type::u8 ? kLevelBound : kUnitBound;
    const double worst = compare_with_naive(backend, plan, {make_image(random, size, Storage::hwc)}, bound);
    report(backend, name_of(type), rounds, 1, worst, bound);
  }
}

void check_layouts(const Backend& backend, Rounds rounds) {
  std::mt19937 random = seeded();
  constexpr std::int32_t kHeight = 24, kWidth = 40;
  int cases = 0;
  double worst = 0;
  for (const std::int32_t channels : {1, 3}) {
    const std::int64_t c = channels, plane = kHeight * kWidth, patch = 32 * c * 2;
    const Strides rows{0, 0, kWidth}, columns{0, 0, 1};
    const std::pair<const char*, Layout> layouts[] = {
        {"NCHW", chw_layout(0, kHeight, kWidth)},
        {"NCHW, channels reversed", Layout{(c - 1) * plane, -plane, rows, columns, 1, 0}},
        {"NHWC", Layout{0, 1, {0, 0, kWidth * c}, {0, 0, c}, 1, 0}},
        {"flipped", Layout{plane - 1, plane, {0, 0, -kWidth}, {0, 0, -1}, 1, 0}},
        // 4 x 8 patches in raster order, values in order c y x
        {"patches", Layout{0, 4 * 8, {(kWidth / 8) * 32 * c, 0, 8, 4}, {32 * c, 0, 1, 8}, 1, 0}},
        // the same in 2 x 1 groups (rows of patches merged by 2), each value twice, as temporal patches are
        {"merged patches, two copies",
         Layout{0, 64, {(kWidth / 8) * 2 * patch, patch, 8, 4, 2}, {2 * patch, 0, 1, 8, 1}, 2, 32}}};
    for (const auto& [name, layout] : layouts) {
      for (const Type type : {Type::f32, Type::bf16, Type::u8}) {
        const ImageSize size{channels, pick(random, 5, 80), pick(random, 5, 80)};
        Plan plan = one_job_plan(size, make_axis(size.height, kHeight), make_axis(size.width, kWidth),
                                 type == Type::u8 ? identity() : affine());
        plan.outputs[0].type = type;
        plan.outputs[0].shape = {channels, kHeight, kWidth, layout.copies};
        plan.levels[0].jobs[0].to.layout = layout;
        use_numerics(plan, rounds);
        CAPTURE(name, name_of(type), channels);
        const double bound = type == Type::u8 ? kLevelBound : kUnitBound;
        const double error = compare_with_naive(backend, plan, {make_image(random, size, Storage::chw)}, bound);
        worst = std::max(worst, error / bound);
        ++cases;
      }
    }
  }
  report(backend, "layouts, in bounds", rounds, cases, worst, 1);
}

void check_epilogues(const Backend& backend, Rounds rounds) {
  std::mt19937 random = seeded();
  Step mix, mul;
  mix.op = Step::Op::mix;
  mix.c[0] = 0.2989f, mix.c[1] = 0.587f, mix.c[2] = 0.114f;
  Epilogue grey = affine();
  grey.steps.insert(grey.steps.begin(), mix);
  double worst = 0;
  int cases = 0;
  for (const std::int32_t source : {1, 3}) {
    for (const Epilogue& epilogue : {affine(), grey}) {
      for (const Type type : {Type::f32, Type::f16}) {
        const ImageSize size{source, pick(random, 5, 80), pick(random, 5, 80)};
        Plan plan = one_job_plan(size, make_axis(size.height, 33), make_axis(size.width, 21), epilogue);
        plan.levels[0].jobs[0].channels = 3;
        plan.outputs[0].shape = {3, 33, 21};
        plan.outputs[0].type = type;
        use_numerics(plan, rounds);
        CAPTURE(source, epilogue.steps.size(), name_of(type));
        worst =
            std::max(worst, compare_with_naive(backend, plan, {make_image(random, size, Storage::hwc)}, kUnitBound));
        ++cases;
      }
    }
  }
  // Steps rounded to a narrow type have a bound only where their input has bits: on copied and on rounded levels.
  mul.c[0] = mul.c[1] = mul.c[2] = 1.0f / 255.0f;
  for (const Type type : {Type::bf16, Type::f16}) {
    Epilogue epilogue = affine();
    epilogue.steps.insert(epilogue.steps.begin(), mul);
    for (Step& step : epilogue.steps) step.rounded_to = type;
    const ImageSize size{3, 40, 50};
    const bool copies = rounds == Rounds::never;
    Plan plan = one_job_plan(size, make_axis(size.height, copies ? size.height : 33),
                             make_axis(size.width, copies ? size.width : 21), epilogue);
    if (copies) plan.levels[0].jobs[0].passes = Passes::copy;
    plan.outputs[0].type = type;
    use_numerics(plan, rounds);
    CAPTURE(name_of(type));
    compare_with_naive(backend, plan, {make_image(random, size, Storage::hwc)}, 0.0);
    ++cases;
  }
  report(backend, "epilogues", rounds, cases, worst, kUnitBound);
}

void check_constant_images(const Backend& backend, Rounds rounds) {
  std::mt19937 random = seeded();
  const double bound = rounds == Rounds::each ? 0.0 : 1e-3;
  double worst = 0;
  int cases = 0;
  for (const Kind kind : kLevelKinds) {
    for (const int level : {0, 1, 127, 254, 255}) {
      const ImageSize size{3, pick(random, 1, 300), pick(random, 1, 300)};
      Image image = make_image(random, size, Storage::chw);
      std::fill(image.memory.begin(), image.memory.end(), static_cast<std::uint8_t>(level));
      Plan plan = one_job_plan(size, make_axis(size.height, pick(random, 1, 90), kind.filter, kind.antialias),
                               make_axis(size.width, pick(random, 1, 90), kind.filter, kind.antialias), identity());
      use_numerics(plan, rounds);
      CAPTURE(text_of(plan.levels[0].jobs[0], size), level);
      const auto outputs = run_poisoned(backend, plan, {image});
      double largest = 0;
      for (std::int64_t i = 0; i < plan.outputs[0].elements(); ++i) {
        const double error = std::abs(element(outputs[0].data(), Type::f32, i) - level);
        if (!(error <= largest)) largest = error;
      }
      CHECK(largest <= bound);
      worst = std::max(worst, largest);
      ++cases;
    }
  }
  report(backend, "constant images, levels", rounds, cases, worst, bound);
}

void check_fills(const Backend& backend) {
  std::mt19937 random = seeded();
  int cases = 0;
  for (const Type type : {Type::u8, Type::boolean, Type::i32, Type::i64, Type::f16, Type::bf16, Type::f32}) {
    for (int repeat = 0; repeat < 6; ++repeat) {
      const std::int32_t channels = pick(random, 1, 4);
      const std::int32_t h = pick(random, 1, 10) * 4, w = pick(random, 1, repeat == 0 ? 100 : 6) * 8;
      const std::int64_t c = channels, plane = std::int64_t{h} * w;
      const Layout layouts[] = {chw_layout(0, h, w),
                                {0, 1, {0, 0, w * c}, {0, 0, c}, 1, 0},
                                {0, 4 * 8, {(w / 8) * 32 * c, 0, 8, 4}, {32 * c, 0, 1, 8}, 1, 0},
                                {0, plane, {0, 0, w}, {0, 0, 1}, 2, plane * c + 3}};
      const Layout& layout = layouts[repeat % 4];
      Plan plan;
      plan.outputs = {{"out", type, {channels * layout.copies, h, w}, {}, {}}};
      Target to{Target::Kind::output, 0, layout};
      const std::int32_t split = pick(random, 0, w), row = pick(random, 0, h);
      Fill left{to, 0, 0, h, split, channels, {0, 1, 2, 3}, 0, 0};
      const Fill top{to, 0, split, row, w, channels, {5, 4, 3, 2}, 2, 1};
      const Fill bottom{to, row, split, h, w, channels, {-1, 200, 0, 1}, 0, 0};
      if (type == Type::f32) left.value[0] = -1.25;
      plan.levels.push_back({{}, {left, top, bottom}});
      if (layout.copies > 1) {  // the three elements between the copies
        plan.outputs[0].shape = {2 * channels * h * w + 3};
        plan.levels[0].fills.push_back(
            {{Target::Kind::output, 0, chw_layout(plane * c, 1, 3)}, 0, 0, 1, 3, 1, {7}, 0, 0});
      }
      CAPTURE(name_of(type), repeat, channels, h, w, split, row);
      CHECK(compare_with_naive(backend, plan, {}, 0.0) == 0.0);
      ++cases;
    }
  }
  WARN(backend.name() << ", fills: " << cases << " cases, equal bits");
}

void check_levels(const Backend& backend, Rounds rounds) {
  std::mt19937 random = seeded();
  // A canvas of levels between two passes of floats would round what has no bits; torch_cpu reads levels only.
  const std::vector<std::pair<Type, Type>> canvases =
      rounds == Rounds::each ? std::vector<std::pair<Type, Type>>{{Type::u8, Type::u8}}
                             : std::vector<std::pair<Type, Type>>{{Type::u8, Type::f32}, {Type::f32, Type::f32}};
  double worst = 0;
  int cases = 0;
  for (const auto& [first, second] : canvases) {
    for (int repeat = 0; repeat < 4; ++repeat) {
      const ImageSize size{3, pick(random, 1, 120), pick(random, 1, 120)};
      Plan plan = three_levels(size, first, second);
      use_numerics(plan, rounds);
      CAPTURE(name_of(first), name_of(second), size.height, size.width);
      worst = std::max(worst, compare_with_naive(backend, plan, {make_image(random, size, Storage::hwc)}, kUnitBound));
      ++cases;
    }
  }
  if (rounds == Rounds::each) CHECK(worst == 0.0);
  report(backend, "levels", rounds, cases, worst, kUnitBound);
}

void check_turns(const Backend& backend, Rounds rounds) {
  std::mt19937 random = seeded();
  double worst = 0;
  int cases = 0;
  for (std::int32_t turn = 0; turn < 4; ++turn) {
    for (const Storage storage : kStorages) {
      for (const bool copies : {false, true}) {
        const ImageSize size{pick(random, 1, 3), pick(random, 1, 120), pick(random, 1, 120)};
        const std::int32_t height = turn % 2 == 0 ? size.height : size.width;
        const std::int32_t width = turn % 2 == 0 ? size.width : size.height;
        Plan plan = one_job_plan(size, make_axis(height, copies ? height : pick(random, 1, 90)),
                                 make_axis(width, copies ? width : pick(random, 1, 90)), affine());
        plan.levels[0].jobs[0].from.turn = turn;
        use_numerics(plan, rounds);
        CAPTURE(turn, copies, size.channels, size.height, size.width);
        worst = std::max(worst, compare_with_naive(backend, plan, {make_image(random, size, storage)}, kUnitBound));
        ++cases;
      }
    }
  }
  report(backend, "turns", rounds, cases, worst, kUnitBound);
}

void check_mirrors(const Backend& backend, Rounds rounds) {
  std::mt19937 random = seeded();
  int cases = 0;
  for (int repeat = 0; repeat < 40; ++repeat) {
    const ImageSize size{pick(random, 1, 3), pick(random, 1, 60), pick(random, 1, 60)};
    const auto mirrored = [&](std::int32_t in) {
      Axis axis = make_axis(in, pick(random, 1, 3 * in + 40), Filter::nearest);
      axis.border = pick(random, 0, 1) == 0 ? Border::reflect : Border::symmetric;
      axis.box_begin = pick(random, -in - 20, in - 1);
      axis.box_end = axis.box_begin + axis.out;
      axis.first = pick(random, 0, axis.out - 1);
      axis.count = pick(random, 1, axis.out - axis.first);
      return axis;
    };
    const Axis y = repeat % 3 == 0 ? make_axis(size.height, size.height) : mirrored(size.height);
    const Axis x = repeat % 3 == 1 ? make_axis(size.width, size.width) : mirrored(size.width);
    Plan plan = one_job_plan(size, y, x, affine());
    use_numerics(plan, rounds);
    plan.levels[0].jobs[0].passes = repeat % 3 == 0 ? Passes::x : repeat % 3 == 1 ? Passes::y : Passes::xy;
    CAPTURE(repeat, size.channels, size.height, size.width, y.box_begin, y.out, x.box_begin, x.out);
    CHECK(compare_with_naive(backend, plan, {make_image(random, size, kStorages[repeat % 3])}, kUnitBound) <=
          kUnitBound);
    ++cases;
  }
  report(backend, "mirrored copies", rounds, cases, 0.0, kUnitBound);
}

void check_many_jobs(const Backend& backend, Rounds rounds) {
  std::mt19937 random = seeded();
  constexpr std::int32_t kJobs = 500, kEdge = 5;
  Plan plan;
  plan.epilogues = {affine()};
  plan.outputs = {{"pixel_values", Type::f32, {kJobs, 3, kEdge, kEdge}, {}, {}},
                  {"mask", Type::i64, {kJobs, kEdge, kEdge}, {}, {}}};
  plan.levels.resize(1);
  std::vector<Image> images;
  for (std::int32_t i = 0; i < kJobs; ++i) {
    const ImageSize size{3, pick(random, 1, 40), pick(random, 1, 40)};
    plan.images.push_back(size);
    images.push_back(make_image(random, size, i % 2 ? Storage::hwc : Storage::chw));
    Job job;
    job.from.index = i;
    job.y = make_axis(size.height, kEdge);
    job.x = make_axis(size.width, kEdge);
    job.to.layout = chw_layout(std::int64_t{i} * 3 * kEdge * kEdge, kEdge, kEdge);
    plan.levels[0].jobs.push_back(job);
    const Target mask{Target::Kind::output, 1, chw_layout(std::int64_t{i} * kEdge * kEdge, kEdge, kEdge)};
    plan.levels[0].fills.push_back({mask, 0, 0, kEdge, kEdge, 1, {double(i)}, 0, 0});
  }
  use_numerics(plan, rounds);
  const double worst = compare_with_naive(backend, plan, images, kUnitBound);
  report(backend, "many jobs", rounds, kJobs, worst, kUnitBound);
}

}  // namespace kir::test
