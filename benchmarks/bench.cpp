#include "benchmarks/bench.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <memory>
#include <mutex>
#include <sstream>

#include "benchmarks/contenders/backend.hpp"
#include "benchmarks/contenders/copy.hpp"
#include "benchmarks/contenders/copy_cuda.hpp"
#include "benchmarks/contenders/planning.hpp"
#include "benchmarks/suite.hpp"
#include "kir/error.hpp"

namespace kir::benchmarks {
namespace {

using nlohmann::json;

// ---------------------------------------------------------------------------------------------------------------------
// What is timed

/// One case of a suite with all its contenders.
struct Round {
  std::string suite, case_name;
  int images = 0;
  benchmark::TimeUnit unit = benchmark::kMillisecond;
  std::vector<Contender> contenders;

  std::string name_of(const Contender& contender) const { return suite + "/" + case_name + "/" + contender.name; }
};

std::vector<ImageView> views_of(const std::vector<parity::Image>& images) {
  std::vector<ImageView> views;
  for (const parity::Image& image : images) views.push_back(image.view());
  return views;
}

std::vector<ImageSize> sizes_of(const std::vector<parity::Image>& images) {
  std::vector<ImageSize> sizes;
  for (const parity::Image& image : images) sizes.push_back(image.size());
  return sizes;
}

/// Samples, which are bytes.
std::int64_t pixels_of(const std::vector<parity::Image>& images) {
  std::int64_t bytes = 0;
  for (const ImageSize& size : sizes_of(images)) bytes += std::int64_t{size.channels} * size.height * size.width;
  return bytes;
}

using Backends = std::span<const std::pair<std::string, Backend*>>;

// ---------------------------------------------------------------------------------------------------------------------
// Google Benchmark in this process

/// Its flags have no other way in. Interleaving spreads a slow minute of the machine over all contenders.
void initialize_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    static char program[] = "kir", interleave[] = "--benchmark_enable_random_interleaving=true";
    static char* arguments[] = {program, interleave, nullptr};
    int count = 2;
    benchmark::Initialize(&count, arguments);
  });
}

void register_contender(const Round& round, const Contender& contender, const BenchOptions& options) {
  benchmark::internal::Benchmark* entry =
      benchmark::RegisterBenchmark(round.name_of(contender).c_str(), [&contender](benchmark::State& state) {
        if (!contender.refused.empty()) {
          state.SkipWithError(contender.refused.c_str());
          return;
        }
        for ([[maybe_unused]] auto _ : state) {
          if (contender.run_seconds) {
            state.SetIterationTime(contender.run_seconds());
          } else {
            contender.run();
          }
        }
        if (contender.bytes > 0) state.SetBytesProcessed(state.iterations() * contender.bytes);
      });
  entry->Unit(round.unit);
  contender.run_seconds ? entry->UseManualTime() : entry->UseRealTime();
  if (contender.refused.empty()) {
    entry->MinTime(options.min_time_s)->Repetitions(options.repetitions);
  } else {
    entry->Repetitions(1);
  }
}

/// Runs every contender of the round and returns Google Benchmark's own JSON.
json time_round(const Round& round, const BenchOptions& options) {
  initialize_once();
  benchmark::ClearRegisteredBenchmarks();
  for (const Contender& contender : round.contenders) register_contender(round, contender, options);
  std::ostringstream text, errors;
  benchmark::JSONReporter reporter;
  reporter.SetOutputStream(&text);
  reporter.SetErrorStream(&errors);
  benchmark::RunSpecifiedBenchmarks(&reporter, "all");
  benchmark::ClearRegisteredBenchmarks();  // the contenders end with the round
  return json::parse(text.str());
}

// ---------------------------------------------------------------------------------------------------------------------
// What this project adds to each row

double seconds_of(const json& row) {
  const std::string unit = row.at("time_unit").get<std::string>();
  const double scale = unit == "ns" ? 1e-9 : unit == "us" ? 1e-6 : unit == "ms" ? 1e-3 : 1;
  return row.at("real_time").get<double>() * scale;
}

bool is_timed_repetition(const json& row) {
  return row.value("run_type", "") == "iteration" && !row.value("error_occurred", false);
}

