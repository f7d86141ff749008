// Images in host memory: packed as they should be, staged in chunks, and resampled as from device memory.
#include <cstdlib>
#include <cstring>
#include <tuple>

#include "kernels/cuda/host_images.hpp"
#include "kir/cpu.hpp"
#include "parity/runner.hpp"
#include "reference/eigen_backend.hpp"
#include "tests/cuda/device_run.hpp"
#include "tests/cuda/pinned_images.hpp"

using namespace kir;
using namespace kir::parity;
using namespace kir::test;

namespace {

void require_parity(const Plan& plan, std::span<const ImageView> images, const Backend& backend) {
  const std::unique_ptr<Backend> reference = make_reference_backend();
  const RunContext context{nullptr, nullptr, true};
  const CaseResult result = run_plan(plan, images, backend, *reference, load_settings("configs/parity.json"), context);
  double worst = 0;
  for (const Comparison& output : result.outputs) worst = std::max(worst, output.max_abs);
  std::printf("%s, host images: largest error %.2e, accepted %.0e\n", std::string(backend.name()).c_str(), worst,
              result.tolerance.max_abs);
  CAPTURE(backend.name(), result.error, result.skipped, worst);
  CHECK(result.passed());
}

}  // namespace

TEST_CASE("pageable images of every memory order", "[cuda][host]") {
  Random random = fresh_random();
  const std::vector<Image> images = noise_images(random, 3 * kMemoryKinds, 1, 300);
  for (const auto& backend : {make_cuda_separable_backend(), make_cuda_fused_backend()}) {
    for (const char* config : {"clip", "detr", "idefics3"}) {
      require_parity(plan_for(config, images), views_of(images), *backend);
    }
  }
}

TEST_CASE("pinned images, one and many chunks, the same bits as from device memory", "[cuda][host]") {
  Random random = fresh_random();
  const auto backend = make_cuda_separable_backend();
  const auto fused = make_cuda_fused_backend();
  for (const auto& [count, least, most] : {std::tuple{1, 900, 1000}, {40, 300, 1500}, {300, 5, 60}}) {
    const std::vector<Image> images = noise_images(random, count, least, most);
    const Plan plan = plan_for("siglip", images);
    const PinnedImages pinned(images);
    require_parity(plan, pinned.views(), *backend);
    const Stream stream = make_stream();
    Bytes results[2];
    for (const bool host : {false, true}) {
      const DeviceRun device(*fused, plan, pinned.views(), {nullptr, stream.get(), host});
      device.poison();
      device.run();
      results[host] = device.results();
    }
    CHECK(results[0] == results[1]);
  }
}

TEST_CASE("images that touch across two pinned allocations are copied apart", "[cuda][host]") {
  constexpr std::size_t kPage = 4096;
  Random random = fresh_random();
  const auto free_pages = [](std::uint8_t* pages) { std::free(pages); };
  const std::unique_ptr<std::uint8_t, decltype(free_pages)> pages(
      static_cast<std::uint8_t*>(std::aligned_alloc(kPage, 2 * kPage)), free_pages);
  for (std::size_t i = 0; i < 2 * kPage; ++i) pages.get()[i] = static_cast<std::uint8_t>(random.bits());
  for (std::size_t page = 0; page < 2; ++page) {
    check(cudaHostRegister(pages.get() + page * kPage, kPage, cudaHostRegisterDefault), "cudaHostRegister");
  }
  const std::vector<ImageSize> sizes(2, ImageSize{1, 64, 64});
  const std::vector<ImageView> images{chw_view(pages.get(), sizes[0]), chw_view(pages.get() + kPage, sizes[1])};
  const ProcessorSpec spec =
      resize_normalize_spec({.height = 40, .width = 40, .image_mean = {0.5}, .image_std = {0.25}});
  require_parity(plan(spec, sizes), images, *make_cuda_separable_backend());
  for (std::size_t page = 0; page < 2; ++page) {
    check(cudaHostUnregister(pages.get() + page * kPage), "cudaHostUnregister");
  }
}

TEST_CASE("probes count the same on the device as on the CPU", "[cuda][probes]") {
  Random random = fresh_random();
  std::vector<Image> images = noise_images(random, 2 * kMemoryKinds, 1, 700);
  images.push_back(constant_image({3, 33, 47}, 128, Memory::hwc));
  images.push_back(constant_image({1, 1, 1}, 7, Memory::chw));
  std::vector<Probe> probes;
  for (std::size_t i = 0; i < images.size(); ++i) {
    probes.push_back({Probe::Kind::mean_std, static_cast<std::int32_t>(i)});
    probes.push_back({Probe::Kind::is_grey, static_cast<std::int32_t>(i)});
  }
  const std::vector<ImageView> host = views_of(images);
  const std::vector<ProbeResult> want = make_cpu_backend()->measure(probes, host, {});
  const auto backend = make_cuda_separable_backend();
  const PlacedImages placed(MemorySpace::cuda, host);
  const Stream stream = make_stream();
  const auto got = backend->measure(probes, placed.views(), {nullptr, stream.get(), false});
  const auto got_host = backend->measure(probes, host, {nullptr, stream.get(), true});
  const auto equal = [](double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0 || (a != a && b != b); };
  REQUIRE(got.size() == want.size());
  REQUIRE(got_host.size() == want.size());
  for (std::size_t i = 0; i < want.size(); ++i) {
    CAPTURE(i, want[i].mean, got[i].mean, want[i].std, got[i].std);
    for (const ProbeResult& one : {got[i], got_host[i]}) {
      CHECK(equal(one.mean, want[i].mean));
      CHECK(equal(one.std, want[i].std));
      CHECK(one.is_grey == want[i].is_grey);
    }
  }
  CHECK_THROWS_AS(backend->measure(std::vector<Probe>{{Probe::Kind::content_box, 0}}, placed.views(), {}), Error);
  CHECK_THROWS_AS(backend->measure(std::vector<Probe>{{Probe::Kind::mean_std, 999}}, placed.views(), {}), Error);
}
