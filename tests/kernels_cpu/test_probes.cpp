// The numbers of an image that plans ask for.
#include <cmath>
#include <memory>
#include <string>

#include "kir/cpu.hpp"
#include "kir/error.hpp"
#include "tests/catch.hpp"
#include "tests/kernels_cpu/thread_executor.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/images.hpp"
#include "tests/support/seed.hpp"

using namespace kir;
using namespace kir::test;

TEST_CASE("mean and unbiased standard deviation of all samples, whatever the strides", "[probes]") {
  std::mt19937 random = seeded();
  const std::unique_ptr<Backend> backend = make_cpu_backend();
  double worst = 0;
  for (const Storage storage : kStorages) {
    const ImageSize size{3, pick(random, 1, 60), pick(random, 2, 60)};
    const Image image = make_image(random, size, storage);
    double n = 0, mean = 0, squares = 0;  // Welford, as an independent way
    for (std::int32_t c = 0; c < size.channels; ++c) {
      for (std::int32_t y = 0; y < size.height; ++y) {
        for (std::int32_t x = 0; x < size.width; ++x) {
          const double difference = image.at(c, y, x) - mean;
          mean += difference / ++n;
          squares += difference * (image.at(c, y, x) - mean);
        }
      }
    }
    const Probe probe{Probe::Kind::mean_std, 0};
    const ImageView view = image.view();
    const ProbeResult result = backend->measure({&probe, 1}, {&view, 1}, {}).at(0);
    CAPTURE(name_of(storage));
    for (const double error : {result.mean - mean, result.std - std::sqrt(squares / (n - 1))}) {
      if (!(std::abs(error) <= worst)) worst = std::abs(error);
    }
  }
  WARN("largest error " << worst << " levels");
  CHECK(worst <= 1e-9);
}

TEST_CASE("grey is when all channels are equal", "[probes]") {
  std::mt19937 random = seeded();
  const std::unique_ptr<Backend> backend = make_cpu_backend();
  Image image = make_image(random, {3, 5, 7}, Storage::hwc);
  for (int pixel = 0; pixel < 35; ++pixel) {
    image.memory[3 * pixel + 1] = image.memory[3 * pixel + 2] = image.memory[3 * pixel];
  }
  const Probe probes[] = {{Probe::Kind::is_grey, 0}, {Probe::Kind::is_grey, 1}};
  Image other = image;
  other.memory.back() ^= 1;
  const ImageView views[] = {image.view(), other.view()};
  ThreadExecutor executor(2);
  const auto results = backend->measure(probes, views, {&executor, nullptr});
  CHECK(results.at(0).is_grey);
  CHECK_FALSE(results.at(1).is_grey);
}

TEST_CASE("probes that cannot be answered are refused", "[probes]") {
  std::mt19937 random = seeded();
  const std::unique_ptr<Backend> backend = make_cpu_backend();
  const Image image = make_image(random, {3, 5, 7}, Storage::hwc);
  const auto refused = [&](Probe probe, const ImageView& view, ErrorCode code, const std::string& part) {
    const Error error = error_of([&] { backend->measure({&probe, 1}, {&view, 1}, {}); });
    CHECK(error.code == code);
    CHECK(contains(error.what(), part));
  };
  refused({Probe::Kind::content_box, 0}, image.view(), ErrorCode::unsupported, "content_box");
  refused({Probe::Kind::mean_std, 1}, image.view(), ErrorCode::invalid_argument, "image 1 of 1");
  ImageView null = image.view();
  null.data = nullptr;
  refused({Probe::Kind::mean_std, 0}, null, ErrorCode::invalid_argument, "images[0]");
}
