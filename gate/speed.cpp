#include "gate/speed.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace kir::gate {
namespace {

using nlohmann::json;

/// Why a contender has no time; empty when it has one, or is not in the run.
std::string refusal(const json& result, const SpeedBound& bound, const std::string& contender) {
  for (const json& row : result.at("benchmarks"))
    if (row.at("suite") == bound.suite && row.at("case") == bound.case_name && row.at("contender") == contender &&
        row.value("error_occurred", false))
      return contender + ": " + row.value("error_message", "no reason given");
  return {};
}

Check judge_speed(const json& result, const SpeedBound& bound) {
  const std::string name = bound.suite + "/" + bound.case_name + " " + bound.contender +
                           (bound.against.empty() ? "" : " / " + bound.against);
  const double own = benchmarks::median_seconds(result, bound.suite, bound.case_name, bound.contender);
  if (bound.against.empty())
    return judge("speed", name, own * 1e6, bound.accepted, refusal(result, bound, bound.contender));

  const double other = benchmarks::median_seconds(result, bound.suite, bound.case_name, bound.against);
  std::string note = refusal(result, bound, bound.contender) + refusal(result, bound, bound.against);
  if (note.empty())
    note = std::to_string(own * 1e3) + " ms against " + std::to_string(other * 1e3) + " ms, medians of this run";
  return judge("speed", name, own / other, bound.accepted, note);
}

}  // namespace

std::vector<Check> check_speed(const Settings& settings, const benchmarks::BenchOptions& options,
                               const BackendNamed& backend, const Announce& announce) {
  const std::pair<std::string, Backend*> backends[] = {{"cpu", &backend("cpu")}, {"libtorch", &backend("libtorch")}};
  std::map<std::string, json> results;
  std::vector<Check> checks;
  for (const SpeedBound& bound : settings.speed) {
    if (results.count(bound.suite) == 0) {
      if (announce) announce("speed of suite " + bound.suite);
      benchmarks::BenchOptions asked = options;
      asked.suites = {bound.suite};
      asked.oracle = "libtorch";
      asked.repetitions = settings.speed_repetitions;
      asked.min_time_s = settings.speed_min_time_s;
      results[bound.suite] = benchmarks::run_bench(asked, backends);
    }
    checks.push_back(judge_speed(results[bound.suite], bound));
  }
  return checks;
}

}  // namespace kir::gate
