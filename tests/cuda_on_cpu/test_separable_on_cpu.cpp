// The real kernels of cuda-separable, lane by lane on the host: the cases that every backend must get right, and random
// jobs on images that end where memory ends, against the CPU backend.
#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

#include "kernels/cuda/separable.hpp"
#include "kernels/plan_support.hpp"
#include "kir/cpu.hpp"
#include "tests/catch.hpp"
#include "tests/cuda_on_cpu/on_cpu.hpp"
#include "tests/support/axis.hpp"
#include "tests/support/guarded_memory.hpp"
#include "tests/support/images.hpp"
#include "tests/support/job_cases.hpp"
#include "tests/support/job_plans.hpp"
#include "tests/support/naive.hpp"
#include "tests/support/poisoned_run.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/two_launches.hpp"

namespace {

using namespace kir;
using namespace kir::test;

/// Bytes that end at a page which must not be touched: one byte too far ends the test program.
class EdgeBytes {
 public:
  explicit EdgeBytes(std::size_t bytes) : pages_((bytes + kPage - 1) / kPage * kPage) {
    memory_ = static_cast<std::uint8_t*>(
        mmap(nullptr, pages_ + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    REQUIRE(memory_ != MAP_FAILED);
    REQUIRE(mprotect(memory_ + pages_, kPage, PROT_NONE) == 0);
    data_ = memory_ + pages_ - bytes;
  }
  ~EdgeBytes() { munmap(memory_, pages_ + kPage); }
  EdgeBytes(const EdgeBytes&) = delete;
  EdgeBytes& operator=(const EdgeBytes&) = delete;
  std::uint8_t* data() const { return data_; }

 private:
  static constexpr std::size_t kPage = 4096;
  std::size_t pages_;
  std::uint8_t *memory_, *data_;
};

enum class Launches { one, two };

/// cuda-separable, a launch after the other on the calling thread: on a device of many multiprocessors by one launch
/// where that can be, or on one of few always by two.
class OnCpu final : public Backend {
 public:
  explicit OnCpu(Launches launches) : launches_(launches) {}

  std::string_view name() const override { return "cuda-separable on the CPU"; }
  Support supports(const Plan& plan) const override { return support_of(plan); }
  std::size_t workspace_bytes(const Plan& plan, const RunContext&) const override {
    const Plan launched = launched_as(plan);
    std::size_t bytes = 0;
    for (const Level& level : launched.levels) {
      bytes = std::max(bytes, lower(launched, {}, {}, nullptr, level)->workspace_bytes());
    }
    return cuda::canvases_bytes(plan) + bytes;
  }
  std::vector<ProbeResult> measure(std::span<const Probe>, std::span<const ImageView>,
                                   const RunContext&) const override {
    throw std::logic_error("no plan of these tests has probes");
  }
  void run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
           Workspace workspace, const RunContext&) const override {
    auto* const base = static_cast<std::byte*>(workspace.data);
    const Plan launched = launched_as(plan);
    for (const Level& level : launched.levels) {
      const std::size_t before = launch_records.size();
      const auto lowered = lower(launched, images, outputs, base, level);
      // What is needed must not depend on the images' strides.
      REQUIRE(lowered->workspace_bytes() == lower(launched, {}, {}, nullptr, level)->workspace_bytes());
      REQUIRE(lowered->launch(base + cuda::canvases_bytes(plan), nullptr) == cudaSuccess);
      levels_by_one_ += launch_records.size() - before == 1;
    }
  }

  /// Levels so far that were one launch.
  int levels_by_one() const { return levels_by_one_; }

 private:
  Plan launched_as(const Plan& plan) const { return launches_ == Launches::two ? by_two_launches(plan) : plan; }

  std::unique_ptr<cuda::LoweredPart> lower(const Plan& plan, std::span<const ImageView> images,
                                           std::span<const OutputView> outputs, std::byte* canvases,
                                           const Level& level) const {
    multiprocessors = launches_ == Launches::two ? 2 : 132;
    return cuda::lower_separable({plan, images, outputs, canvases}, {level.jobs, level.fills});
  }

  Launches launches_;
  mutable int levels_by_one_ = 0;
};

struct RandomPlans {
  std::mt19937 random;

