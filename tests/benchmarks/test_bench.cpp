// Verify, then time: the JSON has what readers rely on, a wrong contender gets no time.
#include "benchmarks/bench.hpp"

#include <chrono>
#include <cmath>
#include <set>
#include <stdexcept>
#include <thread>

#include "benchmarks/cuda/cuda_case.hpp"
#include "kir/error.hpp"
#include "tests/benchmarks/suite_folder.hpp"
#include "tests/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/fake_backend.hpp"
#include "tests/support/forwarding_backend.hpp"
#include "tests/support/idle_backend.hpp"

using namespace kir;
using namespace kir::benchmarks;
using kir::test::contains;
using kir::test::error_of;
using kir::test::FakeBackend;
using kir::test::Fault;
using kir::test::ForwardingBackend;
using kir::test::IdleBackend;
using kir::test::SuiteFolder;
using nlohmann::json;

namespace {

BenchOptions brief(const SuiteFolder& folder) {
  BenchOptions options;
  options.suites_dir = folder.path();
  options.oracle = "right";
  options.settings = parity::load_settings("configs/parity.json");
  options.seed = 4;
  options.min_time_s = 1e-4;
  options.repetitions = 3;
  options.context = {{"torch", "none"}};
  return options;
}

Fault fault(Fault::Kind kind) {
  Fault made;
  made.kind = kind;
  made.delta = 0.01;
  return made;
}

json rows_of(const json& result, const std::string& contender) {
  json rows = json::array();
  for (const json& row : result["benchmarks"]) {
    if (row["contender"] == contender) rows.push_back(row);
  }
  return rows;
}

/// Takes 5 ms more than it should.
class SlowBackend final : public ForwardingBackend {
 public:
  using ForwardingBackend::ForwardingBackend;
  void run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
           Workspace workspace, const RunContext& context) const override {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ForwardingBackend::run(plan, images, outputs, workspace, context);
  }
};

}  // namespace

TEST_CASE("the JSON carries environment, identity and ratios", "[benchmarks]") {
  const SuiteFolder folder;
  FakeBackend right("right"), inner("slow");
  SlowBackend slow(inner);
  const std::pair<std::string, Backend*> backends[] = {{"slow", &slow}, {"right", &right}};
  std::int64_t steps = 0, total = 0;
  const json result = run_bench(brief(folder), backends, [&](std::string_view, std::int64_t done, std::int64_t all) {
    CHECK(done == ++steps);
    total = all;
  });
  CHECK(steps == total);
  CHECK(total == 10);  // 2 backends x 2 numerics + copy: verified and timed
  CHECK(result["not_run"].empty());

  const json& context = result["context"];
  for (const char* key : {"date", "host_name", "num_cpus", "library_build_type", "cpu", "compiler", "build", "seed",
                          "photos", "oracle", "workers", "min_time_s", "repetitions", "torch"}) {
    CHECK(context.contains(key));
  }
  std::set<std::string> contenders;
  for (const json& row : result["benchmarks"]) {
    contenders.insert(row["contender"].get<std::string>());
    CHECK(row["suite"] == "small");
    CHECK(row["case"] == "two");
    CHECK(row["workers"] == 1);
    CHECK(row["images"] == 2);
    CHECK(row["bytes"].get<double>() >= 2 * 3 * (20 * 20 + 16 * 16 * 4));
    for (const char* key :
         {"backend", "numerics", "real_time", "time_unit", "ratio_to_slow_float", "ratio_to_right_float",
          "ratio_to_slow_torch_cpu", "ratio_to_right_torch_cpu", "ratio_to_copy"}) {
      CHECK(row.contains(key));
    }
  }
  CHECK(contenders == std::set<std::string>{"copy", "right_float", "right_torch_cpu", "slow_float", "slow_torch_cpu"});

  const json slow_rows = rows_of(result, "slow_float");
  CHECK(slow_rows.size() == 3 + 4);  // repetitions, and mean, median, stddev, cv
  CHECK(slow_rows[0]["backend"] == "slow");
  CHECK(slow_rows[0]["numerics"] == "float32");
  CHECK(slow_rows[0]["verified_against"] == "right");
  CHECK(slow_rows[0]["max_abs"] == 0);
  CHECK(slow_rows[0]["bound"].get<double>() > 0);
  CHECK(slow_rows[0]["ratio_to_slow_float"] == 1.0);
  CHECK(rows_of(result, "slow_torch_cpu")[0]["numerics"] == "torch_cpu");

  const double ratio = slow_rows[0]["ratio_to_right_float"];
  CHECK(ratio > 1);  // a planted slowdown shows
  const double own = median_seconds(result, "small", "two", "slow_float");
  CHECK(own >= 5e-3);
  CHECK(std::abs(ratio - own / median_seconds(result, "small", "two", "right_float")) < 1e-9 * ratio);
  CHECK(std::abs(slow_rows[0]["us"].get<double>() - own * 1e6) < 1e-9 * own * 1e6);
  CHECK_FALSE(slow_rows[0].contains("ratio_to_libtorch"));  // it was not in this run
  CHECK(std::isnan(median_seconds(result, "small", "two", "nobody")));
}

