// What every table must be, whatever its numbers: within the source, summing to one, symmetric, equal through any
// window.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/support/axis.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/seed.hpp"
#include "weights/axis_table.hpp"

using kir::Arithmetic;
using kir::Axis;
using kir::AxisTable;
using kir::Border;
using kir::Filter;
using kir::test::contains;
using kir::test::error_of;
using kir::test::make_axis;
using kir::test::pick;
using kir::test::seeded;

namespace {

std::string text_of(const Axis& axis, Arithmetic arithmetic) {
  return std::string(kir::name_of(axis.filter)) + (axis.antialias ? " antialias " : " ") + std::to_string(axis.in) +
         " -> " + std::to_string(axis.out) + " " + kir::name_of(arithmetic);
}

/// Edge sizes first, then fresh random ones.
std::vector<std::pair<std::int32_t, std::int32_t>> sizes() {
  std::vector<std::pair<std::int32_t, std::int32_t>> all = {{1, 1},   {1, 7},    {7, 1},      {2, 2},     {2, 3},
                                                            {3, 2},   {4, 4},    {15, 16},    {17, 16},   {4000, 100},
                                                            {1, 500}, {5000, 1}, {384, 1000}, {1000, 384}};
  std::mt19937 random = seeded();
  for (int i = 0; i < 20; ++i) {
    const std::int32_t in = pick(random, 1, 400);
    all.emplace_back(in, pick(random, 1, 400));
  }
  return all;
}

template <class Check>
void for_each_table(const Check& check) {
  const std::vector<std::pair<Filter, bool>> float_kinds = {
      {Filter::nearest, true},  {Filter::nearest_exact, true}, {Filter::box, true},
      {Filter::bilinear, true}, {Filter::hamming, true},       {Filter::bicubic, true},
      {Filter::lanczos3, true}, {Filter::bilinear, false},     {Filter::bicubic, false},
  };
  for (const auto& [in, out] : sizes()) {
    for (const auto& [filter, antialias] : float_kinds) {
      const Axis axis = make_axis(in, out, filter, antialias);
      for (const Arithmetic arithmetic : {Arithmetic::float32, Arithmetic::torch_int16, Arithmetic::pillow_int22}) {
        if (!kir::why_no_axis_table(axis, arithmetic).empty()) continue;
        CAPTURE(text_of(axis, arithmetic));
        check(axis, arithmetic);
      }
    }
  }
}

std::vector<double> row_of(const AxisTable& table, std::int32_t i) {
  if (table.arithmetic == Arithmetic::float32) return {table.row_f32(i).begin(), table.row_f32(i).end()};
  std::vector<double> row(table.taps[i]);
  for (std::int32_t k = 0; k < table.taps[i]; ++k) {
    row[k] = table.arithmetic == Arithmetic::torch_int16 ? table.row_i16(i)[k] : table.row_i32(i)[k];
  }
  for (double& weight : row) weight = std::ldexp(weight, -table.shift);
  return row;
}

}  // namespace

TEST_CASE("taps lie within the source, weights sum to one", "[axis_table]") {
  double worst_f32 = 0, worst_i16 = 0;
  for_each_table([&](const Axis& axis, Arithmetic arithmetic) {
    const AxisTable table = kir::make_axis_table(axis, arithmetic);
    REQUIRE(table.count() == axis.count);
    REQUIRE(table.stride == kir::max_taps(axis, arithmetic));
    for (std::int32_t i = 0; i < table.count(); ++i) {
      REQUIRE(table.first[i] >= 0);
      REQUIRE(table.taps[i] >= 1);
      REQUIRE(table.taps[i] <= table.stride);
      REQUIRE(table.first[i] + table.taps[i] <= axis.in);
      if (i > 0) REQUIRE(table.first[i] >= table.first[i - 1]);
      double sum = 0;
      for (const double weight : row_of(table, i)) sum += weight;
      double& worst = arithmetic == Arithmetic::float32 ? worst_f32 : worst_i16;
      // An int16 weight is off by half of its last bit at most; the levels' bound is half a level of 255.
      worst = std::max(worst, std::abs(sum - 1.0) * (arithmetic == Arithmetic::float32 ? 1.0 : 255.0));
    }
  });
  WARN("largest |sum - 1|: float32 " << worst_f32 << "; int16, in levels at 255: " << worst_i16);
  CHECK(worst_f32 <= 2e-6);
  CHECK(worst_i16 < 0.5);
}

