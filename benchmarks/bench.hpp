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
  std::vector<std::string> suites;        ///< names, SUITE or SUITE_CASE; empty = all of the folder
  std::string oracle = "libtorch";        ///< which of the backends the others are verified against
  parity::Settings settings;              ///< the bounds of that
  std::uint64_t seed = 0;                 ///< of image sizes, and of the images when there are no photographs
  std::span<const parity::Image> photos;  ///< must outlive the run
  double min_time_s = 0.1;                ///< of one repetition, > 0; a train of calls on a device has its own length
  int repetitions = 5;                    ///< at least 2, so that there is a median and a spread; interleaved at random
  Executor* executor = nullptr;           ///< nullptr = the calling thread
  std::map<std::string, std::string> context;  ///< added to the JSON's context, e.g. {"torch", "2.11.0"}
  /// Backends that verify and are not timed. `oracle` may be one of them; a plan that it does not support is verified
  /// against the first of these that does.
  std::vector<std::pair<std::string, Backend*>> verifiers;
};

/// Called after each contender is verified and after each is timed.
using BenchProgress = std::function<void(std::string_view what, std::int64_t done, std::int64_t total)>;

/// Google Benchmark's JSON. Every row of "benchmarks" also carries
///   suite, case, contender, backend, numerics, images, workers, bytes;
///   verified_against, max_abs, bound (normalized units) where the contender was verified;
///   us: the median time of the contender, this run;
///   ratio_to_CONTENDER for every timed contender of the same case: the median of this one over that one's; and
///   ratio_to_libtorch: likewise, to libtorch of the same numerics, else to libtorch's float32.
/// The contenders are BACKEND_float (float32) and BACKEND_NUMERICS ("cpu_torch_cpu"; "libtorch_uint8", which is torch's
/// own) for each backend, and copy, the floor; in a suite that measures planning plan_float and plan_NUMERICS. A
/// contender that is wrong or unsupported has one row with error_occurred and error_message, and no times.
///
/// Backends that work in device memory (all of `backends`, or none) are timed by trains of calls on buffers rotated
/// past the device's cache (cuda/train.hpp): `us` is device time a call, and a row also has isolated_us, host_us,
/// wall_us, calls, megahertz (medians of the repetitions) and host_limited (true when most of them were).
///
/// What cannot run has no row: "not_run" lists {contender, reason}, for a CUDA backend that this machine lacks, a case
/// that is not for these backends, and numerics or a filter that a CUDA backend does not have. "context" also has cpu,
/// compiler, build, seed, photos, oracle, workers, min_time_s, repetitions, options.context, and the CUDA device.
///
/// Throws Error{invalid_argument} for bad options, an unknown suite and an oracle that is not among the backends,
/// Error{io} for unreadable suites. Not thread-safe: Google Benchmark's registry is the process's.
nlohmann::json run_bench(const BenchOptions& options, std::span<const std::pair<std::string, Backend*>> backends,
                         const BenchProgress& progress = {});

/// The median real time of a contender in seconds; NaN when it has none (refused, or not in this run).
double median_seconds(const nlohmann::json& result, std::string_view suite, std::string_view case_name,
                      std::string_view contender);

}  // namespace kir::benchmarks