  int from(int low, int high) { return pick(random, low, high); }
  double ratio(double most) { return std::exp(std::uniform_real_distribution<double>(-1.2, std::log(most))(random)); }

  /// The middle of an axis of `out` pixels.
  Axis axis(int in, int out, int count, Filter filter, bool antialias) const {
    Axis axis = make_axis(in, out, filter, antialias);
    axis.count = count;
    axis.first = (out - count) / 2;
    return axis;
  }

  struct Draw {
    bool integer = false, antialias = true;
    Filter filter = Filter::bicubic;
    Type type = Type::f32;
    int height = 1, width = 1, channels = 3, images = 1;
    double most = 14;  ///< reduction of an axis
    int tall = 11;     ///< an image in so many is a tall strip
  };

  /// All variants, arithmetics, tiles and types.
  Plan any() {
    Draw draw;
    draw.integer = from(0, 1) == 1;
    const Filter filters[] = {Filter::bicubic, Filter::bilinear, Filter::nearest, Filter::lanczos3};
    draw.filter = filters[from(0, draw.integer ? 2 : 3)];
    draw.antialias = draw.filter == Filter::nearest || draw.filter == Filter::lanczos3 || from(0, 2) > 0;
    const Type types[] = {Type::f32, Type::f32, Type::bf16, Type::u8};
    draw.height = from(1, 70), draw.width = from(1, 80);
    if (from(0, 1) == 1) draw.height = (draw.height + 7) / 8 * 8, draw.width = (draw.width + 31) / 32 * 32;
    draw.channels = from(0, 3) > 0 ? 3 : 1, draw.images = from(1, 3);
    draw.type = types[from(0, 3)];
    return plan_of(draw);
  }

  /// What a device of many multiprocessors makes by one launch, and a smaller one by two.
  Plan small() {
    Draw draw;
    const Filter filters[] = {Filter::bicubic, Filter::bicubic, Filter::bilinear, Filter::nearest, Filter::lanczos3};
    draw.filter = filters[from(0, 4)];
    draw.antialias = draw.filter == Filter::nearest || draw.filter == Filter::lanczos3 || from(0, 2) > 0;
    draw.height = from(97, 250), draw.width = from(1, 150), draw.images = from(1, 2);
    const Type types[] = {Type::f32, Type::f32, Type::bf16, Type::u8};
    draw.type = types[from(0, 3)];
    draw.most = 5;
    draw.tall = 1000;
    return plan_of(draw);
  }

