// The slices of a plan write what the whole plan writes, bit for bit: of every configuration that is supported.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "apps/backends.hpp"
#include "apps/config_dir.hpp"
#include "apps/plan_slices.hpp"
#include "apps/thread_executor.hpp"
#include "kir/error.hpp"
#include "kir/spec.hpp"
#include "tests/catch.hpp"
#include "tests/support/seed.hpp"

using namespace kir;
using namespace kir::apps;
using kir::test::seeded;
using kir::test::test_seed;

namespace {

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

// Images of noise in memory.
struct Noise {
  std::vector<std::vector<std::uint8_t>> pixels;
  std::vector<ImageView> views;
  std::vector<ImageSize> sizes;

  void add(ImageSize size, std::mt19937& random) {
    std::vector<std::uint8_t> image(static_cast<std::size_t>(size.channels * size.height * size.width));
    for (std::uint8_t& level : image) level = static_cast<std::uint8_t>(random());
    pixels.push_back(std::move(image));
    views.push_back(hwc_view(pixels.back().data(), size));
    sizes.push_back(size);
  }
};

Noise noise_of_sides(std::size_t count, const std::vector<std::int32_t>& sides, std::mt19937& random) {
  Noise noise;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t height = sides[random() % sides.size()];
    noise.add({3, height, sides[random() % sides.size()]}, random);
  }
  return noise;
}

// The bytes of every output. What no slice writes keeps the byte that was there.
using Bytes = std::vector<std::vector<std::uint8_t>>;

Bytes unwritten(const Plan& whole) {
  Bytes outputs;
  for (const Output& output : whole.outputs) outputs.emplace_back(output.bytes(), std::uint8_t{0xA5});
  return outputs;
}

struct Aligned {
  void operator()(void* memory) const { ::operator delete (memory, std::align_val_t{64}); }
};

void run(const Backend& backend, const Plan& made, std::span<const ImageView> images,
         const std::vector<std::size_t>& which, Bytes& outputs, const RunContext& context) {
  const std::size_t bytes = backend.workspace_bytes(made, context);
  const std::unique_ptr<void, Aligned> workspace(::operator new (bytes, std::align_val_t{64}));
  std::vector<OutputView> views;
  for (const std::size_t output : which) views.push_back({outputs[output].data(), outputs[output].size()});
  backend.run(made, images, views, {workspace.get(), bytes}, context);
}

Bytes run_whole(const Backend& backend, const Plan& whole, const Noise& noise, const RunContext& context) {
  Bytes outputs = unwritten(whole);
  std::vector<std::size_t> all(outputs.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  run(backend, whole, noise.views, all, outputs, context);
  return outputs;
}

Bytes run_in_slices(const Backend& backend, const Plan& whole, const Noise& noise, std::size_t images,
                    const RunContext& context) {
  Bytes outputs = unwritten(whole);
  for (const PlanSlice& slice : slice(whole, group_images(whole, {images, kNoLimit}))) {
    CHECK(slice.images.count() <= images);
    if (slice.plan.levels.empty()) continue;
    const std::span views = std::span(noise.views).subspan(slice.images.begin, slice.images.count());
    run(backend, slice.plan, views, slice.outputs, outputs, context);
  }
  return outputs;
}

// The first of the batches that the processor takes: of ragged sizes, of one size, of multiples of its patches.
std::pair<Noise, Plan> planned(const ProcessorSpec& spec, Numerics numerics, const Backend& backend,
                               std::mt19937& random) {
  constexpr std::size_t kCount = 9;
  const auto one = static_cast<std::int32_t>(40 + random() % 60);
  std::string reasons;
  for (const std::vector<std::int32_t>& sides : {std::vector<std::int32_t>{33, 57, 64, 81, 119},
                                                 std::vector<std::int32_t>{one}, std::vector<std::int32_t>{56}}) {
    Noise noise = noise_of_sides(kCount, sides, random);
    try {
      const std::vector<ProbeResult> answers = backend.measure(probes(spec, noise.sizes), noise.views, {});
      PlanOptions options;
      options.numerics = numerics;
      Plan made = plan(spec, noise.sizes, options, answers);
      return {std::move(noise), std::move(made)};
    } catch (const Error& error) {
      reasons += std::string(error.what()) + "; ";
    }
  }
  FAIL(spec.source << " takes none of the batches: " << reasons);
  return {};
}

ProcessorSpec spec_named(const std::string& name) {
  return load_spec(config_path(name));
}

}  // namespace

TEST_CASE("every configuration: slices write what the whole plan writes", "[plan_slices]") {
  std::mt19937 random = seeded();
  const std::unique_ptr<Backend> cpu = make_backend("cpu");
  ThreadExecutor executor(2);
  const RunContext context{&executor, nullptr};
  int compared = 0, ragged = 0;
  for (const std::string& file : config_files(config_dir() + "/processors")) {
    const ProcessorSpec spec = load_spec(file);
    if (!spec.unsupported.empty()) continue;
    CAPTURE(file, test_seed());
    const Numerics numerics = random() % 2 == 0 ? Numerics::float32 : Numerics::torch_cpu;
    const auto [noise, whole] = planned(spec, numerics, *cpu, random);
    const Bytes expected = run_whole(*cpu, whole, noise, context);
    for (const std::size_t images : {1, 3, 8}) {
      CAPTURE(images);
      CHECK(run_in_slices(*cpu, whole, noise, images, context) == expected);
    }
    ++compared;
    ragged += noise.sizes[0] == noise.sizes[1] ? 0 : 1;
  }
  std::printf("slices: %d configurations compared, %d of them on images of ragged sizes\n", compared, ragged);
  CHECK(compared >= 115);
  CHECK(ragged >= 60);
}

