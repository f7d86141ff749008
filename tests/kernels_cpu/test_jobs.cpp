// Every filter, pass, rounding, source storage, output type and layout against plain loops, on random ragged sizes.
#include <memory>
#include <string>
#include <vector>

#include "kir/cpu.hpp"
#include "tests/catch.hpp"
#include "tests/kernels_cpu/fixtures.hpp"
#include "tests/kernels_cpu/naive.hpp"

using namespace kir;
using namespace kir::test;

namespace {

// float32 sums against double sums of the same weights, in levels; the affine divides by 50.
constexpr double kLevelBound = 4e-4;
constexpr double kUnitBound = 1e-5;
constexpr double kThousandsOfTapsBound = 4e-5;  // a float32 sum's error grows with its length

const Backend& backend() {
  static const std::unique_ptr<Backend> cpu = make_cpu_backend();
  return *cpu;
}

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

void use_numerics(Plan& plan, Round round) {
  plan.numerics = round == Round::each ? Numerics::torch_cpu : Numerics::float32;
  for (Level& level : plan.levels) {
    for (Job& job : level.jobs) job.round = round;
  }
}

}  // namespace

TEST_CASE("every filter on random sizes, windows and storages, float32 and torch_cpu", "[jobs]") {
  std::mt19937 random = seeded();
  double worst = 0;
  int cases = 0;
  for (const Round round : {Round::never, Round::each}) {
    const auto kinds = round == Round::never ? std::span<const Kind>(kFloatKinds) : std::span<const Kind>(kLevelKinds);
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
          use_numerics(plan, round);
          CAPTURE(text_of(plan.levels[0].jobs[0], size), name_of(storage), round == Round::each);
          worst = std::max(worst, compare_with_naive(backend(), plan, {make_image(random, size, storage)}, kUnitBound));
          ++cases;
        }
      }
    }
  }
  WARN(cases << " cases, largest error " << worst << " of " << kUnitBound << " (torch_cpu: equal bits)");
}

TEST_CASE("one pass, the other, none, both", "[jobs]") {
  std::mt19937 random = seeded();
  for (const Round round : {Round::never, Round::each}) {
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
        use_numerics(plan, round);
        CAPTURE(text_of(plan.levels[0].jobs[0], size), static_cast<int>(passes), name_of(storage));
        compare_with_naive(backend(), plan, {make_image(random, size, storage)}, kUnitBound);
      }
    }
  }
}

TEST_CASE("sides of one pixel and extreme ratios", "[jobs]") {
  std::mt19937 random = seeded();
  const std::vector<std::pair<ImageSize, std::pair<int, int>>> shapes = {
      {{3, 1, 1}, {1, 1}},    {{3, 1, 1}, {33, 17}},   {{1, 1, 500}, {1, 3}},  {{3, 500, 1}, {3, 1}},
      {{3, 2, 3000}, {5, 2}}, {{3, 3000, 2}, {2, 5}},  {{1, 40, 40}, {1, 1}},  {{3, 1, 2}, {70, 900}},
      {{4, 16, 16}, {16, 1}}, {{3, 17, 15}, {15, 17}}, {{2, 900, 7}, {20, 7}}, {{3, 33, 1500}, {16, 1400}}};
  double worst = 0;
  for (const auto& [size, out] : shapes) {
    for (const bool antialias : {true, false}) {
      for (const Round round : {Round::never, Round::each}) {
        Plan plan = one_job_plan(size, make_axis(size.height, out.first, Filter::bicubic, antialias),
                                 make_axis(size.width, out.second, Filter::bicubic, antialias), affine());
        use_numerics(plan, round);
        CAPTURE(text_of(plan.levels[0].jobs[0], size), round == Round::each);
        for (const Storage storage : {Storage::chw, Storage::hwc}) {
          worst = std::max(
              worst, compare_with_naive(backend(), plan, {make_image(random, size, storage)}, kThousandsOfTapsBound));
        }
      }
    }
  }
  WARN("largest error " << worst << " of " << kThousandsOfTapsBound);
}

TEST_CASE("every output type", "[jobs]") {
  std::mt19937 random = seeded();
  for (const Type type : {Type::f32, Type::f16, Type::bf16, Type::u8}) {
    for (const Round round : {Round::never, Round::each}) {
      const ImageSize size{3, pick(random, 5, 80), pick(random, 5, 80)};
      Plan plan = one_job_plan(size, make_axis(size.height, 31), make_axis(size.width, 45),
                               type == Type::u8 ? identity() : affine());
      plan.outputs[0].type = type;
      use_numerics(plan, round);
      CAPTURE(name_of(type), text_of(plan.levels[0].jobs[0], size), round == Round::each);
      const double bound = type == Type::u8 ? kLevelBound : kUnitBound;
      const double worst = compare_with_naive(backend(), plan, {make_image(random, size, Storage::hwc)}, bound);
      WARN(name_of(type) << ": largest error beyond rounding " << worst << " of " << bound);
    }
  }
}

