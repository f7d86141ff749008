// Turned sources, corners, and what stands beyond the edge: the reference against torch where torch has it, and against
// loops in double over a source that is really padded where it has not.
#include <algorithm>
#include <cmath>

#include "kir/error.hpp"
#include "reference/eigen_backend.hpp"
#include "reference/libtorch_backend.hpp"
#include "tests/catch.hpp"
#include "tests/reference/hand_made.hpp"

using namespace kir;
using namespace kir::test;

namespace {

constexpr std::int32_t kPadding = 400;  // more than any tap is away from the source

/// numpy.pad of one line, by repeating what it does: copies of the line, mirrored in turn, or zeros.
std::vector<double> padded(const std::vector<double>& line, Border border) {
  const auto in = std::int32_t(line.size());
  std::vector<double> result;
  for (std::int32_t at = -kPadding; at < in + kPadding; ++at) {
    const std::int32_t period = border == Border::reflect ? std::max(in - 1, 1) : in;
    const std::int32_t copy = at >= 0 ? at / period : -((-at + period - 1) / period), within = at - copy * period;
    if (border == Border::zero) {
      result.push_back(at >= 0 && at < in ? line[std::size_t(at)] : 0);
    } else if (border == Border::reflect) {
      result.push_back(in == 1 ? line[0] : line[std::size_t(copy % 2 == 0 ? within : in - 1 - within)]);
    } else {
      result.push_back(line[std::size_t(copy % 2 == 0 ? within : in - 1 - within)]);
    }
  }
  return result;
}

double kernel(Filter filter, double x, bool antialias) {
  x = std::abs(x);
  if (filter == Filter::bilinear) return std::max(1 - x, 0.0);
  const double a = antialias ? -0.5 : -0.75;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0.0;
}

/// Output i of an axis, in double, from a line that has pixels wherever a tap is.
double resampled(const Axis& axis, std::int32_t i, const std::vector<double>& line) {
  const double length = axis.box_end - axis.box_begin;
  const auto pixel = [&](std::int64_t at) { return line.at(std::size_t(at + kPadding)); };
  if (axis.filter == Filter::nearest) return pixel(std::int64_t(std::floor(axis.box_begin + i * length / axis.out)));
  const double scale = axis.align_corners ? (axis.out > 1 ? (length - 1) / (axis.out - 1) : 0.0) : length / axis.out;
  const double center = axis.box_begin + (axis.align_corners ? i * scale + 0.5 : (i + 0.5) * scale);
  const double widening = axis.antialias ? std::max(scale, 1.0) : 1.0;
  const double support = widening * (axis.filter == Filter::bilinear ? 1 : 2);
  double sum = 0, total = 0;
  for (auto at = std::int64_t(std::floor(center - support)) - 1; double(at) < center + support + 1; ++at) {
    const double weight = kernel(axis.filter, (double(at) + 0.5 - center) / widening, axis.antialias);
    sum += weight * pixel(at);
    total += weight;
  }
  return sum / total;
}

Axis beyond(std::mt19937& random, std::int32_t in, Filter filter) {
  Axis made = make_axis(in, pick(random, 1, 60), filter, filter != Filter::nearest && pick(random, 0, 1) == 1);
  const Border borders[] = {Border::zero, Border::reflect, Border::symmetric};
  made.border = borders[pick(random, 0, 2)];
  const auto edge = [&](double low, double high) { return std::uniform_real_distribution<double>(low, high)(random); };
  made.box_begin = edge(-20, in - 1);
  made.box_end = made.box_begin + edge(2, in + 30);
  if (filter == Filter::nearest) {  // at scale 1: a padded copy
    made.box_begin = std::floor(made.box_begin);
    made.out = made.count = pick(random, 1, in + 40);
    made.box_end = made.box_begin + made.out;
  }
  made.align_corners = filter != Filter::nearest && !made.antialias && pick(random, 0, 1) == 1;
  made.first = pick(random, 0, made.out - 1);
  made.count = pick(random, 1, made.out - made.first);
  return made;
}

Plan both_axes(ImageSize size, const Axis& y, const Axis& x) {
  Plan plan = resize_plan(size, y, x, Round::never);
  plan.levels[0].jobs[0].passes = Passes::xy;
  return plan;
}

}  // namespace

