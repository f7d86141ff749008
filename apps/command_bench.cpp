// kir bench: how long backends take, beside libtorch and a plain copy, in one run.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/backends.hpp"
#include "apps/commands.hpp"
#include "apps/config_dir.hpp"
#include "apps/json_file.hpp"
#include "apps/photos.hpp"
#include "apps/progress.hpp"
#include "apps/thread_executor.hpp"
#include "benchmarks/bench.hpp"
#include "kir/error.hpp"
#include "parity/random.hpp"
#include "reference/libtorch_backend.hpp"

namespace kir::apps {

namespace {

constexpr const char* kOracle = "libtorch";

struct Options {
  std::string suite = "all", json;
  std::vector<std::string> backends = {"cpu"}, photos;
  std::optional<std::int64_t> seed;
  std::optional<int> threads;
  double min_time_s = 0.2;
  int repetitions = 7;
};

double spread(const nlohmann::json& rows, const nlohmann::json& median) {
  for (const nlohmann::json& row : rows) {
    if (row["run_name"] == median["run_name"] && row.value("aggregate_name", "") == "cv") return row["real_time"];
  }
  return std::nan("");
}

// Where a device was timed: what the median, its time a call in a train, does not say.
void print_device_times(const nlohmann::json& row) {
  if (!row.contains("isolated_us")) return;
  std::printf("; isolated %.4g, host %.4g, wall %.4g us a call%s", row["isolated_us"].get<double>(),
              row["host_us"].get<double>(), row["wall_us"].get<double>(),
              row["host_limited"].get<bool>() ? ", HOST LIMITED" : "");
}

// One line a contender: its median, spread, and ratios to the others.
void print_table(const nlohmann::json& result) {
  const nlohmann::json& rows = result["benchmarks"];
  std::printf("%-24s %-22s %14s %8s   %s\n", "suite/case", "contender", "median", "spread", "time relative to");
  for (const nlohmann::json& row : rows) {
    const std::string place = row["suite"].get<std::string>() + "/" + row["case"].get<std::string>();
    const std::string contender = row["contender"];
    if (row.value("error_occurred", false)) {
      std::printf("%-24s %-22s no time: %s\n", place.c_str(), contender.c_str(),
                  row["error_message"].get<std::string>().c_str());
      continue;
    }
    if (row.value("aggregate_name", "") != "median") continue;
    std::printf("%-24s %-22s %11.4g %s %7.1f%%  ", place.c_str(), contender.c_str(), row["real_time"].get<double>(),
                row["time_unit"].get<std::string>().c_str(), 100 * spread(rows, row));
    const std::string prefix = "ratio_to_";
    for (const auto& [key, value] : row.items()) {
      if (key.rfind(prefix, 0) != 0 || key == prefix + contender || key == prefix + "libtorch") continue;
      std::printf(" %s %.3g", key.substr(prefix.size()).c_str(), value.get<double>());
    }
    print_device_times(row);
    std::printf("\n");
  }
}

bool has_errors(const nlohmann::json& result) {
  for (const nlohmann::json& row : result["benchmarks"]) {
    if (row.value("error_occurred", false)) return true;
  }
  return false;
}

// The backends of a run. One that this machine lacks the device for is named in `not_run`.
class Contestants {
 public:
  explicit Contestants(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if (Backend* backend = make(name)) timed.emplace_back(name, backend);
    }
    if (timed.empty()) return;
    is_cuda = timed[0].second->memory() == MemorySpace::cuda;
    // libtorch is timed in the same memory; on a device the CPU's libtorch verifies, and where it does not know the
    // filter the reference does.
    const char* const baseline = is_cuda ? "libtorch-cuda" : kOracle;
    if (std::find(names.begin(), names.end(), baseline) == names.end()) {
      if (Backend* backend = make(baseline)) timed.emplace_back(baseline, backend);
    }
    for (const char* name : {kOracle, "reference"}) {
      if (is_cuda) verifiers.emplace_back(name, make(name));
    }
  }

  std::vector<std::pair<std::string, Backend*>> timed, verifiers;
  nlohmann::json not_run = nlohmann::json::array();
  bool is_cuda = false;

 private:
  Backend* make(const std::string& name) {
    try {
      owned_.push_back(make_backend(name));
      return owned_.back().get();
    } catch (const Error& error) {
      if (error.code != ErrorCode::unsupported) throw;
      not_run.push_back({{"contender", name}, {"reason", error.message}});
      return nullptr;
    }
  }