TEST_CASE("every kind of layout, with copies and reversed channels", "[jobs]") {
  std::mt19937 random = seeded();
  constexpr std::int32_t kHeight = 24, kWidth = 40;
  const auto layouts = [](std::int32_t channels) {
    const std::int64_t c = channels, plane = kHeight * kWidth;
    const Steps rows{0, 0, kWidth}, columns{0, 0, 1};
    std::vector<std::pair<const char*, Layout>> all;
    all.emplace_back("NCHW", chw_layout(0, kHeight, kWidth));
    all.emplace_back("NCHW, channels reversed", Layout{(c - 1) * plane, -plane, rows, columns, 1, 0});
    all.emplace_back("NHWC", Layout{0, 1, {0, 0, kWidth * c}, {0, 0, c}, 1, 0});
    all.emplace_back("flipped", Layout{plane - 1, plane, {0, 0, -kWidth}, {0, 0, -1}, 1, 0});
    // 4 x 8 patches in raster order, values in order c y x.
    all.emplace_back("patches", Layout{0, 4 * 8, {(kWidth / 8) * 32 * c, 0, 8, 4}, {32 * c, 0, 1, 8}, 1, 0});
    // The same in 2 x 1 groups (rows of patches merged by 2), each value twice, as temporal patches are.
    const std::int64_t patch = 32 * c * 2;
    all.emplace_back("merged patches, two copies",
                     Layout{0, 64, {(kWidth / 8) * 2 * patch, patch, 8, 4, 2}, {2 * patch, 0, 1, 8, 1}, 2, 32});
    return all;
  };
  for (const std::int32_t channels : {1, 3}) {
    for (const auto& [name, layout] : layouts(channels)) {
      for (const Type type : {Type::f32, Type::bf16, Type::u8}) {
        for (const Round round : {Round::never, Round::each}) {
          const ImageSize size{channels, pick(random, 5, 80), pick(random, 5, 80)};
          Plan plan = one_job_plan(size, make_axis(size.height, kHeight), make_axis(size.width, kWidth),
                                   type == Type::u8 ? identity() : affine());
          plan.outputs[0].type = type;
          plan.outputs[0].shape = {channels, kHeight, kWidth, layout.copies};
          plan.levels[0].jobs[0].to.layout = layout;
          use_numerics(plan, round);
          CAPTURE(name, name_of(type), channels, round == Round::each);
          compare_with_naive(backend(), plan, {make_image(random, size, Storage::chw)},
                             type == Type::u8 ? kLevelBound : kUnitBound);
        }
      }
    }
  }
}

TEST_CASE("one source channel feeds all output channels; grey mixes three", "[jobs]") {
  std::mt19937 random = seeded();
  Epilogue grey = affine();
  Step mix;
  mix.op = Step::Op::mix;
  mix.c[0] = 0.2989f, mix.c[1] = 0.587f, mix.c[2] = 0.114f;
  grey.steps.insert(grey.steps.begin(), mix);
  for (const Round round : {Round::never, Round::each}) {
    for (const std::int32_t source : {1, 3}) {
      for (const Epilogue& epilogue : {affine(), grey}) {
        for (const Type type : {Type::f32, Type::f16}) {
          const ImageSize size{source, pick(random, 5, 80), pick(random, 5, 80)};
          Plan plan = one_job_plan(size, make_axis(size.height, 33), make_axis(size.width, 21), epilogue);
          plan.levels[0].jobs[0].channels = 3;
          plan.outputs[0].shape = {3, 33, 21};
          plan.outputs[0].type = type;
          use_numerics(plan, round);
          CAPTURE(source, epilogue.steps.size(), name_of(type), round == Round::each);
          compare_with_naive(backend(), plan, {make_image(random, size, Storage::hwc)}, kUnitBound);
        }
      }
    }
  }
}

TEST_CASE("steps rounded to bf16 and f16 on levels", "[jobs]") {
  std::mt19937 random = seeded();
  for (const Type type : {Type::bf16, Type::f16}) {
    Epilogue epilogue = affine();
    Step mul;
    mul.c[0] = mul.c[1] = mul.c[2] = 1.0f / 255.0f;
    epilogue.steps.insert(epilogue.steps.begin(), mul);
    for (Step& step : epilogue.steps) step.rounded_to = type;
    const ImageSize size{3, 40, 50};
    Plan plan = one_job_plan(size, make_axis(size.height, 33), make_axis(size.width, 21), epilogue);
    plan.outputs[0].type = type;
    use_numerics(plan, Round::each);
    CAPTURE(name_of(type));
    compare_with_naive(backend(), plan, {make_image(random, size, Storage::hwc)}, 0.0);
  }
}

TEST_CASE("a constant image stays constant", "[jobs]") {
  std::mt19937 random = seeded();
  for (const Kind kind : kLevelKinds) {
    for (const int level : {0, 1, 127, 254, 255}) {
      const ImageSize size{3, pick(random, 1, 300), pick(random, 1, 300)};
      Image image = make_image(random, size, Storage::chw);
      std::fill(image.memory.begin(), image.memory.end(), static_cast<std::uint8_t>(level));
      Plan plan = one_job_plan(size, make_axis(size.height, pick(random, 1, 90), kind.filter, kind.antialias),
                               make_axis(size.width, pick(random, 1, 90), kind.filter, kind.antialias), identity());
      for (const Round round : {Round::never, Round::each}) {
        use_numerics(plan, round);
        CAPTURE(text_of(plan.levels[0].jobs[0], size), level, round == Round::each);
        const std::vector<Image> images = {image};
        const auto outputs = run_poisoned(backend(), plan, images);
        double worst = 0;
        for (std::int64_t i = 0; i < plan.outputs[0].elements(); ++i) {
          const double error = std::abs(element(outputs[0].data(), Type::f32, i) - level);
          if (!(error <= worst)) worst = error;
        }
        CHECK(worst <= (round == Round::each ? 0.0 : 1e-3));
      }
    }
  }
}
