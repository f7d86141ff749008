// kir bench: how long a backend takes, beside libtorch and a plain copy, in one run.
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
#include "parity/random.hpp"
#include "reference/libtorch_backend.hpp"

namespace kir::apps {

namespace {

constexpr const char* kOracle = "libtorch";

struct Options {
  std::string suite = "all", backend = "cpu", json;
  std::vector<std::string> photos;
  std::optional<std::int64_t> seed;
  int threads = 1;
  double min_time_s = 0.2;
  int repetitions = 7;
};

double spread(const nlohmann::json& rows, const nlohmann::json& median) {
  for (const nlohmann::json& row : rows) {
    if (row["run_name"] == median["run_name"] && row.value("aggregate_name", "") == "cv") return row["real_time"];
  }
  return std::nan("");
}

// One line a contender: its median, spread, and ratios to the others.
void print_table(const nlohmann::json& result) {
  const nlohmann::json& rows = result["benchmarks"];
  std::printf("%-36s %-16s %14s %8s   %s\n", "suite/case", "contender", "median", "spread", "time relative to");
  for (const nlohmann::json& row : rows) {
    const std::string place = row["suite"].get<std::string>() + "/" + row["case"].get<std::string>();
    const std::string contender = row["contender"];
    if (row.value("error_occurred", false)) {
      std::printf("%-36s %-16s no time: %s\n", place.c_str(), contender.c_str(),
                  row["error_message"].get<std::string>().c_str());
      continue;
    }
    if (row.value("aggregate_name", "") != "median") continue;
    std::printf("%-36s %-16s %11.4g %s %7.1f%%  ", place.c_str(), contender.c_str(), row["real_time"].get<double>(),
                row["time_unit"].get<std::string>().c_str(), 100 * spread(rows, row));
    const std::string prefix = "ratio_to_";
    for (const auto& [key, value] : row.items()) {
      if (key.rfind(prefix, 0) != 0 || key == prefix + contender) continue;
      std::printf(" %s %.3g", key.substr(prefix.size()).c_str(), value.get<double>());
    }
    std::printf("\n");
  }
}

bool has_errors(const nlohmann::json& result) {
  for (const nlohmann::json& row : result["benchmarks"]) {
    if (row.value("error_occurred", false)) return true;
  }
  return false;
}

int run(const Options& options) {
  check_json_path(options.json);
  const std::unique_ptr<Backend> chosen = make_backend(options.backend);
  const std::unique_ptr<Backend> oracle = make_backend(kOracle);
  std::vector<std::pair<std::string, Backend*>> backends;
  if (options.backend != kOracle) backends.emplace_back(options.backend, chosen.get());
  backends.emplace_back(kOracle, oracle.get());
  const std::vector<parity::Image> photos = load_photos(options.photos);
  ThreadExecutor executor(options.threads);
  set_libtorch_threads(executor.workers());

  benchmarks::BenchOptions asked;
  asked.suites_dir = config_dir() + "/suites";
  if (options.suite != "all") asked.suites = {options.suite};
  asked.oracle = kOracle;
  asked.settings = parity::load_settings(config_dir() + "/parity.json");
  asked.seed = options.seed ? static_cast<std::uint64_t>(*options.seed) : parity::fresh_seed();
  asked.photos = photos;
  asked.min_time_s = options.min_time_s;
  asked.repetitions = options.repetitions;
  asked.executor = &executor;
  asked.context = {{"torch", libtorch_build()}};

  std::optional<Progress> progress;
  const nlohmann::json result =
      benchmarks::run_bench(asked, backends, [&](std::string_view what, std::int64_t, std::int64_t total) {
        if (!progress) progress.emplace("kir bench", total);
        progress->step(what);
      });
  progress.reset();
  if (!is_stdout(options.json)) {
    print_table(result);
    for (const nlohmann::json& one : result["not_run"]) {
      std::printf("%s not run: %s\n", one["contender"].get<std::string>().c_str(),
                  one["reason"].get<std::string>().c_str());
    }
    std::printf("\n%d thread(s), seed %llu, images: %s\n", executor.workers(),
                static_cast<unsigned long long>(asked.seed),
                photos.empty() ? "synthetic" : (std::to_string(photos.size()) + " photographs").c_str());
  }
  write_json(options.json, result);
  return has_errors(result) ? 1 : 0;
}

}  // namespace

void add_bench_command(CLI::App& app, Action& chosen) {
  CLI::App* command = app.add_subcommand("bench", "How long a backend takes, beside libtorch and a plain copy");
  auto options = std::make_shared<Options>();
  command->add_option("--suite", options->suite, "A suite of configs/suites, or all")->capture_default_str();
  command->add_option("--backend", options->backend, "The backend that is timed")->capture_default_str();
  command->add_option("--threads", options->threads, "Threads of every backend; 0 = every core")
      ->capture_default_str()
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
      "Exit codes: 0 every contender has a time, 1 one is wrong or unsupported, 2 bad input.\n"
      "Examples:\n"
      "  kir bench --suite seed\n"
      "  kir bench --suite all --threads 0 --photos photos/ --json bench.json");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace kir::apps