double median(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// The contender of a row: its name is SUITE/CASE/CONTENDER, then what Google Benchmark appends.
const Contender& contender_of(const Round& round, const json& row) {
  const std::string name = row.at("run_name").get<std::string>() + "/";
  for (const Contender& contender : round.contenders) {
    if (name.rfind(round.name_of(contender) + "/", 0) == 0) return contender;
  }
  throw Error(ErrorCode::invalid_argument, "benchmark", "a row of no contender: " + name);
}

/// In the order of the contenders: Google Benchmark reports interleaved ones as they end.
void sort_rows(json& rows, const Round& round) {
  std::stable_sort(rows.begin(), rows.end(), [&](const json& a, const json& b) {
    return &contender_of(round, a) < &contender_of(round, b);  // neighbours in one vector
  });
}

void complete_rows(json& rows, const Round& round, int workers) {
  sort_rows(rows, round);
  for (json& row : rows) {
    const Contender& contender = contender_of(round, row);
    row["suite"] = round.suite;
    row["case"] = round.case_name;
    row["contender"] = contender.name;
    row["backend"] = contender.backend;
    row["numerics"] = contender.numerics;
    row["images"] = round.images;
    row["workers"] = workers;
    row["bytes"] = contender.bytes;
    if (!contender.verified_against.empty()) row["verified_against"] = contender.verified_against;
    if (contender.max_abs) row["max_abs"] = *contender.max_abs;
    if (contender.bound) row["bound"] = *contender.bound;
    if (!contender.refused.empty()) {  // 0 is a time too
      for (const char* key : {"real_time", "cpu_time", "time_unit", "iterations"}) row.erase(key);
    }
  }
  const json result = {{"benchmarks", rows}};
  for (json& row : rows) {
    const double own = median_seconds(result, round.suite, round.case_name, row["contender"].get<std::string>());
    for (const Contender& other : round.contenders) {
      const double ratio = own / median_seconds(result, round.suite, round.case_name, other.name);
      if (std::isfinite(ratio)) row["ratio_to_" + other.name] = ratio;
    }
  }
}

std::string cpu_name() {
  std::ifstream stream("/proc/cpuinfo");
  for (std::string line; std::getline(stream, line);) {
    if (line.rfind("model name", 0) == 0) return line.substr(std::min(line.find(':') + 2, line.size()));
  }
  return "unknown";
}

void add_context(json& context, const BenchOptions& options, int workers) {
  context["cpu"] = cpu_name();
  context["compiler"] = __VERSION__;
#ifdef NDEBUG
  context["build"] = "release";
#else
  context["build"] = "debug";
#endif
  context["seed"] = options.seed;
  context["oracle"] = options.oracle;
  context["workers"] = workers;
  context["min_time_s"] = options.min_time_s;
  context["repetitions"] = options.repetitions;
  context["photos"] = json::array();
  for (const parity::Image& photo : options.photos) context["photos"].push_back(photo.name());
  for (const auto& [key, value] : options.context) context[key] = value;
}

// ---------------------------------------------------------------------------------------------------------------------
// A run

class Run {
 public:
  Run(const BenchOptions& options, Backends backends, const BenchProgress& progress)
      : options_(options), backends_(backends), progress_(progress) {
    context_.executor = options.executor;
    for (const auto& [name, backend] : backends) {
      if (name == options.oracle) oracle_ = backend;
    }
  }

  json make() {
    const std::vector<Suite> suites = load_suites(options_.suites_dir, options_.suites);
    for (const Suite& suite : suites) total_ += 2 * static_cast<std::int64_t>(suite.cases.size() * contenders(suite));
    json result = {{"context", json::object()}, {"benchmarks", json::array()}, {"not_run", json::array()}};
    if (!no_cuda_.empty()) result["not_run"].push_back({{"contender", kCudaCopy}, {"reason", no_cuda_}});
    for (const Suite& suite : suites) {
      for (const SuiteCase& one : suite.cases) add_case(suite, one, result);
    }
    add_context(result["context"], options_, workers());
    return result;
  }

 private:
  std::size_t contenders(const Suite& suite) const {
    const std::size_t numerics = suite.numerics.size();
    return suite.measures == Suite::Measures::plan ? numerics
                                                   : backends_.size() * numerics + (no_cuda_.empty() ? 2 : 1);
  }

  int workers() const { return options_.executor != nullptr ? options_.executor->workers() : 1; }

  void step(const std::string& what) {
    ++done_;
    if (progress_) progress_(what, done_, total_);
  }

  void add_case(const Suite& suite, const SuiteCase& one, json& result) {
    const std::vector<parity::Image> images = make_images(suite, one, options_.seed, options_.photos);
    const std::vector<ImageView> views = views_of(images);
    Round round{suite.name, one.name, one.images, benchmark::kMillisecond, {}};
    if (suite.measures == Suite::Measures::plan) {
      round.unit = benchmark::kMicrosecond;
      for (const Numerics numerics : suite.numerics) {
        add(round, planning_contender(suite.spec, sizes_of(images), numerics));
      }
    } else {
      for (const Numerics numerics : suite.numerics) add_backends(round, suite.spec, images, views, numerics);
      const std::int64_t bytes = round.contenders.at(0).bytes;
      add(round, copy_contender(bytes));
      if (no_cuda_.empty()) {
        const std::int64_t read_bytes = pixels_of(images);
        add(round, cuda_copy_contender(read_bytes, bytes - read_bytes));
      }
    }

    json timed = time_round(round, options_);
    complete_rows(timed["benchmarks"], round, workers());
    for (json& row : timed["benchmarks"]) result["benchmarks"].push_back(std::move(row));
    result["context"] = std::move(timed["context"]);
    for (const Contender& contender : round.contenders) step(round.name_of(contender) + " timed");
  }

  void add_backends(Round& round, const ProcessorSpec& spec, const std::vector<parity::Image>& images,
                    std::span<const ImageView> views, Numerics numerics) {
    PlanOptions plan_options;
    plan_options.numerics = numerics;
    const std::vector<ImageSize> sizes = sizes_of(images);
    const std::vector<ProbeResult> answers = oracle_->measure(probes(spec, sizes), views, context_);
    const Workload workload{std::make_shared<const Plan>(plan(spec, sizes, plan_options, answers)), views, context_};
    for (const auto& [name, backend] : backends_) {
      add(round, backend_contender(name, *backend, workload, options_.oracle, *oracle_, options_.settings));
    }
  }

  void add(Round& round, Contender contender) {
    round.contenders.push_back(std::move(contender));
    step(round.name_of(round.contenders.back()) + " verified");
  }

  const BenchOptions& options_;
  Backends backends_;
  const BenchProgress& progress_;
  const Backend* oracle_ = nullptr;
  RunContext context_;
  const std::string no_cuda_ = cuda_copy_not_run();
  std::int64_t done_ = 0, total_ = 0;
};

void check(const BenchOptions& options, Backends backends) {
  const auto refuse = [](const char* argument, const std::string& message) {
    throw Error(ErrorCode::invalid_argument, argument, message);
  };
  if (!(options.min_time_s > 0) || !(options.min_time_s <= 60)) {
    refuse("min_time", "is " + std::to_string(options.min_time_s) + " s, must be above 0 and at most 60");
  }
  if (options.repetitions < 2 || options.repetitions > 1000) {
    refuse("repetitions", "is " + std::to_string(options.repetitions) + ", must be from 2 to 1000");
  }
  if (std::none_of(backends.begin(), backends.end(), [&](const auto& one) { return one.first == options.oracle; })) {
    refuse("oracle", "\"" + options.oracle + "\" is not among the backends of this run");
  }
}

}  // namespace

json run_bench(const BenchOptions& options, Backends backends, const BenchProgress& progress) {
  check(options, backends);
  return Run(options, backends, progress).make();
}

double median_seconds(const json& result, std::string_view suite, std::string_view case_name,
                      std::string_view contender) {
  std::vector<double> times;
  for (const json& row : result.at("benchmarks")) {
    if (row.at("suite") == suite && row.at("case") == case_name && row.at("contender") == contender &&
        is_timed_repetition(row)) {
      times.push_back(seconds_of(row));
    }
  }
  return median(std::move(times));
}

}  // namespace kir::benchmarks