TEST_CASE("rows of a window equal those of the whole axis, and so does the integer scale", "[axis_table]") {
  for_each_table([](const Axis& axis, Arithmetic arithmetic) {
    const AxisTable whole = kir::make_axis_table(axis, arithmetic);
    Axis part = axis;
    part.first = axis.out / 3;
    part.count = std::max(1, axis.out / 2);
    part.count = std::min(part.count, axis.out - part.first);
    const AxisTable window = kir::make_axis_table(part, arithmetic);
    REQUIRE(window.count() == part.count);
    CHECK(window.shift == whole.shift);
    for (std::int32_t i = 0; i < part.count; ++i) {
      REQUIRE(window.first[i] == whole.first[part.first + i]);
      REQUIRE(row_of(window, i) == row_of(whole, part.first + i));
    }
  });
}

TEST_CASE("tables are symmetric within rounding", "[axis_table]") {
  double worst = 0;
  std::int64_t rows = 0;
  for_each_table([&](const Axis& axis, Arithmetic arithmetic) {
    // A box's or a nearest pixel's ties go to one side.
    if (axis.filter == Filter::nearest || axis.filter == Filter::nearest_exact || axis.filter == Filter::box) return;
    const AxisTable table = kir::make_axis_table(axis, arithmetic);
    for (std::int32_t i = 0; i < table.count(); ++i) {
      const std::int32_t mirrored = table.count() - 1 - i;
      std::vector<double> left(axis.in, 0.0), right(axis.in, 0.0);
      const std::vector<double> a = row_of(table, i), b = row_of(table, mirrored);
      std::copy(a.begin(), a.end(), left.begin() + table.first[i]);
      std::copy(b.begin(), b.end(), right.end() - table.first[mirrored] - table.taps[mirrored]);
      std::reverse(right.end() - table.first[mirrored] - table.taps[mirrored], right.end() - table.first[mirrored]);
      for (std::int32_t x = 0; x < axis.in; ++x) worst = std::max(worst, std::abs(left[x] - right[x]));
      ++rows;
    }
  });
  WARN("largest asymmetry of a weight: " << worst << " in " << rows << " rows");
  // float32 centres near 5000 are rounded by 2.4e-4 of a pixel.
  CHECK(worst <= 1e-3);
}

TEST_CASE("the integer scale is the largest that keeps the weights in 15 bits, at most 22", "[axis_table]") {
  for_each_table([](const Axis& axis, Arithmetic arithmetic) {
    if (arithmetic != Arithmetic::torch_int16) return;
    const AxisTable table = kir::make_axis_table(axis, arithmetic);
    REQUIRE(table.shift >= 1);
    REQUIRE(table.shift <= 22);
    const std::int16_t largest = *std::max_element(table.i16.begin(), table.i16.end());
    REQUIRE(largest > 0);
    // Without antialias the scale also counts partial sums at the edges, so the largest weight may be smaller.
    if (table.shift < 22 && axis.antialias) REQUIRE(largest >= 1 << 13);
  });
}

TEST_CASE("a box shifts the table of its own pixels", "[axis_table]") {
  Axis axis = make_axis(100, 20, Filter::bicubic, true);
  axis.box_begin = 30;
  axis.box_end = 80;
  const AxisTable boxed = kir::make_axis_table(axis, Arithmetic::float32);
  const AxisTable alone = kir::make_axis_table(make_axis(50, 20, Filter::bicubic, true), Arithmetic::float32);
  CHECK(boxed.f32 == alone.f32);
  for (std::int32_t i = 0; i < 20; ++i) CHECK(boxed.first[i] == alone.first[i] + 30);
}

TEST_CASE("a box that begins within a pixel shifts the weights by as much", "[axis_table]") {
  Axis axis = make_axis(100, 50, Filter::bilinear, true);
  axis.box_begin = 10.25;
  axis.box_end = 60.25;
  const AxisTable table = kir::make_axis_table(axis, Arithmetic::float32);
  for (std::int32_t i = 0; i < 50; ++i) {
    CHECK(table.first[i] == 10 + i);
    CHECK(row_of(table, i) == std::vector<double>{0.75, 0.25});
  }
}

