// The reference's weights against torch's, read from torch by resizing identity matrices, and against Pillow's
// formulas.
#include "reference/weights.hpp"

#include <cmath>
#include <numbers>
#include <string>

#include "reference/libtorch_backend.hpp"
#include "tests/catch.hpp"
#include "tests/reference/hand_made.hpp"

using namespace kir;
using namespace kir::test;

namespace {

constexpr int kPairs = 40;

// Row i, column k: what torch gives output i of source pixel k. `vertical` resizes the rows of the identity.
Eigen::MatrixXf torch_weights(const Backend& torch, const Axis& resized, bool vertical) {
  ChwImage identity{{1, resized.in, resized.in}, {}};
  identity.pixels.resize(std::size_t(resized.in) * std::size_t(resized.in));
  for (std::int32_t i = 0; i < resized.in; ++i) identity.pixels[std::size_t(i) * std::size_t(resized.in + 1)] = 1;
  const Axis kept = make_axis(resized.in, resized.in, resized.filter, resized.antialias);
  const Plan plan = resize_plan(identity.size, vertical ? resized : kept, vertical ? kept : resized, Round::never);
  const std::vector<float> values = run<float>(torch, plan, {identity.view()});
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  if (vertical) return Eigen::Map<const RowMajor>(values.data(), resized.out, resized.in);
  return Eigen::Map<const RowMajor>(values.data(), resized.in, resized.out).transpose();
}

// Pillow's Resample.c, in double.
double pillow_filter(Filter filter, double x) {
  const auto sinc = [](double v) { return v == 0 ? 1 : std::sin(v * std::numbers::pi) / (v * std::numbers::pi); };
  if (filter == Filter::box) return x > -0.5 && x <= 0.5 ? 1 : 0;
  if (filter == Filter::lanczos3) return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
  x = std::abs(x);
  return x >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * std::cos(x * std::numbers::pi));
}

}  // namespace

TEST_CASE("float32 weights have torch's bits", "[weights]") {
  std::mt19937 random = seeded();
  const auto torch = make_libtorch_backend();
  // Torch without FMA (no AVX2) rounds otherwise; there the weights have a bound instead of bits.
  const bool fused = libtorch_build().find("AVX") != std::string::npos;
  std::printf("torch %s: the variant %s\n", libtorch_build().c_str(),
              fused ? "with FMA: bits" : "without FMA: bound 3e-5");

  for (const Filter filter : {Filter::nearest, Filter::bilinear, Filter::bicubic}) {
    for (const bool antialias : {true, false}) {
      std::int64_t compared = 0, different = 0;
      double worst = 0;
      for (int pair = 0; pair < kPairs; ++pair) {
        const Axis resized = make_axis(pick(random, 1, 300), pick(random, 1, 300), filter, antialias);
        const Eigen::MatrixXf ours = reference::float_weights(resized).toDense();
        const Eigen::MatrixXf theirs = torch_weights(*torch, resized, pair % 2 == 0 && resized.in > 1);
        for (Eigen::Index i = 0; i < ours.size(); ++i) {
          const float a = ours.data()[i], b = theirs.data()[i];
          if (a == 0 && b == 0) continue;
          ++compared;
          if (!(a == b)) ++different;
          worst = std::max(worst, double(std::abs(a - b)));
        }
      }
      std::printf("  %-8s antialias=%d: %lld of %lld weights differ (%d size pairs), max %.3g\n", name_of(filter),
                  antialias, static_cast<long long>(different), static_cast<long long>(compared), kPairs, worst);
      CAPTURE(name_of(filter), antialias, worst);
      CHECK(compared > kPairs);
      if (fused) CHECK(different == 0);
      CHECK(worst <= 3e-5);
    }
  }
}

TEST_CASE("A window's weights are rows of the whole axis", "[weights]") {
  std::mt19937 random = seeded();
  for (int pair = 0; pair < 100; ++pair) {
    for (const Filter filter : {Filter::nearest, Filter::bilinear, Filter::bicubic}) {
      const Axis whole = make_axis(random_side(random), random_side(random), filter, pair % 2 == 0);
      Axis window = whole;
      window.first = pick(random, 0, whole.out - 1);
      window.count = pick(random, 1, whole.out - window.first);
      CAPTURE(name_of(filter), whole.in, whole.out, window.first, window.count);
      const Eigen::MatrixXf all = reference::float_weights(whole).toDense();
      CHECK(reference::float_weights(window).toDense() == all.middleRows(window.first, window.count));
      if (filter == Filter::nearest) continue;
      const reference::FixedPointWeights fixed = reference::fixed_point_weights(whole);
      const reference::FixedPointWeights part = reference::fixed_point_weights(window);
      CHECK(part.precision == fixed.precision);
      CHECK(part.matrix.toDense() == fixed.matrix.toDense().middleRows(window.first, window.count));
    }
  }
}

TEST_CASE("box, hamming and lanczos3 are Pillow's, in cropped sources too", "[weights]") {
  std::mt19937 random = seeded();
  double worst = 0;
  std::int64_t compared = 0, ties = 0;
  for (int pair = 0; pair < 200; ++pair) {
    for (const Filter filter : {Filter::box, Filter::hamming, Filter::lanczos3}) {
      Axis resized = make_axis(pick(random, 1, 300), pick(random, 1, 300), filter);
      if (pair % 2 == 1) {
        resized.box_begin = double(pick(random, 0, resized.in - 1));
        resized.box_end = double(pick(random, std::int32_t(resized.box_begin) + 1, resized.in));
      }
      const Eigen::MatrixXf ours = reference::float_weights(resized).toDense();
      const double scale = (resized.box_end - resized.box_begin) / resized.out, widening = std::max(scale, 1.0);
      const double support = widening * (filter == Filter::box ? 0.5 : filter == Filter::hamming ? 1 : 3);
      for (Eigen::Index i = 0; i < ours.rows(); ++i) {
        const double center = resized.box_begin + (double(i) + 0.5) * scale;
        const int first = std::max(int(center - support + 0.5), int(resized.box_begin));
        const int end = std::min(int(center + support + 0.5), int(resized.box_end));
        Eigen::VectorXd row = Eigen::VectorXd::Zero(resized.in);
        bool tie = false;  // on the edge of a box a rounding error decides
        for (int k = first - 1; k <= end; ++k) {
          const double x = (k - center + 0.5) / widening;
          tie = tie || (filter == Filter::box && std::abs(std::abs(x) - 0.5) < 1e-4);
          if (k >= first && k < end) row[k] = pillow_filter(filter, x);
        }
        if (tie) {
          ++ties;
          continue;
        }
        row /= row.sum();
        ++compared;
        worst = std::max(worst, (row - ours.row(i).transpose().cast<double>()).cwiseAbs().maxCoeff());
      }
    }
  }
  std::printf("  %lld rows, max error %.3g; %lld rows on the edge of a box not compared\n",
              static_cast<long long>(compared), worst, static_cast<long long>(ties));
  CHECK(compared > 10000);
  CHECK(worst <= 1e-4);  // float32 positions up to 300: 300 * 2^-24 = 1.8e-5, times slopes of up to 2, twice
}
