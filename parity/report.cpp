#include "parity/report.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kir::parity {
namespace {

using nlohmann::json;

const ConfigResult* worst_of(const ParityReport& report) {
  const ConfigResult* worst = nullptr;
  for (const ConfigResult& config : report.configs) {
    if (config.worst.empty()) continue;
    if (worst == nullptr || config.failed > worst->failed ||
        (config.failed == worst->failed && config.max_abs > worst->max_abs)) {
      worst = &config;
    }
  }
  return worst;
}

}  // namespace

void ConfigResult::take_margin(double error, double accepted) {
  const double fits = error > 0 ? accepted / error : std::numeric_limits<double>::infinity();
  if (fits < margin) bound = accepted;
  if (std::isinf(margin)) bound = std::max(bound, accepted);
  margin = std::min(margin, fits);
}

std::int64_t ParityReport::cases() const {
  std::int64_t sum = 0;
  for (const ConfigResult& config : configs) sum += config.cases;
  return sum;
}

std::int64_t ParityReport::failed() const {
  std::int64_t sum = 0;
  for (const ConfigResult& config : configs) sum += config.failed;
  return sum;
}

std::int64_t ParityReport::skipped() const {
  std::int64_t sum = 0;
  for (const ConfigResult& config : configs) {
    sum += static_cast<std::int64_t>(config.skips.size()) + (config.unsupported.empty() ? 0 : 1);
  }
  return sum;
}

double ParityReport::max_abs() const {
  double max = 0;
  for (const ConfigResult& config : configs) {
    if (!(config.max_abs <= max)) max = config.max_abs;
  }
  return max;
}

json to_json(const ParityReport& report) {
  json configs = json::array(), skips = json::array(), failures = json::array();
  std::int64_t unsupported = 0;
  for (const ConfigResult& config : report.configs) {
    if (!config.unsupported.empty()) {
      ++unsupported;
      skips.push_back({{"config", config.name}, {"what", "configuration"}, {"reason", config.unsupported}});
      continue;
    }
    for (const Skip& skip : config.skips) {
      skips.push_back({{"config", skip.config}, {"what", skip.what}, {"reason", skip.reason}});
    }
    for (const Failure& failure : config.failures) {
      failures.push_back({{"config", failure.config}, {"case", failure.case_text}, {"message", failure.message}});
    }
    configs.push_back({{"name", config.name},
                       {"class", config.class_name},
                       {"writes", config.writes},
                       {"cases", config.cases},
                       {"failed", config.failed},
                       {"images", config.images},
                       {"elements", config.elements},
                       {"max_abs", config.max_abs},
                       {"max_levels", config.max_levels},
                       {"mean_abs", config.mean_abs()},
                       {"share_differing", config.share_differing()},
                       {"worst", config.worst},
                       {"bound", config.bound},
                       {"margin", std::isfinite(config.margin) ? json(config.margin) : json()}});
  }
  const ConfigResult* worst = worst_of(report);
  return {{"backend", report.backend},
          {"oracle", report.oracle},
          {"numerics", report.numerics},
          {"seed", report.seed},
          {"quick", report.quick},
          {"photos", report.photos},
          {"cases", report.cases()},
          {"failed", report.failed()},
          {"skipped", report.skipped()},
          {"max_abs", report.max_abs()},
          {"worst", worst == nullptr ? json() : json(worst->name + ": " + worst->worst)},
          {"supported", static_cast<std::int64_t>(report.configs.size()) - unsupported},
          {"unsupported", unsupported},
          {"configs", std::move(configs)},
          {"skips", std::move(skips)},
          {"failures", std::move(failures)}};
}

}  // namespace kir::parity