 private:
  Plan plan_of(const Draw& draw) {
    Plan plan;
    plan.numerics = draw.integer ? Numerics::torch_cpu : Numerics::float32;
    plan.outputs.push_back({"pixel_values", draw.type, {draw.images, draw.channels, draw.height, draw.width}, {}, {}});

    Step mean{Step::Op::sub, Type::f32, {}}, deviation{Step::Op::div, Type::f32, {}};
    const bool levels = draw.type == Type::u8;
    for (int c = 0; c < 4; ++c) {
      mean.c[c] = levels ? 0.0f : static_cast<float>(110 + c);
      deviation.c[c] = levels ? 1.0f : static_cast<float>(60 + c);
    }
    plan.epilogues.push_back({{mean, deviation}});

    plan.levels.emplace_back();
    for (int i = 0; i < draw.images; ++i) {
      ImageSize size{draw.channels, std::max(1, static_cast<int>(draw.height * ratio(draw.most))),
                     std::max(1, static_cast<int>(draw.width * ratio(draw.most)))};
      if (from(0, draw.tall) == 0) size.height = from(600, 2500), size.width = from(1, 9);
      if (i > 0 && from(0, 2) == 0) size.height = plan.images[0].height;
      if (i > 0 && from(0, 2) == 0) size.width = plan.images[0].width;
      plan.images.push_back(size);
      Job job;
      job.from = {Source::Kind::image, i};
      job.y = axis(size.height, draw.height + from(0, 9), draw.height, draw.filter, draw.antialias);
      job.x = axis(size.width, draw.width + from(0, 9), draw.width, draw.filter, draw.antialias);
      const Job* const before = i > 0 ? &plan.levels[0].jobs[0] : nullptr;  // jobs may share an axis
      if (before != nullptr && size.height == plan.images[0].height) job.y = before->y;
      if (before != nullptr && size.width == plan.images[0].width) job.x = before->x;
      job.arithmetic = draw.integer ? Arithmetic::torch_int16 : Arithmetic::float32;
      job.round = draw.integer ? Round::each : Round::never;
      job.channels = draw.channels;
      const std::int64_t elements = std::int64_t{draw.channels} * draw.height * draw.width;
      job.to = {Target::Kind::output, 0, chw_layout(i * elements, draw.height, draw.width)};
      plan.levels[0].jobs.push_back(job);
    }
    return plan;
  }
};

/// Random images of a plan, each ending where memory ends.
class EdgeImages {
 public:
  EdgeImages(const Plan& plan, std::mt19937& random) {
    for (const ImageSize& size : plan.images) {
      const auto bytes = static_cast<std::size_t>(size.channels) * size.height * size.width;
      pixels_.push_back(std::make_unique<EdgeBytes>(bytes));
      for (std::size_t i = 0; i < bytes; ++i) pixels_.back()->data()[i] = static_cast<std::uint8_t>(random());
      views_.push_back(chw_view(pixels_.back()->data(), size));
    }
  }
  const std::vector<ImageView>& views() const { return views_; }

