// Speed in the gate: a slowdown fails, and a wrong result has no speed. What is accepted here is far from what is
// measured, on both sides, so that a busy machine decides nothing.
#include <iostream>
#include <memory>
#include <string>

#include "gate/speed.hpp"
#include "kir/cpu.hpp"
#include "reference/libtorch_backend.hpp"
#include "tests/catch.hpp"
#include "tests/gate/expect.hpp"
#include "tests/gate/planted.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/temporary_folder.hpp"

namespace kir::test {
namespace {

constexpr const char* kSuite = R"({
  "about": "small", "measures": "run", "numerics": ["float32"],
  "processor": {"image_processor_type": "SiglipImageProcessor", "do_resize": true, "size": {"height": 64, "width": 64},
                "resample": 3, "do_rescale": true, "rescale_factor": 0.00392156862745098,
                "do_normalize": true, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]},
  "cases": [{"name": "two", "images": 2, "height": [150, 200], "width": [150, 200], "memory": "chw"}]})";

/// The check of cpu against libtorch.
gate::Check check(Plant plant, double accepted) {
  const TemporaryFolder folder;
  folder.write("small.json", kSuite);
  gate::Settings settings;
  settings.speed_repetitions = 3;
  settings.speed_min_time_s = 0.01;
  settings.speed = {{"small",
                     "two",
                     "cpu_float",
                     "libtorch_float",
                     {gate::Bound::Side::at_most, accepted, "ratio of times", "test"}}};
  benchmarks::BenchOptions options;
  options.suites_dir = folder.path();
  options.settings = parity::load_settings("configs/parity.json");

  const std::unique_ptr<Backend> cpu = make_cpu_backend(), libtorch = make_libtorch_backend();
  set_libtorch_threads(1);
  PlantedBackend planted(*cpu, plant);
  const auto checks = gate::check_speed(settings, options, [&](const std::string& name) -> Backend& {
    return name == "cpu" ? static_cast<Backend&>(planted) : *libtorch;
  });
  REQUIRE(checks.size() == 1);
  std::cout << gate::table_of(checks) << "\n";  // shown on pass too
  return checks[0];
}

TEST_CASE("a slowdown fails where the untouched backend passes") {
  const gate::Check untouched = check(Plant::nothing, kSlowdown);
  CHECK(untouched.verdict == gate::Verdict::pass);
  const gate::Check slow = check(Plant::slowdown, untouched.measured * kSlowdown / 10);
  CHECK(slow.is_measured);
  CHECK(slow.verdict == gate::Verdict::fail);
  CHECK(contains(slow.note, "medians of this run"));
}

TEST_CASE("a wrong result has no time, which fails") {
  const gate::Check wrong = check(Plant::wrong_weight, kSlowdown);
  CHECK(wrong.verdict == gate::Verdict::fail);
  CHECK(contains(wrong.note, "cpu_float: wrong"));
}

}  // namespace
}  // namespace kir::test
