// The weights that device code makes are the host's, to the bit: windows, taps, float32 weights, torch_int16 weights
// and their shift. Hamming and lanczos3 have another library's sine: bounded, and printed.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "kernels/cuda/axis_weights.cuh"
#include "kernels/cuda/column_walk.cuh"
#include "tests/catch.hpp"
#include "tests/cuda/on_device.hpp"
#include "tests/support/axis.hpp"
#include "tests/support/seed.hpp"
#include "weights/axis_table.hpp"

using namespace kir;
using namespace kir::test;

namespace {

/// One warp a row; weights has `stride` elements a row, of float or std::int16_t.
template <class Real, class Weight>
__global__ void rows_kernel(cuda::AxisDesc axis, int stride, int* first, int* taps, int* shift, Weight* weights) {
  const int i = static_cast<int>(blockIdx.x), lane = static_cast<int>(threadIdx.x);
  const cuda::AxisRow<Real> row = cuda::axis_row<Real>(axis, i);
  const cuda::AxisSpan span = cuda::axis_span<Real>(axis, i);
  int axis_shift = 0;
  if constexpr (std::is_same_v<Weight, std::int16_t>) axis_shift = cuda::shift_of_axis(axis);
  if (lane == 0) {
    first[i] = span.first == row.first ? row.first : -1;
    taps[i] = span.taps == row.taps ? row.taps : -1;
    *shift = axis_shift;
  }
  for (int k = lane; k < min(row.taps, stride); k += 32) {
    if constexpr (std::is_same_v<Weight, std::int16_t>) {
      weights[i * stride + k] = cuda::quantised(row.weight(k), axis_shift);
    } else {
      weights[i * stride + k] = row.weight(k);
    }
  }
}

template <class T>
std::vector<T> values_of(const DeviceBytes& memory) {
  const std::vector<std::byte> bytes = memory.to_host();
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// Checks windows and taps, and returns the largest difference of a weight in units of the table.
template <class Real, class Weight>
double largest_difference(const Axis& axis, const AxisTable& table, const std::vector<Weight>& expected) {
  const cuda::AxisDesc desc = cuda::axis_desc(axis, true, table.arithmetic);
  CHECK(cuda::max_taps_of(desc) == table.stride);
  const auto count = static_cast<std::size_t>(axis.count);
  const DeviceBytes first(count * 4), taps(count * 4), shift(4);
  const std::vector<Weight> zeros(expected.size());  // what is beyond a row's taps, in the host's table too
  const DeviceBytes weights(zeros.data(), zeros.size() * sizeof(Weight));
  rows_kernel<Real><<<static_cast<unsigned>(axis.count), 32>>>(
      desc, table.stride, reinterpret_cast<int*>(first.data()), reinterpret_cast<int*>(taps.data()),
      reinterpret_cast<int*>(shift.data()), reinterpret_cast<Weight*>(weights.data()));
  cuda::check(cudaGetLastError(), "rows_kernel");
  CHECK(values_of<std::int32_t>(first) == table.first);
  CHECK(values_of<std::int32_t>(taps) == table.taps);
  CHECK(values_of<int>(shift)[0] == table.shift);
  const std::vector<Weight> got = values_of<Weight>(weights);
  double largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double difference = std::abs(static_cast<double>(got[i]) - static_cast<double>(expected[i]));
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

Axis random_axis(std::mt19937& random, Filter filter, bool antialias) {
  constexpr int kEdges[] = {1, 2, 3, 4, 5, 31, 32, 33, 384, 4000};
  const auto size = [&] { return pick(random, 0, 3) == 0 ? kEdges[pick(random, 0, 9)] : pick(random, 1, 1100); };
  Axis axis = make_axis(size(), size(), filter, antialias);
  if (pick(random, 0, 2) == 0) {  // a box
    const std::int32_t begin = pick(random, 0, axis.in - 1);
    axis.box_begin = begin;
    axis.box_end = pick(random, begin + 1, axis.in);
  }
  if (pick(random, 0, 1) == 0) {  // a window
    axis.first = pick(random, 0, axis.out - 1);
    axis.count = pick(random, 1, axis.out - axis.first);
  }
  if (!antialias && (filter == Filter::bilinear || filter == Filter::bicubic)) axis.align_corners = pick(random, 0, 1);
  return axis;
}

std::string text_of(const Axis& axis) {
  return std::string(name_of(axis.filter)) + (axis.antialias ? " " : " without antialias ") +
         std::to_string(axis.box_begin) + ".." + std::to_string(axis.box_end) + " of " + std::to_string(axis.in) +
         " -> " + std::to_string(axis.out) + " window " + std::to_string(axis.first) + "+" +
         std::to_string(axis.count) + (axis.align_corners ? " align_corners" : "");
}

struct Kind {
  Filter filter;
  bool antialias;
};

}  // namespace

TEST_CASE("float32 weights of the device are the host's, to the bit", "[axis]") {
  std::mt19937 random = seeded();
  int axes = 0;
  for (const Kind kind : {Kind{Filter::nearest, true}, Kind{Filter::nearest_exact, true}, Kind{Filter::box, true},
                          Kind{Filter::bilinear, true}, Kind{Filter::bicubic, true}, Kind{Filter::bilinear, false},
                          Kind{Filter::bicubic, false}}) {
    for (int repeat = 0; repeat < 60; ++repeat) {
      const Axis axis = random_axis(random, kind.filter, kind.antialias);
      CAPTURE(text_of(axis));
      const AxisTable table = make_axis_table(axis, Arithmetic::float32);
      CHECK(largest_difference<float>(axis, table, table.f32) == 0.0);
      ++axes;
    }
  }
  WARN(axes << " axes, equal bits");
}

TEST_CASE("torch_int16 weights and shifts of the device are the host's", "[axis]") {
  std::mt19937 random = seeded();
  int axes = 0;
  for (const Kind kind : {Kind{Filter::nearest, true}, Kind{Filter::bilinear, true}, Kind{Filter::bicubic, true},
                          Kind{Filter::bilinear, false}, Kind{Filter::bicubic, false}}) {
    for (int repeat = 0; repeat < 60; ++repeat) {
      const Axis axis = random_axis(random, kind.filter, kind.antialias);
      CAPTURE(text_of(axis));
      const AxisTable table = make_axis_table(axis, Arithmetic::torch_int16);
      CHECK(largest_difference<double>(axis, table, table.i16) == 0.0);
      ++axes;
    }
  }
  WARN(axes << " axes, equal");
}

TEST_CASE("hamming and lanczos3 weights of the device are near the host's", "[axis]") {
  // Values of at most 1 in float32: the two sines may round to neighbours (2^-24), the total follows, the division
  // rounds once more.
  constexpr double kBound = 4 * 0x1p-24;
  std::mt19937 random = seeded();
  for (const Filter filter : {Filter::hamming, Filter::lanczos3}) {
    double largest = 0;
    for (int repeat = 0; repeat < 60; ++repeat) {
      const Axis axis = random_axis(random, filter, true);
      CAPTURE(text_of(axis));
      const AxisTable table = make_axis_table(axis, Arithmetic::float32);
      const double difference = largest_difference<float>(axis, table, table.f32);
      CHECK(difference <= kBound);
      largest = std::max(largest, difference);
    }
    WARN(name_of(filter) << ": largest difference of a weight " << largest << " of " << kBound);
  }
}