TEST_CASE("Zero, reflect and symmetric borders, and boxes of parts of pixels", "[beyond]") {
  std::mt19937 random = seeded();
  const auto ours = make_reference_backend();
  double worst = 0;
  for (int repeat = 0; repeat < 150; ++repeat) {
    const Filter filters[] = {Filter::nearest, Filter::bilinear, Filter::bicubic};
    const Filter filter = filters[repeat % 3];
    const ImageSize size{1, pick(random, 1, 40), pick(random, 1, 40)};
    const ChwImage image = noise(random, size);
    const Axis y = beyond(random, size.height, filter), x = beyond(random, size.width, filter);
    const Plan plan = both_axes(size, y, x);
    REQUIRE(ours->supports(plan).reason == "");
    REQUIRE_NOTHROW(validate(plan));
    const std::vector<float> got = run<float>(*ours, plan, {image.view()});

    std::vector<std::vector<double>> wide;  // a column for each output column
    for (std::int32_t j = 0; j < x.count; ++j) {
      std::vector<double> column;
      for (std::int32_t row = 0; row < size.height; ++row) {
        const auto* first = image.pixels.data() + std::ptrdiff_t(row) * size.width;
        column.push_back(resampled(x, x.first + j, padded({first, first + size.width}, x.border)));
      }
      wide.push_back(padded(column, y.border));
    }
    for (std::int32_t i = 0; i < y.count; ++i) {
      for (std::int32_t j = 0; j < x.count; ++j) {
        const double error =
            std::abs(resampled(y, y.first + i, wide[std::size_t(j)]) - double(got[std::size_t(i * x.count + j)]));
        CAPTURE(name_of(filter), int(y.border), int(x.border), y.box_begin, y.box_end, x.box_begin, x.box_end, i, j);
        if (!(error <= 0.02)) FAIL("error " << error);
        worst = std::max(worst, error);
      }
    }
  }
  // Positions of up to 100 pixels in float32, 100 * 2^-24 = 6e-6, times slopes of 2 * 255 levels a pixel, a few times.
  std::printf("  largest error %.3g of 0.02 levels\n", worst);
}

TEST_CASE("A box of parts of pixels with an edge of its own has the pixels that it touches", "[beyond]") {
  const auto ours = make_reference_backend();
  Axis one = make_axis(8, 1, Filter::bilinear);
  one.box_begin = 2.5;
  one.box_end = 5.5;  // touches 2..5; the centre is between 3 and 4, the window 1 to 7
  const Plan plan = both_axes({1, 1, 8}, make_axis(1, 1, Filter::bilinear), one);
  const ChwImage image{{1, 1, 8}, {255, 255, 0, 30, 60, 90, 255, 255}};
  const float got = run<float>(*ours, plan, {image.view()}).at(0);
  const double weights[] = {0.5, 5.0 / 6, 5.0 / 6, 0.5};  // 1 - |distance| / 3 of 1.5 and 0.5
  const double want =
      (30 * weights[1] + 60 * weights[2] + 90 * weights[3]) / (weights[0] + weights[1] + weights[2] + weights[3]);
  CHECK(std::abs(double(got) - want) <= 1e-4);
}

TEST_CASE("align_corners is torch's", "[beyond]") {
  std::mt19937 random = seeded();
  const auto ours = make_reference_backend(), torch = make_libtorch_backend();
  double worst = 0;
  Skips skips;
  for (int repeat = 0; repeat < 120; ++repeat) {
    const ImageSize size{3, pick(random, 1, 90), pick(random, 1, 90)};
    const Filter filter = repeat % 2 == 0 ? Filter::bilinear : Filter::bicubic;
    Axis y = make_axis(size.height, pick(random, 1, 120), filter, false);
    Axis x = make_axis(size.width, pick(random, 1, 120), filter, false);
    y.align_corners = x.align_corners = true;
    const ChwImage image = noise(random, size);
    const Plan floats = resize_plan(size, y, x, Round::never), levels = resize_plan(size, y, x, Round::each, Type::u8);
    if (!skips.refused(*torch, floats)) {
      const std::vector<float> got = run<float>(*ours, floats, {image.view()}),
                               want = run<float>(*torch, floats, {image.view()});
      for (std::size_t i = 0; i < got.size(); ++i) worst = std::max(worst, double(std::abs(got[i] - want[i])));
    }
    if (skips.refused(*torch, levels)) continue;
    CAPTURE(size.height, size.width, y.out, x.out, name_of(filter));
    CHECK(run<std::uint8_t>(*ours, levels, {image.view()}) == run<std::uint8_t>(*torch, levels, {image.view()}));
  }
  std::printf("  float32: largest error %.3g of 0.001 levels; torch_int16: equal\n", worst);
  CHECK(worst <= 1e-3);
}

TEST_CASE("A turned source is torch.rot90's", "[beyond]") {
  std::mt19937 random = seeded();
  const auto ours = make_reference_backend(), torch = make_libtorch_backend();
  for (int turn = 0; turn < 4; ++turn) {
    const ImageSize size{3, 31, 44}, stands = turn % 2 == 0 ? size : ImageSize{3, 44, 31};
    const ChwImage image = noise(random, size);
    Plan plan = resize_plan(size, make_axis(stands.height, 20, Filter::bicubic),
                            make_axis(stands.width, 50, Filter::bicubic), Round::each, Type::u8);
    plan.levels[0].jobs[0].from.turn = turn;
    REQUIRE_NOTHROW(validate(plan));
    CHECK(run<std::uint8_t>(*ours, plan, {image.view()}) == run<std::uint8_t>(*torch, plan, {image.view()}));

    Plan copy = resize_plan(size, make_axis(stands.height, stands.height, Filter::bicubic),
                            make_axis(stands.width, stands.width, Filter::bicubic), Round::never, Type::u8);
    copy.levels[0].jobs[0].from.turn = turn;
    const auto turned = run<std::uint8_t>(*ours, copy, {image.view()});
    CHECK(turned == run<std::uint8_t>(*torch, copy, {image.view()}));
    if (turn == 1) {  // clockwise: the first row is the first column, from the bottom up
      CHECK(turned[0] == image.pixels[30 * 44]);
      CHECK(turned[30] == image.pixels[0]);
    }
  }
}
