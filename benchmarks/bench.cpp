#include "benchmarks/bench.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>

#include "benchmarks/contenders/backend.hpp"
#include "benchmarks/contenders/copy.hpp"
#include "benchmarks/contenders/planning.hpp"
#include "benchmarks/contenders/verify.hpp"
#include "benchmarks/cuda/cuda_case.hpp"
#include "benchmarks/median.hpp"
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
  std::map<std::string, std::vector<TrainTimes>> trains;  ///< of contenders on a device: one a repetition

  std::string name_of(const Contender& contender) const { return suite + "/" + case_name + "/" + contender.name; }
};

std::vector<ImageView> views_of(const std::vector<parity::Image>& images) {
  std::vector<ImageView> views;
  for (const parity::Image& image : images) views.push_back(image.view());
  return views;
}

std::vector<ImageSize> sizes_of(std::span<const ImageView> images) {
  std::vector<ImageSize> sizes;
  for (const ImageView& image : images) sizes.push_back(image.size);
  return sizes;
}

using Backends = std::span<const std::pair<std::string, Backend*>>;

/// libtorch on the CPU or on a CUDA device: what every other contender is put in ratio to.
bool is_libtorch(const std::string& backend) {
  return backend.rfind("libtorch", 0) == 0;
}

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

void time_calls(const Contender& contender, benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) contender.run();
}

/// One iteration is a whole train; its time is that of one call.
void time_train(const Contender& contender, benchmark::State& state, std::vector<TrainTimes>& trains) {
  for ([[maybe_unused]] auto _ : state) {
    try {
      const TrainTimes times = contender.train();
      state.SetIterationTime(times.call_s);
      trains.push_back(times);
    } catch (const std::exception& error) {  // the device failed
      state.SkipWithError(error.what());
      break;
    }
  }
}

void register_contender(Round& round, const Contender& contender, const BenchOptions& options) {
  benchmark::internal::Benchmark* entry =
      benchmark::RegisterBenchmark(round.name_of(contender).c_str(), [&contender, &round](benchmark::State& state) {
        if (!contender.refused.empty()) {
          state.SkipWithError(contender.refused.c_str());
          return;
        }
        contender.train ? time_train(contender, state, round.trains[contender.name]) : time_calls(contender, state);
        if (contender.bytes > 0) state.SetBytesProcessed(state.iterations() * contender.bytes);
      });
  entry->Unit(round.unit)->Repetitions(contender.refused.empty() ? options.repetitions : 1);
  contender.train ? entry->UseManualTime()->Iterations(1) : entry->UseRealTime();
  if (contender.run) entry->MinTime(options.min_time_s);
}

