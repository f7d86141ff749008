#include "benchmarks/bench.hpp"

#include <algorithm>
#include <memory>

#include "benchmarks/contenders/backend.hpp"
#include "benchmarks/contenders/copy.hpp"
#include "benchmarks/contenders/planning.hpp"
#include "benchmarks/contenders/verify.hpp"
#include "benchmarks/context.hpp"
#include "benchmarks/cuda/cuda_case.hpp"
#include "benchmarks/google_benchmark.hpp"
#include "benchmarks/rows.hpp"
#include "benchmarks/suite.hpp"
#include "kir/error.hpp"

namespace kir::benchmarks {
namespace {

using nlohmann::json;
using Backends = std::span<const std::pair<std::string, Backend*>>;

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
    TimedCase timed{suite.name, one.name, one.images, benchmark::kMillisecond, {}, {}};
    const std::vector<parity::Image> images =
        make_images(suite, one, options_.seed, options_.photos, options_.executor);
    const std::vector<ImageView> views = views_of(images);
    if (suite.measures == Suite::Measures::plan) {
      timed.unit = benchmark::kMicrosecond;
      for (const Numerics numerics : one.numerics) {
        add(timed, planning_contender(suite.spec, sizes_of(views), numerics));
      }
    } else if (is_cuda_) {
      timed.unit = benchmark::kMicrosecond;
      add_cuda(timed, suite, one, images, views);
    } else {
      for (const Numerics numerics : one.numerics) add_host(timed, suite, views, numerics);
      add(timed, copy_contender(timed.contenders.at(0).bytes));
    }
    time(timed);
  }

  void time(TimedCase& timed) {
    json made = time_contenders(timed, options_);
    complete_rows(made["benchmarks"], timed, workers());
    for (json& row : made["benchmarks"]) result_["benchmarks"].push_back(std::move(row));
    result_["context"] = std::move(made["context"]);
    for (const Contender& contender : timed.contenders) step(timed.name_of(contender) + " timed");
  }

  void add_host(TimedCase& timed, const Suite& suite, std::span<const ImageView> views, Numerics numerics) {
    const std::vector<ImageSize> sizes = sizes_of(views);
    const std::vector<ProbeResult> answers = oracles_[0].backend->measure(probes(suite.spec, sizes), views, context_);
    const Workload workload{
        std::make_shared<const Plan>(plan(suite.spec, sizes, suite.plan_options(numerics), answers)), views, context_};
    const Oracle& oracle = oracle_of(*workload.plan);
    for (const auto& [name, backend] : backends_) {
      add(timed, backend_contender(name, *backend, workload, oracle, options_.settings));
    }
  }

  void add_cuda(TimedCase& timed, const Suite& suite, const SuiteCase& one, std::span<const parity::Image> images,
                std::span<const ImageView> views) {
    const CudaCase device(suite, one, options_.seed, images);
    RunContext context = context_;
    context.host_images = one.host_images;
    for (const Numerics numerics : one.numerics) {
      const Plan& first = device.plan(numerics);
      for (const auto& [name, backend] : backends_) {
        Contender contender = named_contender(name, numerics);
        if (const Support support = backend->supports(first); !support.ok) {
          not_run(timed.name_of(contender), support.reason);
          total_ -= 2;
          continue;
        }
        verify(contender, *backend, oracle_of(first), first, views, options_.settings, context);
        if (contender.refused.empty()) device.time(contender, *backend, numerics);
        add(timed, std::move(contender));
      }
    }
    add(timed, device.copy());
  }

  /// The first that supports the plan.
  const Oracle& oracle_of(const Plan& plan) const {
    for (const Oracle& oracle : oracles_) {
      if (oracle.backend->supports(plan).ok) return oracle;
    }
    return oracles_[0];  // and the contenders say why they are refused
  }

  void add(TimedCase& timed, Contender contender) {
    timed.contenders.push_back(std::move(contender));
    step(timed.name_of(timed.contenders.back()) + " verified");
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

}  // namespace kir::benchmarks
