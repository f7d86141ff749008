// The real kernels of cuda-separable, lane by lane on the host, against the CPU backend: random jobs of all variants,
// images that end where memory ends, poisoned workspace and outputs.
#include <sys/mman.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <string>

#include "kernels/cuda/separable.hpp"
#include "kir/cpu.hpp"
#include "plan/support.hpp"
#include "tests/catch.hpp"

namespace {

using namespace kir;

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

/// 64-byte aligned, every byte 0xff, with a guard behind.
class Guarded {
 public:
  explicit Guarded(std::size_t bytes) : bytes_(bytes), memory_(bytes + 2 * kGuard, std::byte{0xff}) {
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
    data_ = memory_.data() + (64 - address % 64) % 64;
  }
  std::byte* data() const { return data_; }
  bool whole() const {
    for (std::size_t i = bytes_; i < bytes_ + kGuard; ++i) {
      if (data_[i] != std::byte{0xff}) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t kGuard = 64;
  std::size_t bytes_;
  std::vector<std::byte> memory_;
  std::byte* data_;
};

struct RandomPlans {
  std::mt19937 random;

  int from(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); }
  double ratio(double most) { return std::exp(std::uniform_real_distribution<double>(-1.2, std::log(most))(random)); }

  Axis axis(int in, int out, int count, Filter filter, bool antialias) const {
    Axis a;
    a.in = in, a.out = out, a.count = count, a.first = (out - count) / 2;
    a.box_begin = 0, a.box_end = static_cast<float>(in);
    a.filter = filter, a.antialias = antialias;
    a.border = antialias ? Border::renormalize : Border::clamp;
    return a;
  }

  Plan make() {
    const bool integer = from(0, 1) == 1;
    const Filter filters[] = {Filter::bicubic, Filter::bilinear, Filter::nearest, Filter::lanczos3};
    const Filter filter = filters[from(0, integer ? 2 : 3)];
    const bool antialias = filter == Filter::nearest || filter == Filter::lanczos3 || from(0, 2) > 0;
    const Type types[] = {Type::f32, Type::f32, Type::bf16, Type::u8};

    Plan plan;
    plan.numerics = integer ? Numerics::torch_cpu : Numerics::float32;
    int height = from(1, 70), width = from(1, 80);
    if (from(0, 1) == 1) height = (height + 7) / 8 * 8, width = (width + 31) / 32 * 32;  // whole tiles
    const int channels = from(0, 3) > 0 ? 3 : 1, images = from(1, 3);
    plan.outputs.push_back({"pixel_values", types[from(0, 3)], {images, channels, height, width}, -1, {}});

    Step mean{Step::Op::sub, Type::f32, {}}, deviation{Step::Op::div, Type::f32, {}};
    const bool levels = plan.outputs[0].type == Type::u8;
    for (int c = 0; c < 4; ++c) {
      mean.c[c] = levels ? 0.0f : static_cast<float>(110 + c);
      deviation.c[c] = levels ? 1.0f : static_cast<float>(60 + c);
    }
    plan.epilogues.push_back({{mean, deviation}});

    plan.levels.emplace_back();
    for (int i = 0; i < images; ++i) {
      ImageSize size{channels, std::max(1, static_cast<int>(height * ratio(14))),
                     std::max(1, static_cast<int>(width * ratio(14)))};
      if (from(0, 11) == 0) size.height = from(600, 2500), size.width = from(1, 9);
      plan.images.push_back(size);
      Job job;
      job.from = {Source::Kind::image, i};
      job.y = axis(size.height, height + from(0, 9), height, filter, antialias);
      job.x = axis(size.width, width + from(0, 9), width, filter, antialias);
      job.round = integer ? Round::each : Round::never;
      job.channels = channels;
      job.to = {Target::Kind::output, 0, chw_layout(std::int64_t{i} * channels * height * width, height, width)};
      plan.levels[0].jobs.push_back(job);
    }
    return plan;
  }
};

double value_at(const std::byte* data, Type type, std::size_t index) {
  if (type == Type::u8) return static_cast<double>(data[index]);
  std::uint32_t bits = 0;
  if (type == Type::bf16) {
    std::uint16_t high;
    std::memcpy(&high, data + 2 * index, 2);
    bits = std::uint32_t{high} << 16;
  } else {
    std::memcpy(&bits, data + 4 * index, 4);
  }
  return std::bit_cast<float>(bits);
}

TEST_CASE("cuda-separable's kernels compute what the CPU backend computes") {
  RandomPlans plans{std::mt19937(std::random_device()())};
  const unsigned seed = plans.random();
  plans.random.seed(seed);
  std::printf("seed %u\n", seed);
  const std::unique_ptr<Backend> cpu = make_cpu_backend();
  double worst = 0;
  std::size_t values = 0;

  for (int n = 0; n < 120; ++n) {
    const Plan plan = plans.make();
    REQUIRE(support_of(plan).ok);
    INFO("seed " << seed << ", case " << n << ", " << name_of(plan.numerics) << ", "
                 << name_of(plan.levels[0].jobs[0].x.filter) << ", " << name_of(plan.outputs[0].type));
    std::vector<std::unique_ptr<EdgeBytes>> pixels;
    std::vector<ImageView> images;
    for (const ImageSize& size : plan.images) {
      const auto bytes = static_cast<std::size_t>(size.channels) * size.height * size.width;
      pixels.push_back(std::make_unique<EdgeBytes>(bytes));
      for (std::size_t i = 0; i < bytes; ++i) pixels.back()->data()[i] = static_cast<std::uint8_t>(plans.random());
      images.push_back(chw_view(pixels.back()->data(), size));
    }

    const std::size_t bytes = plan.outputs[0].bytes();
    const Guarded got(bytes), want(bytes);
    const OutputView got_view{got.data(), bytes}, want_view{want.data(), bytes};
    const cuda::Part part{plan.levels[0].jobs, plan.levels[0].fills};
    const std::size_t needed = cuda::lower_separable({plan, {}, {}, nullptr}, part)->workspace_bytes();
    const Guarded workspace(needed);
    const auto lowered = cuda::lower_separable({plan, images, {&got_view, 1}, nullptr}, part);
    REQUIRE(lowered->workspace_bytes() == needed);
    REQUIRE(lowered->launch(workspace.data(), nullptr) == cudaSuccess);
    CHECK(workspace.whole());
    CHECK(got.whole());

    const RunContext context;
    const std::size_t scratch_bytes = cpu->workspace_bytes(plan, context);
    const Guarded scratch(scratch_bytes);
    cpu->run(plan, images, {&want_view, 1}, {scratch.data(), scratch_bytes}, context);

    // Integers have bits. Floats are normalized values of a span of 4; a narrower type may round them to a neighbour.
    const Type type = plan.outputs[0].type;
    const double bound = plan.numerics == Numerics::torch_cpu ? 0.0
                         : type == Type::f32                  ? 1e-5
                         : type == Type::u8                   ? 1.0
                                                              : 0.032;
    double largest = 0;
    const auto count = static_cast<std::size_t>(plan.outputs[0].elements());
    for (std::size_t i = 0; i < count; ++i) {
      const double error = std::abs(value_at(got.data(), type, i) - value_at(want.data(), type, i));
      if (!(error <= largest)) largest = error;
    }
    CHECK(largest <= bound);
    if (type == Type::f32) worst = std::max(worst, largest);
    values += count;
  }
  std::printf("120 plans, %zu values; largest float32 error %.2e, accepted 1e-05\n", values, worst);
}

}  // namespace
