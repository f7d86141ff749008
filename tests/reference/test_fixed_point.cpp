// uint8 in, uint8 between the passes, uint8 out: the bits of torch, 100 %.
#include "reference/eigen_backend.hpp"
#include "reference/libtorch_backend.hpp"
#include "tests/catch.hpp"
#include "tests/reference/hand_made.hpp"

using namespace kir;
using namespace kir::test;

namespace {

std::int64_t count_differences(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  REQUIRE(a.size() == b.size());
  std::int64_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i];
  return count;
}

std::vector<std::uint8_t> interleaved(const ChwImage& image) {
  std::vector<std::uint8_t> pixels;
  const std::size_t plane = std::size_t(image.size.height) * std::size_t(image.size.width);
  for (std::size_t i = 0; i < plane; ++i) {
    for (std::size_t c = 0; c < std::size_t(image.size.channels); ++c) pixels.push_back(image.pixels[c * plane + i]);
  }
  return pixels;
}

}  // namespace

TEST_CASE("uint8 results have torch's bits on noise, planar and interleaved, 1 to 4 channels", "[fixed_point]") {
  std::mt19937 random = seeded();
  const auto ours = make_reference_backend();
  const auto torch = make_libtorch_backend();
  Skips skips;
  for (const Filter filter : {Filter::nearest, Filter::bilinear, Filter::bicubic}) {
    for (const bool antialias : {true, false}) {
      std::int64_t values = 0, planar = 0, layouts = 0;
      for (int sizes = 0; sizes < 30; ++sizes) {
        const ChwImage image = noise(random, {1 + sizes % 4, random_side(random), random_side(random)});
        const Axis y =
            make_axis(image.size.height, sizes % 7 == 0 ? image.size.height : random_side(random), filter, antialias);
        const Axis x =
            make_axis(image.size.width, sizes % 7 == 1 ? image.size.width : random_side(random), filter, antialias);
        const Plan plan = resize_plan(image.size, y, x, Round::each, Type::u8);
        CAPTURE(name_of(filter), antialias, image.size.channels, y.in, x.in, y.out, x.out);
        if (skips.refused(*torch, plan)) continue;

        const auto expected = run<std::uint8_t>(*torch, plan, {image.view()});
        const std::vector<std::uint8_t> hwc = interleaved(image);
        const auto from_hwc = run<std::uint8_t>(*torch, plan, {hwc_view(hwc.data(), image.size)});
        const auto result = run<std::uint8_t>(*ours, plan, {image.view()});
        const auto result_hwc = run<std::uint8_t>(*ours, plan, {hwc_view(hwc.data(), image.size)});

        values += std::int64_t(result.size());
        const std::int64_t differing = count_differences(result, expected);
        planar += differing;
        CHECK(differing == 0);
        layouts += count_differences(from_hwc, expected) + count_differences(result_hwc, expected);
      }
      std::printf("  %-8s antialias=%d: %lld of %lld values differ; interleaved input: %lld\n", name_of(filter),
                  antialias, static_cast<long long>(planar), static_cast<long long>(values),
                  static_cast<long long>(layouts));
      CHECK(layouts == 0);
    }
  }
}

TEST_CASE("float values of rounded levels go through the epilogue unchanged by the backend", "[fixed_point]") {
  std::mt19937 random = seeded();
  const auto ours = make_reference_backend();
  const auto torch = make_libtorch_backend();
  for (const Type type : {Type::f32, Type::f16, Type::bf16}) {
    const ChwImage image = noise(random, {3, 150, 201});
    const Plan plan = resize_plan(image.size, make_axis(150, 64, Filter::bicubic), make_axis(201, 96, Filter::bicubic),
                                  Round::each, type, siglip());
    CAPTURE(name_of(type));
    CHECK(run<std::uint8_t>(*ours, plan, {image.view()}) == run<std::uint8_t>(*torch, plan, {image.view()}));
  }
}
