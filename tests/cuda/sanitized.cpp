// A reduced parity run for compute-sanitizer: every kind of kernel, small images of every memory order, and memory that
// nobody wrote before (parity's poison would hide a read of it). The results are compared too.
#include <cmath>

#include "parity/compare.hpp"
#include "parity/settings.hpp"
#include "reference/eigen_backend.hpp"
#include "tests/cuda/device_run.hpp"
#include "tests/support/two_launches.hpp"

using namespace kir;
using namespace kir::parity;
using namespace kir::test;

namespace {

constexpr int kImages = 3, kLeast = 17, kMost = 150;

void check_run_of(const Backend& backend, const Plan& plan, const std::vector<Image>& images, bool host_images) {
  if (!backend.supports(plan).ok) return;
  const std::unique_ptr<Backend> reference = make_reference_backend();
  const Tolerance tolerance = load_settings("configs/parity.json").tolerance(plan);
  Bytes want;
  std::vector<OutputView> views;
  for (const Output& output : plan.outputs) want.emplace_back(output.bytes());
  for (std::vector<std::uint8_t>& bytes : want) views.push_back({bytes.data(), bytes.size()});
  reference->run(plan, views_of(images), views, {}, {});

  const DeviceRun device(backend, plan, views_of(images), {nullptr, nullptr, host_images});
  device.run();
  check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
    if (!plan.outputs[i].values.empty()) continue;
    std::vector<std::uint8_t> got(plan.outputs[i].bytes());
    check(cudaMemcpy(got.data(), device.outputs()[i].data, got.size(), cudaMemcpyDeviceToHost), "cudaMemcpy");
    const Comparison result = compare(plan, i, got.data(), want[i].data(), tolerance);
    CAPTURE(backend.name(), host_images, result.describe_worst(), result.max_abs);
    CHECK(result.within(tolerance));
  }
}

void check_on_all(const Plan& plan, const std::vector<Image>& images) {
  for (const auto& backend : {make_cuda_separable_backend(), make_cuda_fused_backend()}) {
    for (const bool host_images : {false, true}) check_run_of(*backend, plan, images, host_images);
  }
  check_run_of(*make_cuda_separable_backend(), by_two_launches(plan), images, false);
}

}  // namespace

TEST_CASE("processors: crops, padding and masks, patches, levels") {
  Random random = fresh_random();
  for (const char* config : {"clip", "detr", "qwen2_vl"}) {
    for (const Numerics numerics : {Numerics::float32, Numerics::torch_cpu}) {
      const std::vector<Image> images = noise_images(random, kImages, kLeast, kMost);
      PlanOptions options;
      options.numerics = numerics;
      check_on_all(plan_for(config, images, options), images);
    }
  }
}

/// Few images in planes are one launch in float32.
TEST_CASE("every filter, down and up, with and without antialias, every output type") {
  Random random = fresh_random();
  constexpr Type kTypes[] = {Type::f32, Type::f16, Type::bf16, Type::u8};
  int number = 0;
  for (const Filter filter : {Filter::bicubic, Filter::bilinear, Filter::nearest, Filter::nearest_exact, Filter::box,
                              Filter::hamming, Filter::lanczos3}) {
    for (const bool antialias : {true, false}) {
      for (const std::int64_t edge : {19, 171}) {
        const Orders orders = number % 2 == 0 ? Orders::planes : Orders::all;
        const std::vector<Image> images = noise_images(random, kImages, kLeast, kMost, orders);
        std::vector<ImageSize> sizes;
        for (const Image& image : images) sizes.push_back(image.size());
        const ProcessorSpec spec = resize_normalize_spec({.height = edge,
                                                          .width = edge + 3,
                                                          .image_mean = {0.5},
                                                          .image_std = {0.25},
                                                          .resample = filter,
                                                          .antialias = antialias});
        PlanOptions options;
        options.output_type = kTypes[number++ % 4];
        options.numerics = number % 3 == 0 ? Numerics::torch_cpu : Numerics::float32;
        check_on_all(plan(spec, sizes, options), images);
      }
    }
  }
}

TEST_CASE("one axis at a large ratio") {
  Random random = fresh_random();
  const ProcessorSpec spec =
      resize_normalize_spec({.height = 33, .width = 40, .image_mean = {0.5}, .image_std = {0.25}});
  std::vector<Image> images;
  images.push_back(noise_image({3, 23, 1500}, random, Memory::hwc));
  images.push_back(noise_image({3, 1300, 21}, random, Memory::chw));
  std::vector<ImageSize> sizes;
  for (const Image& image : images) sizes.push_back(image.size());
  check_on_all(plan(spec, sizes), images);
}

TEST_CASE("probes") {
  Random random = fresh_random();
  const std::vector<Image> images = noise_images(random, kImages, kLeast, kMost);
  const std::vector<Probe> probes = {{Probe::Kind::mean_std, 0}, {Probe::Kind::is_grey, 1}, {Probe::Kind::mean_std, 2}};
  const PlacedImages placed(MemorySpace::cuda, views_of(images));
  const std::vector<ProbeResult> results = make_cuda_separable_backend()->measure(probes, placed.views(), {});
  CHECK(std::isfinite(results.at(0).mean));
  CHECK_FALSE(results.at(1).is_grey);
}
