// Google Benchmark in this process: the contenders of a case, timed in turns.
#pragma once

#include <nlohmann/json.hpp>

#include "benchmarks/bench.hpp"
#include "benchmarks/timed_case.hpp"

namespace kir::benchmarks {

/// Times every contender of the case and returns Google Benchmark's own JSON. A device's trains are left in
/// `timed.trains`. Not thread-safe: Google Benchmark's registry is the process's.
nlohmann::json time_contenders(TimedCase& timed, const BenchOptions& options);

}  // namespace kir::benchmarks
