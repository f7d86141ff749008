// Fills of every type, with ramps, through any layout.
#include <memory>

#include "kir/cpu.hpp"
#include "tests/catch.hpp"
#include "tests/support/naive.hpp"
#include "tests/support/poisoned_run.hpp"
#include "tests/support/seed.hpp"

using namespace kir;
using namespace kir::test;

TEST_CASE("fills of every type with ramps", "[fills]") {
  std::mt19937 random = seeded();
  const std::unique_ptr<Backend> backend = make_cpu_backend();
  for (const Type type : {Type::u8, Type::boolean, Type::i32, Type::i64, Type::f16, Type::bf16, Type::f32}) {
    for (const bool interleaved : {false, true}) {
      const std::int32_t h = pick(random, 1, 40), w = pick(random, 1, 40), channels = pick(random, 1, 4);
      Plan plan;
      plan.outputs = {{"out", type, {channels, h, w}, {}, {}}};
      Target to;
      to.layout =
          interleaved ? Layout{0, 1, {0, 0, std::int64_t{w} * channels}, {0, 0, channels}, 1, 0} : chw_layout(0, h, w);
      const std::int32_t split = pick(random, 0, w);
      Fill left{to, 0, 0, h, split, channels, {0, 1, 2, 3}, 0, 0};
      Fill right{to, 0, split, h, w, channels, {5, 4, 3, 2}, 2, 1};
      if (type == Type::f32) left.value[0] = -1.25;
      plan.levels.push_back({{}, {left, right}});
      CAPTURE(name_of(type), interleaved, channels, h, w, split);
      CHECK(compare_with_naive(*backend, plan, {}, 0.0) == 0.0);
    }
  }
}

TEST_CASE("an int64 fill keeps whole numbers that float32 could not", "[fills]") {
  const std::unique_ptr<Backend> backend = make_cpu_backend();
  Plan plan;
  plan.outputs = {{"out", Type::i64, {1, 1, 3}, {}, {}}};
  Fill fill{{Target::Kind::output, 0, chw_layout(0, 1, 3)}, 0, 0, 1, 3, 1, {double(1 << 25)}, 0, 1};
  plan.levels.push_back({{}, {fill}});
  const auto outputs = run_poisoned(*backend, plan, {});
  for (int i = 0; i < 3; ++i) CHECK(element(outputs[0].data(), Type::i64, i) == (1 << 25) + i);
}
