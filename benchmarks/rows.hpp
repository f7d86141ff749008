// What this project adds to Google Benchmark's rows.
#pragma once

#include <nlohmann/json.hpp>

#include "benchmarks/timed_case.hpp"

namespace kir::benchmarks {

/// Puts the rows into the order of the contenders, and gives each the keys that run_bench documents.
void complete_rows(nlohmann::json& rows, const TimedCase& timed, int workers);

}  // namespace kir::benchmarks
