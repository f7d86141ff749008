// Verify, then time: the JSON has what readers rely on, a wrong contender gets no time.
#include "benchmarks/bench.hpp"

#include <chrono>
#include <cmath>
#include <set>
#include <thread>

#include "kir/error.hpp"
#include "tests/benchmarks/suite_folder.hpp"
#include "tests/catch.hpp"
#include "tests/contains.hpp"
#include "tests/parity/fake_backend.hpp"

using namespace kir;
using namespace kir::benchmarks;
using kir::test::contains;
using kir::test::FakeBackend;
using kir::test::Fault;
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
class SlowBackend final : public Backend {
 public:
  std::string_view name() const override { return "slow"; }
  Support supports(const Plan& plan) const override { return inner_.supports(plan); }
  std::size_t workspace_bytes(const Plan& p, const RunContext& c) const override {
    return inner_.workspace_bytes(p, c);
  }
  std::vector<ProbeResult> measure(std::span<const Probe> probes, std::span<const ImageView> images,
                                   const RunContext& context) const override {
    return inner_.measure(probes, images, context);
  }
  void run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
           Workspace workspace, const RunContext& context) const override {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    inner_.run(plan, images, outputs, workspace, context);
  }

 private:
  FakeBackend inner_{"slow"};
};

}  // namespace

TEST_CASE("the JSON carries environment, identity and ratios", "[benchmarks]") {
  const SuiteFolder folder;
  FakeBackend right("right");
  SlowBackend slow;
  const std::pair<std::string, Backend*> backends[] = {{"slow", &slow}, {"right", &right}};
  std::int64_t steps = 0, total = 0;
  const json result = run_bench(brief(folder), backends, [&](std::string_view, std::int64_t done, std::int64_t all) {
    CHECK(done == ++steps);
    total = all;
  });
  CHECK(steps == total);
  const bool gpu = result["not_run"].empty();
  CHECK(total == (gpu ? 12 : 10));  // 2 backends x 2 numerics + copy, and on a GPU cuda_copy: verified and timed

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
    for (const char* key : {"backend", "numerics", "real_time", "time_unit", "ratio_to_slow_float",
                            "ratio_to_right_float", "ratio_to_slow_uint8", "ratio_to_right_uint8", "ratio_to_copy"}) {
      CHECK(row.contains(key));
    }
  }
  std::set<std::string> expected{"copy", "right_float", "right_uint8", "slow_float", "slow_uint8"};
  if (gpu) {
    expected.insert("cuda_copy");
  } else {
    CHECK(result["not_run"][0]["contender"] == "cuda_copy");
    CHECK_FALSE(result["not_run"][0]["reason"].get<std::string>().empty());
  }
  CHECK(contenders == expected);

  const json slow_rows = rows_of(result, "slow_float");
  CHECK(slow_rows.size() == 3 + 4);  // repetitions, and mean, median, stddev, cv
  CHECK(slow_rows[0]["backend"] == "slow");
  CHECK(slow_rows[0]["numerics"] == "float32");
  CHECK(slow_rows[0]["verified_against"] == "right");
  CHECK(slow_rows[0]["max_abs"] == 0);
  CHECK(slow_rows[0]["bound"].get<double>() > 0);
  CHECK(slow_rows[0]["ratio_to_slow_float"] == 1.0);
  CHECK(rows_of(result, "slow_uint8")[0]["numerics"] == "torch_cpu");

  const double ratio = slow_rows[0]["ratio_to_right_float"];
  CHECK(ratio > 1);  // a planted slowdown shows
  const double own = median_seconds(result, "small", "two", "slow_float");
  CHECK(own >= 5e-3);
  CHECK(std::abs(ratio - own / median_seconds(result, "small", "two", "right_float")) < 1e-9 * ratio);
  CHECK(std::isnan(median_seconds(result, "small", "two", "nobody")));
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
    try {
      run_bench(options, backends);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  CHECK(contains(message_of([](BenchOptions& o) { o.min_time_s = 0; }), "min_time: is 0"));
  CHECK(contains(message_of([](BenchOptions& o) { o.min_time_s = std::nan(""); }), "min_time"));
  CHECK(contains(message_of([](BenchOptions& o) { o.repetitions = 1; }), "repetitions: is 1"));
  CHECK(contains(message_of([](BenchOptions& o) { o.oracle = "left"; }), "oracle: \"left\""));
  CHECK(contains(message_of([](BenchOptions& o) { o.suites = {"big"}; }), "\"big\" is none of small"));
}
