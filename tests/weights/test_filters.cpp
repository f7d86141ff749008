// The kernels at known points: before weights, before images.
#include <cmath>
#include <limits>

#include "tests/catch.hpp"
#include "weights/filters.hpp"

using kir::Filter;

namespace {

constexpr Filter kKernels[] = {Filter::box, Filter::bilinear, Filter::hamming, Filter::bicubic, Filter::lanczos3};

}  // namespace

TEST_CASE("a kernel is 1 at 0 and 0 at every other whole number", "[filters]") {
  for (const Filter filter : kKernels) {
    CAPTURE(kir::name_of(filter));
    for (const bool antialias : {true, false}) {
      CHECK(kir::filter_value(filter, 0.0, antialias) == 1.0);
      CHECK(kir::filter_value_f32(filter, 0.0f, antialias) == 1.0f);
      for (double x = 1.0; x <= 4.0; ++x) {
        CHECK(std::abs(kir::filter_value(filter, x, antialias)) < 1e-15);
        CHECK(std::abs(kir::filter_value(filter, -x, antialias)) < 1e-15);
        CHECK(std::abs(kir::filter_value_f32(filter, static_cast<float>(x), antialias)) < 1e-7f);
      }
    }
  }
}

TEST_CASE("a kernel is 0 beyond its radius and not before", "[filters]") {
  for (const Filter filter : kKernels) {
    CAPTURE(kir::name_of(filter));
    const double radius = kir::filter_radius(filter);
    const double beyond = std::nextafter(radius, std::numeric_limits<double>::max());
    CHECK(kir::filter_value(filter, beyond) == 0.0);
    CHECK(kir::filter_value(filter, -beyond) == 0.0);
    CHECK(kir::filter_value(filter, radius - 0.1) != 0.0);
    CHECK(kir::filter_value(filter, 0.1 - radius) != 0.0);
  }
}

TEST_CASE("a kernel is even, but for the half-open edges of the box and of lanczos3", "[filters]") {
  for (const Filter filter : kKernels) {
    CAPTURE(kir::name_of(filter));
    for (double x = 0.01; x < 3.2; x += 0.0371) {
      CHECK(kir::filter_value(filter, x) == kir::filter_value(filter, -x));
      const auto f = static_cast<float>(x);
      CHECK(kir::filter_value_f32(filter, f) == kir::filter_value_f32(filter, -f));
    }
  }
  CHECK(kir::filter_value(Filter::box, 0.5) == 1.0);
  CHECK(kir::filter_value(Filter::box, -0.5) == 0.0);
}

TEST_CASE("the cubics are Keys' with a = -0.5 and a = -0.75", "[filters]") {
  // By hand at 1/2: (a+2)/8 - (a+3)/4 + 1; at 3/2: a*(27/8 - 45/4 + 12 - 4) = a/8.
  CHECK(kir::filter_value(Filter::bicubic, 0.5, true) == 0.5625);
  CHECK(kir::filter_value(Filter::bicubic, 1.5, true) == -0.0625);
  CHECK(kir::filter_value(Filter::bicubic, 0.5, false) == 0.59375);
  CHECK(kir::filter_value(Filter::bicubic, 1.5, false) == -0.09375);
}

TEST_CASE("the float32 kernels stay within rounding of the double ones", "[filters]") {
  double worst = 0;
  for (const Filter filter : kKernels) {
    for (const bool antialias : {true, false}) {
      for (int i = -6400; i <= 6400; ++i) {
        const float x = static_cast<float>(i) / 2048.0f;
        const double difference = std::abs(kir::filter_value_f32(filter, x, antialias) -
                                           kir::filter_value(filter, static_cast<double>(x), antialias));
        if (!(difference <= worst)) worst = difference;
      }
    }
  }
  WARN("largest difference of a float32 kernel value: " << worst);
  CHECK(worst <= 1e-6);
}