/// Runs every contender of the round and returns Google Benchmark's own JSON.
json time_round(Round& round, const BenchOptions& options) {
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

/// What the train says beside the time of a call; medians of the repetitions.
void add_trains(json& row, const std::vector<TrainTimes>& trains) {
  const auto median_of = [&](auto member) {
    std::vector<double> values;
    for (const TrainTimes& times : trains) values.push_back(static_cast<double>(times.*member));
    return median(std::move(values));
  };
  row["isolated_us"] = median_of(&TrainTimes::isolated_s) * 1e6;
  row["host_us"] = median_of(&TrainTimes::host_s) * 1e6;
  row["wall_us"] = median_of(&TrainTimes::wall_s) * 1e6;
  row["calls"] = median_of(&TrainTimes::calls);
  row["host_limited"] = median_of(&TrainTimes::host_limited) > 0;
  row["megahertz"] = median_of(&TrainTimes::megahertz);
}

/// The libtorch contender of these numerics, else the first: that of float32.
const Contender* libtorch_beside(const Round& round, const std::string& numerics) {
  const Contender* found = nullptr;
  for (const Contender& contender : round.contenders) {
    if (!is_libtorch(contender.backend)) continue;
    if (found == nullptr || contender.numerics == numerics) found = &contender;
  }
  return found;
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
  const auto seconds = [&](const std::string& contender) {
    return median_seconds(result, round.suite, round.case_name, contender);
  };
  for (json& row : rows) {
    const double own = seconds(row["contender"].get<std::string>());
    const auto put = [&](const std::string& key, double value) {
      if (std::isfinite(value)) row[key] = value;
    };
    put("us", own * 1e6);
    const auto trains = round.trains.find(row["contender"].get<std::string>());
    if (std::isfinite(own) && trains != round.trains.end()) add_trains(row, trains->second);
    for (const Contender& other : round.contenders) put("ratio_to_" + other.name, own / seconds(other.name));
    if (const Contender* other = libtorch_beside(round, row["numerics"].get<std::string>())) {
      put("ratio_to_libtorch", own / seconds(other->name));
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
    for (const Backends list : {backends, Backends(options.verifiers)}) {
      for (const auto& [name, backend] : list) {
        if (name == options.oracle) oracles_.push_back({name, backend});
      }
    }
    for (const auto& [name, backend] : options.verifiers) oracles_.push_back({name, backend});
    is_cuda_ = !backends.empty() && backends[0].second->memory() == MemorySpace::cuda;
  }

  json make() {
    const std::string no_cuda = is_cuda_ ? cuda_not_run() : "";
    std::vector<Suite> suites = load_suites(options_.suites_dir, options_.suites);
    for (Suite& suite : suites) {
      drop_cases(suite);
      if (no_cuda.empty()) total_ += steps(suite);
    }
    if (no_cuda.empty()) {
      for (const Suite& suite : suites) {
        for (const SuiteCase& one : suite.cases) add_case(suite, one);
      }
    } else {
      for (const auto& [name, backend] : backends_) not_run(name, no_cuda);
    }
    add_context(result_["context"], options_, workers());
    if (is_cuda_ && no_cuda.empty()) {
      for (const auto& [key, value] : cuda_environment()) result_["context"][key] = value;
    }
    return std::move(result_);
  }

 private:
  int workers() const { return options_.executor != nullptr ? options_.executor->workers() : 1; }

  /// Each contender is verified and timed.
  std::int64_t steps(const Suite& suite) const {
    std::size_t contenders = 0;
    for (const SuiteCase& one : suite.cases) {
      contenders +=
          suite.measures == Suite::Measures::plan ? one.numerics.size() : one.numerics.size() * backends_.size() + 1;
    }
    return 2 * static_cast<std::int64_t>(contenders);
  }

  void step(const std::string& what) {
    ++done_;
    if (progress_) progress_(what, done_, total_);
  }

  void not_run(const std::string& what, const std::string& reason) {
    result_["not_run"].push_back({{"contender", what}, {"reason", reason}});
  }

  /// Leaves the cases that are for these backends.
  void drop_cases(Suite& suite) {
    const MemorySpace here = is_cuda_ ? MemorySpace::cuda : MemorySpace::host;
    std::erase_if(suite.cases, [&](const SuiteCase& one) {
      const bool is_for_others =
          !one.runs_in(here) || (is_cuda_ && suite.measures == Suite::Measures::plan);  // planning is the host's
      if (is_for_others) not_run(suite.name + "/" + one.name, is_cuda_ ? "not for CUDA backends" : "for CUDA backends");
      return is_for_others;
    });
  }

  void add_case(const Suite& suite, const SuiteCase& one) {
    Round round{suite.name, one.name, one.images, benchmark::kMillisecond, {}, {}};
    const std::vector<parity::Image> images =
        make_images(suite, one, options_.seed, options_.photos, options_.executor);
    const std::vector<ImageView> views = views_of(images);
    if (suite.measures == Suite::Measures::plan) {
      round.unit = benchmark::kMicrosecond;
      for (const Numerics numerics : one.numerics) {
        add(round, planning_contender(suite.spec, sizes_of(views), numerics));
      }
    } else if (is_cuda_) {
      round.unit = benchmark::kMicrosecond;
      add_cuda(round, suite, one, images, views);
    } else {
      for (const Numerics numerics : one.numerics) add_host(round, suite, views, numerics);
      add(round, copy_contender(round.contenders.at(0).bytes));
    }
    time(round);
  }

  void time(Round& round) {
    json timed = time_round(round, options_);
    complete_rows(timed["benchmarks"], round, workers());
    for (json& row : timed["benchmarks"]) result_["benchmarks"].push_back(std::move(row));
    result_["context"] = std::move(timed["context"]);
    for (const Contender& contender : round.contenders) step(round.name_of(contender) + " timed");
  }

  void add_host(Round& round, const Suite& suite, std::span<const ImageView> views, Numerics numerics) {
    const std::vector<ImageSize> sizes = sizes_of(views);
    const std::vector<ProbeResult> answers = oracles_[0].backend->measure(probes(suite.spec, sizes), views, context_);
    const Workload workload{
        std::make_shared<const Plan>(plan(suite.spec, sizes, suite.plan_options(numerics), answers)), views, context_};
    const Oracle& oracle = oracle_of(*workload.plan);
    for (const auto& [name, backend] : backends_) {
      add(round, backend_contender(name, *backend, workload, oracle, options_.settings));
    }
  }

  void add_cuda(Round& round, const Suite& suite, const SuiteCase& one, std::span<const parity::Image> images,
                std::span<const ImageView> views) {
    const CudaCase device(suite, one, options_.seed, images);
    RunContext context = context_;
    context.host_images = one.host_images;
    for (const Numerics numerics : one.numerics) {
      const Plan& first = device.plan(numerics);
      for (const auto& [name, backend] : backends_) {
        Contender contender = named_contender(name, numerics);
        if (const Support support = backend->supports(first); !support.ok) {
          not_run(round.name_of(contender), support.reason);
          total_ -= 2;
          continue;
        }
        verify(contender, *backend, oracle_of(first), first, views, options_.settings, context);
        if (contender.refused.empty()) device.time(contender, *backend, numerics);
        add(round, std::move(contender));
      }
    }
    add(round, device.copy());
  }

  /// The first that supports the plan.
  const Oracle& oracle_of(const Plan& plan) const {
    for (const Oracle& oracle : oracles_) {
      if (oracle.backend->supports(plan).ok) return oracle;
    }
    return oracles_[0];  // and the contenders say why they are refused
  }

  void add(Round& round, Contender contender) {
    round.contenders.push_back(std::move(contender));
    step(round.name_of(round.contenders.back()) + " verified");
  }

  const BenchOptions& options_;
  Backends backends_;
  const BenchProgress& progress_;
  std::vector<Oracle> oracles_;
  bool is_cuda_ = false;
  RunContext context_;
  json result_ = {{"context", json::object()}, {"benchmarks", json::array()}, {"not_run", json::array()}};
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
  const auto is_oracle = [&](const auto& one) { return one.first == options.oracle; };
  if (std::none_of(backends.begin(), backends.end(), is_oracle) &&
      std::none_of(options.verifiers.begin(), options.verifiers.end(), is_oracle)) {
    refuse("oracle", "\"" + options.oracle + "\" is not among the backends of this run");
  }
  for (const auto& [name, backend] : backends) {
    if (backend->memory() != backends[0].second->memory()) {
      refuse("backend", name + " works in other memory than " + backends[0].first + ": time them in two runs");
    }
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