  std::vector<std::unique_ptr<Backend>> owned_;
};

nlohmann::json time_all(const Options& options, const Contestants& contestants, std::span<const parity::Image> photos,
                        std::uint64_t seed, Executor& executor) {
  benchmarks::BenchOptions asked;
  asked.suites_dir = config_dir() + "/suites";
  if (options.suite != "all") asked.suites = {options.suite};
  asked.oracle = kOracle;
  asked.verifiers = contestants.verifiers;
  asked.settings = parity::load_settings(config_dir() + "/parity.json");
  asked.seed = seed;
  asked.photos = photos;
  asked.min_time_s = options.min_time_s;
  asked.repetitions = options.repetitions;
  asked.executor = &executor;
  asked.context = {{"torch", libtorch_build()}};

  std::optional<Progress> progress;
  return benchmarks::run_bench(asked, contestants.timed, [&](std::string_view what, std::int64_t, std::int64_t total) {
    if (!progress) progress.emplace("kir bench", total);
    progress->advance(what);
  });
}

int run(const Options& options) {
  check_json_path(options.json);
  const Contestants contestants(options.backends);
  const std::vector<parity::Image> photos = load_photos(options.photos);
  const std::uint64_t seed = options.seed ? static_cast<std::uint64_t>(*options.seed) : parity::fresh_seed();
  ThreadExecutor executor(options.threads.value_or(contestants.is_cuda ? 0 : 1));
  set_libtorch_threads(executor.workers());

  nlohmann::json result = {{"context", nlohmann::json::object()}, {"benchmarks", nlohmann::json::array()}};
  result["not_run"] = nlohmann::json::array();
  if (!contestants.timed.empty()) result = time_all(options, contestants, photos, seed, executor);
  for (const nlohmann::json& one : contestants.not_run) result["not_run"].push_back(one);

  const bool is_empty = result["benchmarks"].empty();
  if (!is_stdout(options.json)) {
    if (!is_empty) print_table(result);
    for (const nlohmann::json& one : result["not_run"]) {
      std::printf("%s not run: %s\n", one["contender"].get<std::string>().c_str(),
                  one["reason"].get<std::string>().c_str());
    }
    if (is_empty) std::printf("Nothing was timed: that is no result.\n");
    std::printf("\n%d thread(s), seed %llu, images: %s\n", executor.workers(), static_cast<unsigned long long>(seed),
                photos.empty() ? "synthetic" : (std::to_string(photos.size()) + " photographs").c_str());
  }
  write_json(options.json, result);
  return is_empty || has_errors(result) ? 1 : 0;
}

}  // namespace

void add_bench_command(CLI::App& app, Action& chosen) {
  CLI::App* command = app.add_subcommand("bench", "How long backends take, beside libtorch and a plain copy");
  auto options = std::make_shared<Options>();
  command->add_option("--suite", options->suite, "A suite of configs/suites, one case of it (SUITE_CASE), or all")
      ->capture_default_str();
  command->add_option("--backend", options->backends, "The backends that are timed: on the host, or CUDA ones")
      ->type_name("NAME")
      ->capture_default_str();
  command
      ->add_option("--threads", options->threads,
                   "Threads of every backend on the host; 0 = every core (default: 1, and for CUDA backends every core "
                   "for what verifies them)")
      ->check(CLI::Range(0, 4096));
  command->add_option("--min-time", options->min_time_s, "Seconds of one repetition, at least")->capture_default_str();
  command->add_option("--repetitions", options->repetitions, "Repetitions, whose median counts")->capture_default_str();
  command->add_option("--seed", options->seed, "Repeat the workload of a printed seed (default: a fresh one)")
      ->check(CLI::Range(std::int64_t{0}, std::numeric_limits<std::int64_t>::max()));
  command
      ->add_option("--photos", options->photos,
                   "Photographs to time on: JPEG and PNG files, or folders of them (default: "
                   "synthetic images)")
      ->type_name("PATH");
  command->add_option("--json", options->json, "Write Google Benchmark's JSON to a file, or to stdout for -")
      ->type_name("FILE");
  command->footer(
      "A contender that computes something else than libtorch gets no time.\n"
      "CUDA backends: the median is device time a call, calls queued back to back on buffers that left the cache.\n"
      "Exit codes: 0 every contender has a time, 1 one is wrong or unsupported, or nothing was timed, 2 bad input.\n"
      "Examples:\n"
      "  kir bench --suite seed\n"
      "  kir bench --suite seed_n32 --backend cuda-separable cuda-fused\n"
      "  kir bench --suite all --threads 0 --photos photos/ --json bench.json");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace kir::apps