TEST_CASE("slices with canvases, masks and tokens are the same on every backend of the host", "[plan_slices]") {
  std::mt19937 random = seeded();
  ThreadExecutor executor(2);
  const RunContext context{&executor, nullptr};
  for (const std::string& name : backend_names()) {
    std::unique_ptr<Backend> backend;
    try {
      backend = make_backend(name);
    } catch (const Error& error) {
      std::printf("not here: %s: %s\n", name.c_str(), error.message.c_str());
      continue;
    }
    if (backend->memory() != MemorySpace::host) continue;
    for (const char* config : {"detr", "idefics3", "perceiver", "pix2struct", "qwen2_vl"}) {
      CAPTURE(name, config, test_seed());
      const auto [noise, whole] = planned(spec_named(config), Numerics::float32, *backend, random);
      CHECK(run_in_slices(*backend, whole, noise, 2, context) == run_whole(*backend, whole, noise, context));
    }
  }
}

TEST_CASE("groups hold as many images as both limits allow, and at least one", "[plan_slices]") {
  const std::vector<ImageSize> sizes = {{3, 10, 10}, {3, 10, 10}, {3, 100, 100}, {1, 10, 10}, {1, 10, 10}, {1, 10, 10}};
  using Groups = std::vector<ImageRange>;
  CHECK(group_images(sizes, {2, kNoLimit}) == Groups{{0, 2}, {2, 4}, {4, 6}});
  CHECK(group_images(sizes, {kNoLimit, 600}) == Groups{{0, 2}, {2, 3}, {3, 6}});
  CHECK(group_images(sizes, {kNoLimit, 599}) == Groups{{0, 1}, {1, 2}, {2, 3}, {3, 6}});
  CHECK(group_images(sizes, {1, 0}) == Groups{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}});
  CHECK(group_images(std::span<const ImageSize>{}, {8, 8}) == Groups{});
}

TEST_CASE("what decoding takes counts as bytes of an image", "[plan_slices]") {
  const std::vector<ImageSize> sizes(4, {3, 10, 10});
  const std::vector<std::size_t> decoding = {0, 300, 301, 0};
  CHECK(group_images(sizes, {4, 900}, decoding) == std::vector<ImageRange>{{0, 2}, {2, 3}, {3, 4}});
  CHECK(group_images(sizes, {4, 901}, decoding) == std::vector<ImageRange>{{0, 2}, {2, 4}});
  const Plan whole = plan(spec_named("clip"), sizes, {}, {});
  CHECK(group_images(whole, {4, 900}, decoding) == std::vector<ImageRange>{{0, 2}, {2, 3}, {3, 4}});
}

TEST_CASE("the canvases of an image count as its bytes", "[plan_slices]") {
  const std::vector<ImageSize> sizes(4, {3, 64, 64});
  const std::vector<ProbeResult> answers(4, {127.5, 70, 0, 0, 0, 0, false});
  const Plan whole = plan(spec_named("pix2struct"), sizes, {}, answers);  // a float32 canvas of each image
  const std::size_t bytes = 3 * 64 * 64 * (1 + 4);
  CHECK(group_images(whole, {4, 2 * bytes}) == std::vector<ImageRange>{{0, 2}, {2, 4}});
  CHECK(group_images(whole, {4, 2 * bytes - 1}).size() == 4);
}

TEST_CASE("images that share a canvas are in one group, whatever the limit", "[plan_slices]") {
  // Two halves of a canvas from images 1 and 2, resized to the output between the outputs of images 0 and 3.
  std::mt19937 random = seeded();
  Noise noise;
  for (int i = 0; i < 4; ++i) noise.add({1, 4, 6}, random);
  Plan whole;
  whole.images = noise.sizes;
  whole.epilogues.resize(1);
  whole.canvases = {{Type::u8, 1, 8, 6}};
  whole.outputs = {{"pixel_values", Type::u8, {4, 4, 6}, {}, {}}};
  whole.levels.resize(2);
  const auto add = [&](std::size_t level, Source from, Target to, std::int32_t rows, std::int32_t at_y) {
    Job job;
    job.from = from;
    job.y = {rows, rows, 0, rows, 0, static_cast<float>(rows), Filter::bilinear, Border::renormalize, true, false};
    job.x = {6, 6, 0, 6, 0, 6, Filter::bilinear, Border::renormalize, true, false};
    job.passes = Passes::copy;
    job.channels = 1;
    job.to = to;
    job.at_y = at_y;
    whole.levels[level].jobs.push_back(job);
  };
  const auto image = [](std::int32_t index) { return Source{Source::Kind::image, index}; };
  const Target output = {Target::Kind::output, 0, chw_layout(0, 16, 6)};
  const Target canvas = {Target::Kind::canvas, 0, chw_layout(0, 8, 6)};
  add(0, image(0), output, 4, 0);
  add(0, image(1), canvas, 4, 0);
  add(0, image(2), canvas, 4, 4);
  add(1, {Source::Kind::canvas, 0}, output, 8, 4);
  add(1, image(3), output, 4, 12);
  REQUIRE_NOTHROW(validate(whole));

  CHECK(group_images(whole, {1, kNoLimit}) == std::vector<ImageRange>{{0, 1}, {1, 3}, {3, 4}});
  const std::unique_ptr<Backend> cpu = make_backend("cpu");
  const Bytes expected = run_whole(*cpu, whole, noise, {});
  Bytes outputs = unwritten(whole);
  for (const PlanSlice& slice : slice(whole, group_images(whole, {1, kNoLimit}))) {
    const std::span views = std::span(noise.views).subspan(slice.images.begin, slice.images.count());
    run(*cpu, slice.plan, views, slice.outputs, outputs, {});
  }
  CHECK(outputs == expected);
}
