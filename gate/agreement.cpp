#include "gate/agreement.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "gate/coverage.hpp"
#include "plan/names.hpp"

namespace kir::gate {
namespace {

double measured_of(const parity::ParityReport& report, const std::string& of) {
  if (of == kFailedCases) return static_cast<double>(report.failed());
  if (of == kLargestError) return report.max_abs();
  const auto compared = [](const parity::ConfigResult& config) { return config.cases > 0; };
  return static_cast<double>(std::count_if(report.configs.begin(), report.configs.end(), compared));
}

/// How many of the configurations that a run is asked to compare are planned.
double planned_of(const parity::ParityOptions& options) {
  std::vector<Configuration> asked = configurations(options.configs_dir);
  const std::vector<std::string>& only = options.only;
  if (!only.empty()) {
    std::erase_if(asked, [&](const Configuration& one) { return std::count(only.begin(), only.end(), one.name) == 0; });
  }
  return count_planned(asked);
}

/// The first failure, or where the error is largest.
std::string worst_of(const parity::ParityReport& report) {
  const parity::ConfigResult* worst = nullptr;
  for (const parity::ConfigResult& config : report.configs) {
    if (!config.failures.empty())
      return config.failures[0].config + ", " + config.failures[0].case_text + ": " + config.failures[0].message;
    if (!config.worst.empty() && (worst == nullptr || config.max_abs > worst->max_abs)) worst = &config;
  }
  return worst == nullptr ? "" : worst->name + ": " + worst->worst;
}

}  // namespace

std::vector<Check> check_parity(const std::vector<ParityBound>& bounds, const parity::ParityOptions& options,
                                const BackendNamed& backend, const Announce& announce) {
  using Pair = std::tuple<std::string, std::string, std::string>;
  std::map<Pair, parity::ParityReport> reports;
  std::vector<Check> checks;
  for (const ParityBound& bound : bounds) {
    const Pair pair{bound.backend, bound.oracle, bound.numerics};
    if (reports.count(pair) == 0) {
      if (announce) announce("parity of " + bound.pair());
      parity::ParityOptions asked = options;
      asked.numerics = numerics_named(bound.numerics, "gate.parity.numerics");
      reports[pair] = parity::run_parity(asked, backend(bound.backend), backend(bound.oracle));
    }
    const parity::ParityReport& report = reports[pair];
    Bound accepted = bound.accepted;
    if (accepted.is_planned) accepted.value = planned_of(options);
    checks.push_back(judge("parity", bound.name(), measured_of(report, bound.of), accepted, worst_of(report)));
  }
  return checks;
}

}  // namespace kir::gate
