// The floor counts what must be read and written, and no more.
#include "benchmarks/needed_bytes.hpp"

#include "benchmarks/suite.hpp"
#include "tests/catch.hpp"

using namespace kir;
using kir::benchmarks::needed_bytes;
using kir::benchmarks::NeededBytes;

namespace {

/// Of one planar or interleaved image.
NeededBytes needed(const ResizeNormalize& request, ImageSize size, bool interleaved = false) {
  const Plan made = plan(resize_normalize_spec(request), {&size, 1});
  const ImageView view = interleaved ? hwc_view(nullptr, size) : chw_view(nullptr, size);
  return needed_bytes(made, {&view, 1});
}

ResizeNormalize square(std::int64_t edge, Filter filter = Filter::bicubic, bool antialias = true) {
  ResizeNormalize request;
  request.height = request.width = edge;
  request.image_mean = request.image_std = {0.5};
  request.resample = filter;
  request.antialias = antialias;
  return request;
}

}  // namespace

TEST_CASE("a whole resize needs every sample once, and the result", "[benchmarks][needed]") {
  for (const bool interleaved : {false, true}) {
    const NeededBytes bytes = needed(square(32), {3, 123, 77}, interleaved);
    CHECK(bytes.read == 3 * 123 * 77);
    CHECK(bytes.write == 3 * 32 * 32 * 4);
    CHECK(bytes.sum() == bytes.read + bytes.write);
  }
}

TEST_CASE("a crop needs its window and the filter's reach around it", "[benchmarks][needed]") {
  ResizeNormalize request = square(100);
  request.resize_mode = ResizeMode::shortest_edge;
  request.crop_height = request.crop_width = 50;
  const NeededBytes bytes = needed(request, {3, 400, 800});
  // 4 source pixels a result pixel; bicubic reaches 2 results on each side: 50 results need 50 + 3 of them and a half
  // on each side.
  CHECK(bytes.read >= 3 * (4 * 50) * (4 * 50));
  CHECK(bytes.read <= 3 * (4 * 54) * (4 * 54));
  CHECK(bytes.write == 3 * 50 * 50 * 4);
}

TEST_CASE("the nearest pixel needs its rows alone, and along a row its sectors", "[benchmarks][needed]") {
  CHECK(needed(square(100, Filter::nearest, false), {1, 400, 400}).read == 100 * 397);  // the last tap is at 396
  CHECK(needed(square(4, Filter::nearest, false), {1, 400, 400}).read == 4 * 4);        // taps 100 bytes apart
  // Interleaved, a pixel is three bytes: taps 20 pixels apart are in sectors of their own.
  CHECK(needed(square(20, Filter::nearest, false), {3, 400, 400}, true).read == 3 * 20 * 20);
  CHECK(needed(square(20, Filter::nearest, false), {3, 400, 400}, false).read == 3 * 20 * 381);
}

TEST_CASE("an image that several jobs read counts once", "[benchmarks][needed]") {
  const ImageSize size{3, 40, 40};
  Plan made = plan(resize_normalize_spec(square(8)), {&size, 1});
  const ImageView view = chw_view(nullptr, size);
  const NeededBytes once = needed_bytes(made, {&view, 1});
  made.levels[0].jobs.push_back(made.levels[0].jobs[0]);
  CHECK(needed_bytes(made, {&view, 1}).read == once.read);
}

TEST_CASE("every device case of the project has a floor", "[benchmarks][needed]") {
  for (const benchmarks::Suite& suite : benchmarks::load_suites("configs/suites")) {
    for (const benchmarks::SuiteCase& one : suite.cases) {
      if (!one.runs_in(MemorySpace::cuda) || one.images > 32) continue;
      const std::vector<ImageSize> sizes = benchmarks::draw_sizes(suite, one, 7);
      std::vector<ImageView> views;
      std::int64_t samples = 0;
      for (const ImageSize& size : sizes) {
        views.push_back(chw_view(nullptr, size));
        samples += std::int64_t{size.channels} * size.height * size.width;
      }
      for (const Numerics numerics : one.numerics) {
        const NeededBytes bytes = needed_bytes(plan(suite.spec, sizes, suite.plan_options(numerics)), views);
        INFO(suite.name << "/" << one.name << ": " << bytes.read << " of " << samples << " bytes read");
        CHECK(bytes.read > 0);
        CHECK(bytes.read <= samples);
        CHECK(bytes.write > 0);
      }
    }
  }
}