TEST_CASE("ratio_to_libtorch is to libtorch of the same numerics, in all rows", "[benchmarks]") {
  const SuiteFolder folder;
  FakeBackend fast("fast"), libtorch("libtorch");
  const std::pair<std::string, Backend*> backends[] = {{"fast", &fast}, {"libtorch", &libtorch}};
  BenchOptions options = brief(folder);
  options.oracle = "libtorch";
  const json result = run_bench(options, backends);
  const std::pair<const char*, const char*> beside[] = {{"fast_float", "libtorch_float"},
                                                        {"fast_torch_cpu", "libtorch_uint8"},
                                                        {"libtorch_float", "libtorch_float"},
                                                        {"libtorch_uint8", "libtorch_uint8"}};
  for (const auto& [contender, other] : beside) {
    const json row = rows_of(result, contender)[0];
    CHECK(row["ratio_to_libtorch"] == row[std::string("ratio_to_") + other]);
  }
  CHECK(rows_of(result, "copy")[0]["ratio_to_libtorch"] == rows_of(result, "copy")[0]["ratio_to_libtorch_float"]);
}

TEST_CASE("a plan that the oracle does not support is verified against the next who does", "[benchmarks]") {
  const SuiteFolder folder;
  FakeBackend right("right"), refuses("choosy", fault(Fault::Kind::refuses)), wrong("wrong", fault(Fault::Kind::value));
  const std::pair<std::string, Backend*> backends[] = {{"wrong", &wrong}};
  BenchOptions options = brief(folder);
  options.oracle = "choosy";
  options.verifiers = {{"choosy", &refuses}, {"right", &right}};
  const json result = run_bench(options, backends);
  CHECK(rows_of(result, "wrong_float")[0]["verified_against"] == "right");
  CHECK(contains(rows_of(result, "wrong_float")[0]["error_message"].get<std::string>(), "wrong: pixel_values"));
  CHECK(rows_of(result, "right_float").empty());  // it is not timed
}

TEST_CASE("a case that is for other backends is named, and has no row", "[benchmarks]") {
  const SuiteFolder folder([](json& suite) {
    json device = suite["cases"][0];
    device["name"] = "device";
    device["runs_on"] = {"cuda"};
    suite["cases"].push_back(device);
  });
  FakeBackend right("right");
  const std::pair<std::string, Backend*> backends[] = {{"right", &right}};
  const json result = run_bench(brief(folder), backends);
  REQUIRE(result["not_run"].size() == 1);
  CHECK(result["not_run"][0]["contender"] == "small/device");
  CHECK(result["not_run"][0]["reason"] == "for CUDA backends");
  for (const json& row : result["benchmarks"]) CHECK(row["case"] == "two");
}

TEST_CASE("a case has numerics of its own", "[benchmarks]") {
  const SuiteFolder folder([](json& suite) { suite["cases"][0]["numerics"] = {"torch_cpu"}; });
  FakeBackend right("right");
  const std::pair<std::string, Backend*> backends[] = {{"right", &right}};
  const json result = run_bench(brief(folder), backends);
  CHECK(rows_of(result, "right_float").empty());
  CHECK_FALSE(rows_of(result, "right_torch_cpu").empty());
}

namespace {

/// Says that it works on a device; none of its calls may be made on a machine without one.
class DeviceBackend final : public IdleBackend {
 public:
  std::string_view name() const override { return "device"; }
  MemorySpace memory() const override { return MemorySpace::cuda; }
  void run(const Plan&, std::span<const ImageView>, std::span<const OutputView>, Workspace,
           const RunContext&) const override {
    throw std::logic_error("run on no device");
  }
};

}  // namespace

