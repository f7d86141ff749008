// The environment of a run, for its JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "benchmarks/bench.hpp"

namespace kir::benchmarks {

/// Adds the processor, the compiler, the options and the photographs.
void add_context(nlohmann::json& context, const BenchOptions& options, int workers);

}  // namespace kir::benchmarks