TEST_CASE("rows beyond the edge are pixels of the source, and those of any window", "[axis_table]") {
  std::mt19937 random = seeded();
  const auto any = [&](int low, int high) { return pick(random, low, high); };
  double worst = 0;
  for (int repeat = 0; repeat < 600; ++repeat) {
    const Filter filters[] = {Filter::nearest, Filter::bilinear, Filter::bicubic, Filter::lanczos3};
    const Filter filter = filters[any(0, 3)];
    Axis axis = make_axis(any(1, 60), any(1, 90), filter, filter == Filter::lanczos3 || any(0, 1) != 0);
    const Border borders[] = {Border::zero, Border::reflect, Border::symmetric};
    axis.border = borders[repeat % 3];
    axis.box_begin = any(-800, 4 * axis.in) / 4.0;
    axis.box_end = axis.box_begin + any(4, 1000) / 4.0;
    axis.align_corners = !axis.antialias && filter != Filter::nearest && any(0, 1) != 0;
    const AxisTable whole = kir::make_axis_table(axis, Arithmetic::float32);
    Axis part = axis;
    part.first = any(0, axis.out - 1);
    part.count = any(1, axis.out - part.first);
    const AxisTable window = kir::make_axis_table(part, Arithmetic::float32);
    CAPTURE(text_of(axis, Arithmetic::float32), axis.box_begin, axis.box_end, repeat % 3);
    for (std::int32_t i = 0; i < axis.out; ++i) {
      REQUIRE(whole.taps[i] <= whole.stride);
      REQUIRE(whole.first[i] >= 0);
      REQUIRE(whole.first[i] + whole.taps[i] <= axis.in);
      double sum = 0;
      for (const double weight : row_of(whole, i)) sum += weight;
      if (axis.border != Border::zero) worst = std::max(worst, std::abs(sum - 1.0));
      if (i < part.first || i >= part.first + part.count) continue;
      REQUIRE(window.first[i - part.first] == whole.first[i]);
      REQUIRE(row_of(window, i - part.first) == row_of(whole, i));
    }
  }
  WARN("largest |sum - 1| of a mirrored row: " << worst);
  CHECK(worst <= 1e-4);
}

TEST_CASE("axes without a table are refused by field and value", "[axis_table]") {
  const auto refused = [](Axis axis, Arithmetic arithmetic, const std::string& part) {
    const std::string reason = kir::why_no_axis_table(axis, arithmetic);
    CAPTURE(part, reason);
    CHECK(contains(reason, part));
    CHECK_THROWS_AS(kir::make_axis_table(axis, arithmetic), kir::Error);
  };
  Axis axis = make_axis(10, 5, Filter::bilinear, true);
  for (const Border border : {Border::zero, Border::reflect, Border::symmetric}) {
    axis.border = border;
    CHECK(kir::why_no_axis_table(axis, Arithmetic::float32).empty());
    refused(axis, Arithmetic::torch_int16, "border");
  }
  axis.border = Border::clamp;
  refused(axis, Arithmetic::float32, "antialias = false");
  axis = make_axis(10, 5, Filter::bilinear, true);
  axis.align_corners = true;
  refused(axis, Arithmetic::float32, "align_corners");
  axis.antialias = false;
  axis.border = Border::clamp;
  axis.box_begin = 9.25;
  refused(axis, Arithmetic::float32, "less than one pixel");
  refused(make_axis(10, 5, Filter::lanczos3, true), Arithmetic::torch_int16, "lanczos3");
  for (const Arithmetic other : {Arithmetic::cuda_float32, Arithmetic::cv2_int11}) {
    refused(make_axis(10, 5, Filter::bilinear, true), other, kir::name_of(other));
  }
  refused(make_axis(10, 5, Filter::box, false), Arithmetic::float32, "box");
  refused(make_axis(10, 5, Filter::nearest, true), Arithmetic::pillow_int22, "nearest-exact");
  refused(make_axis(10, 5, Filter::bicubic, false), Arithmetic::pillow_int22, "always antialiases");

  const auto invalid = [](Axis bad, const std::string& part) {
    CAPTURE(part);
    const kir::Error error = error_of([&] { kir::make_axis_table(bad, Arithmetic::float32); });
    CHECK(error.code == kir::ErrorCode::invalid_argument);
    CHECK(contains(error.what(), part));
  };
  invalid(make_axis(0, 5, Filter::bilinear, true), "in = 0");
  invalid(make_axis(10, kir::kMaxEdge + 1, Filter::bilinear, true), "out = 1048577");
  axis = make_axis(10, 5, Filter::bilinear, true);
  axis.first = 1;
  invalid(axis, "window [1");
  axis = make_axis(10, 5, Filter::bilinear, true);
  axis.box_end = 11;
  invalid(axis, "box [0");
}