TEST_CASE("without a device its backends are named with the reason, and nothing is timed", "[benchmarks]") {
  if (cuda_not_run().empty()) return;  // tests/benchmarks/test_cuda_case.cpp times on it
  const SuiteFolder folder;
  FakeBackend right("right");
  DeviceBackend device;
  const std::pair<std::string, Backend*> backends[] = {{"device", &device}};
  BenchOptions options = brief(folder);
  options.verifiers = {{"right", &right}};
  const json result = run_bench(options, backends);
  CHECK(result["benchmarks"].empty());
  REQUIRE(result["not_run"].size() == 1);
  CHECK(result["not_run"][0]["contender"] == "device");
  CHECK(result["not_run"][0]["reason"] == cuda_not_run());
}

TEST_CASE("backends of two memories do not meet in one run", "[benchmarks]") {
  const SuiteFolder folder;
  FakeBackend right("right");
  DeviceBackend device;
  const std::pair<std::string, Backend*> backends[] = {{"right", &right}, {"device", &device}};
  const Error error = error_of([&] { run_bench(brief(folder), backends); });
  CHECK(contains(error.what(), "backend: device works in other memory than right"));
}

TEST_CASE("a wrong contender gets no time", "[benchmarks]") {
  const auto kind = GENERATE(Fault::Kind::wrong_weight, Fault::Kind::past, Fault::Kind::throws, Fault::Kind::refuses);
  const SuiteFolder folder;
  FakeBackend right("right"), wrong("wrong", fault(kind));
  const std::pair<std::string, Backend*> backends[] = {{"wrong", &wrong}, {"right", &right}};
  const json result = run_bench(brief(folder), backends);
  const json rows = rows_of(result, "wrong_float");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0]["error_occurred"] == true);
  CHECK_FALSE(rows[0]["error_message"].get<std::string>().empty());
  for (const char* key : {"real_time", "cpu_time", "ratio_to_copy", "ratio_to_wrong_float"}) {
    CHECK_FALSE(rows[0].contains(key));
  }
  for (const json& row : rows_of(result, "right_float")) CHECK_FALSE(row.contains("ratio_to_wrong_float"));
  CHECK(std::isnan(median_seconds(result, "small", "two", "wrong_float")));
}

TEST_CASE("planning is timed in microseconds, as a row of its own", "[benchmarks]") {
  const SuiteFolder folder([](json& suite) { suite["measures"] = "plan"; });
  FakeBackend right("right");
  const std::pair<std::string, Backend*> backends[] = {{"right", &right}};
  const json result = run_bench(brief(folder), backends);
  const json rows = rows_of(result, "plan_float");
  REQUIRE(rows.size() == 7);
  CHECK(rows[0]["time_unit"] == "us");
  CHECK(rows[0]["backend"] == "plan");
  CHECK(rows_of(result, "copy").empty());
}

TEST_CASE("two runs in one process do not disturb each other", "[benchmarks]") {
  const SuiteFolder folder;
  FakeBackend right("right");
  const std::pair<std::string, Backend*> backends[] = {{"right", &right}};
  const json first = run_bench(brief(folder), backends), second = run_bench(brief(folder), backends);
  CHECK(first["benchmarks"].size() == second["benchmarks"].size());
}

TEST_CASE("bad options of a run are refused by name", "[benchmarks]") {
  const SuiteFolder folder;
  FakeBackend right("right");
  const std::pair<std::string, Backend*> backends[] = {{"right", &right}};
  const auto message_of = [&](auto change) -> std::string {
    BenchOptions options = brief(folder);
    change(options);
    return error_of([&] { run_bench(options, backends); }).what();
  };
  CHECK(contains(message_of([](BenchOptions& o) { o.min_time_s = 0; }), "min_time: is 0"));
  CHECK(contains(message_of([](BenchOptions& o) { o.min_time_s = std::nan(""); }), "min_time"));
  CHECK(contains(message_of([](BenchOptions& o) { o.repetitions = 1; }), "repetitions: is 1"));
  CHECK(contains(message_of([](BenchOptions& o) { o.oracle = "left"; }), "oracle: \"left\""));
  CHECK(contains(message_of([](BenchOptions& o) { o.suites = {"big"}; }), "\"big\" is none of small"));
}
