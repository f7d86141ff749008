#include "gate/processor_table.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include "json/reader.hpp"
#include "kir/error.hpp"

namespace kir::gate {
namespace {

constexpr const char* kFile = "processors.json";

/// What the recorded run found of one configuration in one numerics.
struct Result {
  std::string numerics, stamp;  ///< stamp: the hash of the plans that it ran
  bool own = false;             ///< whether these numerics are the class's own
  int tests = 0, failed = 0;
};
struct Evidence {
  std::string recorded;  ///< the day
  std::map<std::string, std::vector<Result>> results;
};

Evidence parse(const nlohmann::json& document) {
  Evidence evidence;
  if (document.is_null()) return evidence;
  try {
    evidence.recorded = document.at("recorded").get<std::string>();
    const auto stamps = document.at("sources").at("plans").get<PlanHashes>();
    for (const nlohmann::json& row : document.at("processors")) {
      Result one;
      one.numerics = row.at("numerics").get<std::string>();
      one.own = row.at("own").get<bool>();
      one.tests = row.at("tests").get<int>();
      one.failed = row.at("failed").get<int>();
      const auto name = row.at("config").get<std::string>();
      const auto stamp = stamps.find(one.numerics + "/" + name);
      if (stamp != stamps.end()) one.stamp = stamp->second;
      evidence.results[name].push_back(std::move(one));
    }
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::invalid_argument, kFile,
                std::string("is not what `make record-processors` writes: ") + error.what());
  }
  return evidence;
}

/// Why a result counts for nothing today; empty for one that counts.
std::string why_not(const Result& one, const std::string& name, const Evidence& evidence, const PlanHashes& plans) {
  const auto today = plans.find(one.numerics + "/" + name);
  if (one.stamp.empty() || today == plans.end() || today->second != one.stamp)
    return "other plans since " + evidence.recorded + ": make record-processors";
  if (one.failed > 0 || one.tests == 0)
    return std::to_string(one.failed) + " of " + std::to_string(one.tests) + " tests failed on " + evidence.recorded;
  return "";
}

void judge_results(ProcessorRow& row, const Evidence& evidence, const PlanHashes& plans) {
  const auto found = evidence.results.find(row.model_type);
  if (found == evidence.results.end()) {
    row.reason = "not recorded: make record-processors";
    return;
  }
  for (const Result& one : found->second) {
    const std::string reason = why_not(one, row.model_type, evidence, plans);
    if (reason.empty()) {
      row.modes.push_back(one.numerics);
      row.reproduced = row.reproduced || one.own;
    } else if (one.own) {
      row.reason = one.numerics + ": " + reason;
    }
  }
}

}  // namespace

nlohmann::json read_processor_evidence(const std::string& recorded_dir) {
  const std::string file = recorded_dir + "/" + kFile;
  return std::filesystem::is_regular_file(file) ? read_json_object(file) : nlohmann::json();
}

std::vector<ProcessorRow> processor_table(const std::vector<Configuration>& configurations,
                                          const nlohmann::json& evidence, const PlanHashes& plans) {
  const Evidence parsed = parse(evidence);
  std::vector<ProcessorRow> rows;
  for (const Configuration& one : configurations) {
    ProcessorRow row;
    row.model_type = one.name;
    row.class_name = one.spec.class_name;
    row.family = one.spec.writes;
    row.reason = why_not_planned(one);
    row.planned = row.reason.empty();
    if (row.planned) judge_results(row, parsed, plans);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace kir::gate
