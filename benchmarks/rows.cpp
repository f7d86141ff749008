#include "benchmarks/rows.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "benchmarks/bench.hpp"
#include "benchmarks/contenders/verify.hpp"
#include "benchmarks/median.hpp"
#include "kir/error.hpp"

namespace kir::benchmarks {
namespace {

using nlohmann::json;

double seconds_of(const json& row) {
  const std::string unit = row.at("time_unit").get<std::string>();
  const double scale = unit == "ns" ? 1e-9 : unit == "us" ? 1e-6 : unit == "ms" ? 1e-3 : 1;
  return row.at("real_time").get<double>() * scale;
}

bool is_timed_repetition(const json& row) {
  return row.value("run_type", "") == "iteration" && !row.value("error_occurred", false);
}

/// The contender of a row: its name is SUITE/CASE/CONTENDER, then what Google Benchmark appends.
const Contender& contender_of(const TimedCase& timed, const json& row) {
  const std::string name = row.at("run_name").get<std::string>() + "/";
  for (const Contender& contender : timed.contenders) {
    if (name.rfind(timed.name_of(contender) + "/", 0) == 0) return contender;
  }
  throw Error(ErrorCode::invalid_argument, "benchmark", "a row of no contender: " + name);
}

/// In the order of the contenders: Google Benchmark reports interleaved ones as they end.
void sort_rows(json& rows, const TimedCase& timed) {
  std::stable_sort(rows.begin(), rows.end(), [&](const json& a, const json& b) {
    return &contender_of(timed, a) < &contender_of(timed, b);  // neighbours in one vector
  });
}

/// What the train says beside the time of a call; medians of the repetitions.
void add_trains(json& row, const std::vector<TrainTimes>& trains) {
  const auto median_of = [&](auto member) {
    std::vector<double> values;
    for (const TrainTimes& times : trains) values.push_back(static_cast<double>(times.*member));
    return median(std::move(values));
  };
  row["isolated_us"] = median_of(&TrainTimes::isolated_s) * 1e6;
  row["host_us"] = median_of(&TrainTimes::host_s) * 1e6;
  row["wall_us"] = median_of(&TrainTimes::wall_s) * 1e6;
  row["calls"] = median_of(&TrainTimes::calls);
  row["host_limited"] = median_of(&TrainTimes::host_limited) > 0;
  row["megahertz"] = median_of(&TrainTimes::megahertz);
}

/// The libtorch contender of these numerics, else the first: that of float32.
const Contender* libtorch_beside(const TimedCase& timed, const std::string& numerics) {
  const Contender* found = nullptr;
  for (const Contender& contender : timed.contenders) {
    if (!is_libtorch(contender.backend)) continue;
    if (found == nullptr || contender.numerics == numerics) found = &contender;
  }
  return found;
}

/// What a row is of, beside what Google Benchmark says.
void add_facts(json& row, const TimedCase& timed, const Contender& contender, int workers) {
  row["suite"] = timed.suite;
  row["case"] = timed.case_name;
  row["contender"] = contender.name;
  row["backend"] = contender.backend;
  row["numerics"] = contender.numerics;
  row["images"] = timed.images;
  row["workers"] = workers;
  row["bytes"] = contender.bytes;
  if (!contender.verified_against.empty()) row["verified_against"] = contender.verified_against;
  if (contender.max_abs) row["max_abs"] = *contender.max_abs;
  if (contender.bound) row["bound"] = *contender.bound;
  if (!contender.refused.empty()) {  // 0 is a time too
    for (const char* key : {"real_time", "cpu_time", "time_unit", "iterations"}) row.erase(key);
  }
}

/// Its median time, what its trains say, and its ratios to the others of the case.
void add_times(json& row, const TimedCase& timed, const std::map<std::string, double>& seconds) {
  const auto contender = row["contender"].get<std::string>();
  const double own = seconds.at(contender);
  const auto put = [&](const std::string& key, double value) {
    if (std::isfinite(value)) row[key] = value;
  };
  put("us", own * 1e6);
  const auto trains = timed.trains.find(contender);
  if (std::isfinite(own) && trains != timed.trains.end()) add_trains(row, trains->second);
  for (const Contender& other : timed.contenders) put("ratio_to_" + other.name, own / seconds.at(other.name));
  if (const Contender* other = libtorch_beside(timed, row["numerics"].get<std::string>())) {
    put("ratio_to_libtorch", own / seconds.at(other->name));
  }
}

}  // namespace

void complete_rows(json& rows, const TimedCase& timed, int workers) {
  sort_rows(rows, timed);
  for (json& row : rows) add_facts(row, timed, contender_of(timed, row), workers);
  const json result = {{"benchmarks", rows}};
  std::map<std::string, double> seconds;
  for (const Contender& one : timed.contenders) {
    seconds[one.name] = median_seconds(result, timed.suite, timed.case_name, one.name);
  }
  for (json& row : rows) add_times(row, timed, seconds);
}

double median_seconds(const json& result, std::string_view suite, std::string_view case_name,
                      std::string_view contender) {
  std::vector<double> times;
  for (const json& row : result.at("benchmarks")) {
    if (row.at("suite") == suite && row.at("case") == case_name && row.at("contender") == contender &&
        is_timed_repetition(row)) {
      times.push_back(seconds_of(row));
    }
  }
  return median(std::move(times));
}

}  // namespace kir::benchmarks
