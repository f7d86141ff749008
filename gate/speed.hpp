// Speed in the gate: benchmark suites run here and now, verified and then timed, in ratio to a contender of the same
// run.
#pragma once

#include <vector>

#include "benchmarks/bench.hpp"
#include "gate/agreement.hpp"
#include "gate/check.hpp"
#include "gate/settings.hpp"

namespace kir::gate {

/// Runs each suite that a bound names once, with the backends "cpu" and "libtorch" on the calling thread, and judges
/// the medians. `options` says where the suites are and which photographs they use; suites, repetitions and times come
/// from the settings. A contender that is wrong has no time and fails. Throws what run_bench throws.
std::vector<Check> check_speed(const Settings& settings, const benchmarks::BenchOptions& options,
                               const BackendNamed& backend, const Announce& announce = {});

}  // namespace kir::gate
