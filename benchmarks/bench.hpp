// Verifies contenders, then times them with Google Benchmark in this process.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kir/backend.hpp"
#include "parity/image.hpp"
#include "parity/settings.hpp"

namespace kir::benchmarks {

struct BenchOptions {
  std::string suites_dir = "configs/suites";
  std::vector<std::string> suites;        ///< names; empty = all of the folder
  std::string oracle = "libtorch";        ///< which of the backends the others are verified against
  parity::Settings settings;              ///< the bounds of that
  std::uint64_t seed = 0;                 ///< of image sizes, and of the images when there are no photographs
  std::span<const parity::Image> photos;  ///< must outlive the run
  double min_time_s = 0.1;                ///< of one repetition, > 0
  int repetitions = 5;                    ///< at least 2, so that there is a median and a spread; interleaved at random
  Executor* executor = nullptr;           ///< nullptr = the calling thread
  std::map<std::string, std::string> context;  ///< added to the JSON's context, e.g. {"torch", "2.11.0"}
};

/// Called after each contender is verified and after each is timed.
using BenchProgress = std::function<void(std::string_view what, std::int64_t done, std::int64_t total)>;

/// Google Benchmark's JSON. Every row of "benchmarks" also carries
///   suite, case, contender, backend, numerics, images, workers, bytes;
///   verified_against, max_abs, bound (normalized units) where the contender was verified;
///   ratio_to_CONTENDER for every timed contender of the same case: the median real time of this one over that one's,
///   this run.
/// The contenders are NAME_float and NAME_uint8 for each backend (float32 and torch_cpu), copy, and cuda_copy on a CUDA
/// device; in a suite that measures planning plan_float and plan_uint8. What cannot run on this machine has no row:
/// "not_run" lists {contender, reason}. A contender that is wrong or unsupported has one row with
/// error_occurred and error_message, and no times. "context" also has cpu, compiler, build, seed, photos, oracle,
/// workers, min_time_s, repetitions and options.context.
///
/// Throws Error{invalid_argument} for bad options, an unknown suite and an oracle that is not among the backends,
/// Error{io} for unreadable suites. Not thread-safe: Google Benchmark's registry is the process's.
nlohmann::json run_bench(const BenchOptions& options, std::span<const std::pair<std::string, Backend*>> backends,
                         const BenchProgress& progress = {});

/// The median real time of a contender in seconds; NaN when it has none (refused, or not in this run).
double median_seconds(const nlohmann::json& result, std::string_view suite, std::string_view case_name,
                      std::string_view contender);

}  // namespace kir::benchmarks