 private:
  std::vector<std::unique_ptr<EdgeBytes>> pixels_;
  std::vector<ImageView> views_;
};

GuardedMemory result_of(const Backend& backend, const Plan& plan, const EdgeImages& images) {
  GuardedMemory result(plan.outputs[0].bytes(), 0xff), workspace(backend.workspace_bytes(plan, {}), 0xff);
  const OutputView output{result.data(), result.bytes()};
  backend.run(plan, images.views(), {&output, 1}, {workspace.data(), workspace.bytes()}, {});
  return result;
}

double largest_difference(const Plan& plan, const GuardedMemory& got, const GuardedMemory& want) {
  const Type type = plan.outputs[0].type;
  double largest = 0;
  for (std::int64_t i = 0; i < plan.outputs[0].elements(); ++i) {
    const double error = std::abs(element(got.data(), type, i) - element(want.data(), type, i));
    if (!(error <= largest)) largest = error;
  }
  return largest;
}

/// Integers have bits. Floats are normalized values of a span of 4; a narrower type may round them to a neighbour.
double bound_of(const Plan& plan) {
  const Type type = plan.outputs[0].type;
  return plan.numerics == Numerics::torch_cpu ? 0.0 : type == Type::f32 ? 1e-5 : type == Type::u8 ? 1.0 : 0.032;
}

/// In both arithmetics.
void by_two(void (*check)(const Backend&, Rounds)) {
  const OnCpu separable(Launches::two);
  for (const Rounds rounds : {Rounds::never, Rounds::each}) check(separable, rounds);
  CHECK(separable.levels_by_one() == 0);
}

/// Integer arithmetic always has two.
void by_one(void (*check)(const Backend&, Rounds)) {
  const OnCpu separable(Launches::one);
  check(separable, Rounds::never);
  CHECK(separable.levels_by_one() > 0);
}

}  // namespace

TEST_CASE("filters, passes and ratios") {
  by_two(check_filters);
  // In float32 a copied pixel is within the bound and not to the bit, as check_passes has it: its affine is one
  // multiply-add here.
  check_passes(OnCpu(Launches::two), Rounds::each);
  by_two(check_ratios);
  by_one(check_filters);
  by_one(check_ratios);
}

TEST_CASE("many equal weights, whose rounding is no noise") {
  std::mt19937 random = seeded();
  double worst = 0;
  for (const int width : {31, 47, 97, 151, 193}) {
    for (const int columns : {1, 2, 3}) {
      const ImageSize size{3, 16, width};
      const Plan plan =
          one_job_plan(size, make_axis(size.height, 9, Filter::box), make_axis(width, columns, Filter::box), affine());
      CAPTURE(width, columns);
      worst = std::max(worst,
                       compare_with_naive(OnCpu(Launches::two), plan, {make_image(random, size, Storage::chw)}, 1e-5));
    }
  }
  WARN("largest error " << worst << " of 1e-05");
}

TEST_CASE("more rows than a tile's descriptor counts") {
  std::mt19937 random = seeded();
  constexpr int kRows = 530'000;  // more than 65535 blocks of 8
  const ImageSize size{1, kRows / 2, 1};
  const Plan plan =
      one_job_plan(size, make_axis(size.height, kRows, Filter::bilinear), make_axis(1, 1, Filter::bilinear), affine());
  WARN("largest error " << compare_with_naive(OnCpu(Launches::two), plan, {make_image(random, size, Storage::chw)},
                                              1e-5));
}

TEST_CASE("types, layouts and epilogues") {
  by_two(check_types);
  by_two(check_layouts);
  by_two(check_epilogues);
  by_one(check_layouts);
}

TEST_CASE("turned sources, and padded copies of mirrored pixels") {
  by_two(check_turns);
  by_two(check_mirrors);
}

TEST_CASE("fills, levels and many jobs") {
  check_fills(OnCpu(Launches::two));
  by_two(check_levels);
  by_one(check_levels);
  by_two(check_many_jobs);
}

TEST_CASE("random jobs of all variants on images that end where memory ends") {
  RandomPlans plans{seeded()};
  const std::unique_ptr<Backend> cpu = make_cpu_backend();
  const OnCpu separable(Launches::two);
  double worst = 0;
  for (int n = 0; n < 120; ++n) {
    const Plan plan = plans.any();
    REQUIRE(support_of(plan).ok);
    INFO("case " << n << ", " << name_of(plan.numerics) << ", " << name_of(plan.levels[0].jobs[0].x.filter) << ", "
                 << name_of(plan.outputs[0].type));
    const EdgeImages images(plan, plans.random);
    const double largest = largest_difference(plan, result_of(separable, plan, images), result_of(*cpu, plan, images));
    CHECK(largest <= bound_of(plan));
    if (plan.outputs[0].type == Type::f32) worst = std::max(worst, largest);
  }
  WARN("largest float32 error " << worst << " of 1e-05");
}

TEST_CASE("small parts by one launch: the bits of two, on images that end where memory ends") {
  RandomPlans plans{seeded()};
  const std::unique_ptr<Backend> cpu = make_cpu_backend();
  const OnCpu one(Launches::one), two(Launches::two);
  double worst = 0;
  constexpr int kPlans = 20;
  for (int n = 0; n < kPlans; ++n) {
    const Plan plan = plans.small();
    INFO("case " << n << ", " << name_of(plan.levels[0].jobs[0].x.filter) << ", " << name_of(plan.outputs[0].type));
    const EdgeImages images(plan, plans.random);
    const GuardedMemory by_one = result_of(one, plan, images), by_two = result_of(two, plan, images);
    CHECK(std::memcmp(by_one.data(), by_two.data(), plan.outputs[0].bytes()) == 0);
    const double largest = largest_difference(plan, by_one, result_of(*cpu, plan, images));
    CHECK(largest <= bound_of(plan));
    if (plan.outputs[0].type == Type::f32) worst = std::max(worst, largest);
  }
  WARN("largest float32 error " << worst << " of 1e-05; " << one.levels_by_one() << " of " << kPlans
                                << " by one launch");
  CHECK(one.levels_by_one() >= kPlans / 2);
  CHECK(two.levels_by_one() == 0);
}
