// Tables are shared while they are remembered, and forgotten when there are too many.
#include "kernels/cpu/axis_table_cache.hpp"

#include <thread>
#include <vector>

#include "tests/catch.hpp"
#include "tests/support/axis.hpp"

using kir::Arithmetic;
using kir::cpu::AxisTableCache;
using kir::test::make_axis;

TEST_CASE("the same key gives the same table, any other field another", "[cache]") {
  AxisTableCache cache(1 << 20);
  const kir::Axis axis = make_axis(100, 50);
  const auto table = cache.get(axis, Arithmetic::float32);
  CHECK(cache.get(axis, Arithmetic::float32) == table);
  CHECK(cache.get(axis, Arithmetic::torch_int16) != table);
  kir::Axis window = axis;
  window.first = 1;
  window.count = 49;
  CHECK(cache.get(window, Arithmetic::float32) != table);
  CHECK(cache.get(make_axis(100, 50, kir::Filter::bilinear), Arithmetic::float32) != table);
  CHECK(cache.get(make_axis(100, 50, kir::Filter::bicubic, false), Arithmetic::float32) != table);
}

TEST_CASE("the table used longest ago goes first; a held table lives on", "[cache]") {
  const std::size_t one = kir::make_axis_table(make_axis(100, 50), Arithmetic::float32).bytes();
  AxisTableCache cache(2 * one + one / 2);
  const auto a = cache.get(make_axis(100, 50), Arithmetic::float32);
  const auto b = cache.get(make_axis(101, 50), Arithmetic::float32);
  cache.get(make_axis(100, 50), Arithmetic::float32);  // now b is the older one
  cache.get(make_axis(102, 50), Arithmetic::float32);
  CHECK(cache.bytes() <= 2 * one + one / 2);
  CHECK(cache.get(make_axis(100, 50), Arithmetic::float32) == a);
  CHECK(cache.get(make_axis(101, 50), Arithmetic::float32) != b);
  CHECK(b->count() == 50);
}

TEST_CASE("a table larger than the cache is made and not kept", "[cache]") {
  AxisTableCache cache(1000);
  CHECK(cache.get(make_axis(1000, 500), Arithmetic::float32)->count() == 500);
  CHECK(cache.bytes() == 0);
}

TEST_CASE("threads may ask at once", "[cache]") {
  AxisTableCache cache(20000);
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) {
        const std::int32_t in = 20 + (i * 7 + t) % 30;
        const auto table = cache.get(make_axis(in, 30), Arithmetic::float32);
        if (table->count() != 30 || table->first.back() + table->taps.back() != in) ++wrong[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4, 0));
  CHECK(cache.bytes() <= 20000);
}
