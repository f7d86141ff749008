#include "gate/recorded.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "gate/source_hash.hpp"
#include "json/reader.hpp"
#include "kir/error.hpp"

namespace kir::gate {
namespace fs = std::filesystem;
namespace {

constexpr const char* kRoom = "recorded";
constexpr const char* kHash = "fnv1a64";
constexpr const char* kUnfinished = ".unfinished";  // reports/evidence.py
using Hashes = std::map<std::string, std::string>;  // of a file

/// What evidence of a command would be stamped with today.
struct Today {
  std::vector<std::string> plan_names;  ///< EvidenceSources::plans
  Hashes files, plans;
};
using TodayOf = std::map<std::string, Today>;  // by command

std::vector<fs::path> files_in(const std::string& folder, const char* extension) {
  std::vector<fs::path> files;
  if (fs::is_directory(folder))
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == extension) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

Hashes file_hashes(const std::string& source_dir, const EvidenceSources& sources) {
  std::vector<std::string> files = with_included(source_dir, source_files(source_dir, sources.compiled));
  for (std::string& file : source_files(source_dir, sources.paths)) files.push_back(std::move(file));
  Hashes hashes;
  for (const std::string& file : files) hashes[file] = file_hash(source_dir, file);
  return hashes;
}

/// Whether a plan is one that `wanted` names: "processors" is all of "processors/NAME".
bool is_named(const std::string& plan, const std::string& wanted) {
  return plan == wanted || plan.rfind(wanted + "/", 0) == 0;
}

Hashes plans_of(const PlanHashes& plans, const std::vector<std::string>& wanted) {
  Hashes chosen;
  for (const auto& [plan, hash] : plans) {
    const auto names_it = [&plan = plan](const std::string& one) { return is_named(plan, one); };
    if (std::any_of(wanted.begin(), wanted.end(), names_it)) chosen[plan] = hash;
  }
  return chosen;
}

/// The files that are in one of the two only, or differ.
std::vector<std::string> changed_files(const Hashes& stamped, const Hashes& now) {
  std::vector<std::string> changed;
  for (const auto& [file, hash] : now) {
    const auto old = stamped.find(file);
    if (old == stamped.end() || old->second != hash) changed.push_back(file);
  }
  for (const auto& [file, hash] : stamped)
    if (now.count(file) == 0) changed.push_back(file);
  return changed;
}

/// The plans that it ran and that are others today, and those that it should have run.
std::vector<std::string> changed_plans(const Hashes& stamped, const Today& now) {
  std::vector<std::string> changed;
  for (const auto& [plan, hash] : stamped) {
    const auto today = now.plans.find(plan);
    if (today == now.plans.end()) {
      changed.push_back("the plans of " + plan + ", which are there no more");
    } else if (today->second != hash) {
      changed.push_back("the plans of " + plan);
    }
  }
  for (const std::string& wanted : now.plan_names) {
    const auto is_of_it = [&](const auto& one) { return is_named(one.first, wanted); };
    if (std::none_of(stamped.begin(), stamped.end(), is_of_it)) {
      changed.push_back("the plans of " + wanted + ", of which it has no hash");
    }
  }
  return changed;
}

/// What records evidence: "make record on NVIDIA H200"; without a device, on any.
std::string maker_of(const std::string& command, const std::string& device) {
  return device.empty() ? command : command + " on " + device;
}

/// "record it again: make record on A GPU"
std::string remedy(const nlohmann::json& evidence) {
  const std::string device = evidence.contains("device") ? evidence["device"].get<std::string>() : "";
  return "record it again: " + maker_of(evidence.at("command").get<std::string>(), device);
}

/// The files and plans that are not what they were when it was measured. Throws for evidence without a stamp.
std::vector<std::string> changed_since(const nlohmann::json& evidence, const TodayOf& now) {
  const nlohmann::json& sources = evidence.at("sources");
  if (sources.at("hash") != kHash)
    throw Error(ErrorCode::invalid_argument, "sources.hash", "must be \"" + std::string(kHash) + "\"");
  const Today& today = now.at(evidence.at("command").get<std::string>());
  std::vector<std::string> changed = changed_files(sources.at("files").get<Hashes>(), today.files);
  const Hashes plans = sources.value("plans", Hashes{});
  for (std::string& plan : changed_plans(plans, today)) changed.push_back(std::move(plan));
  return changed;
}

Check check_fresh(const std::string& evidence_name, const nlohmann::json& evidence, const TodayOf& now) {
  const Bound accepted{Bound::Side::at_most, 0, "changed sources",
                       "evidence counts only for the sources and plans that it was measured with"};
  const std::vector<std::string> changed = changed_since(evidence, now);
  std::string note;
  if (!changed.empty()) {
    constexpr std::size_t kShown = 5;
    note = "changed since it was recorded: " + changed[0];
    for (std::size_t i = 1; i < std::min(changed.size(), kShown); ++i) note += ", " + changed[i];
    if (changed.size() > kShown) note += ", and " + std::to_string(changed.size() - kShown) + " more";
    note += "; " + remedy(evidence);
  }
  return judge(kRoom, evidence_name + ": fresh", static_cast<double>(changed.size()), accepted, note);
}

/// How the programs ended that measured it. None where the evidence has no parts.
std::optional<Check> check_parts(const std::string& evidence_name, const nlohmann::json& evidence) {
  if (!evidence.contains("parts")) return std::nullopt;
  int failed = 0;
  std::string note;
  for (const nlohmann::json& part : evidence.at("parts")) {
    const int code = part.at("exit_code").get<int>();
    if (code == 0) continue;
    note += (failed++ == 0 ? "" : "; ") + part.at("part").get<std::string>() + ": exit code " + std::to_string(code);
  }
  if (failed > 0) note += "; " + remedy(evidence);
  const Bound accepted{Bound::Side::at_most, 0, "failed parts", "what failed measured nothing that can be accepted"};
  return judge(kRoom, evidence_name + ": parts", failed, accepted, note);
}

/// Evidence of which parts are missing: what it measured counts for nothing, what failed with today's sources does.
std::vector<Check> check_unfinished(const std::string& evidence_name, const nlohmann::json& evidence,
                                    const TodayOf& now) {
  if (!changed_since(evidence, now).empty())
    return {skipped(kRoom, evidence_name, {},
                    "parts of it are missing, and it is of other sources: it counts for nothing; " + remedy(evidence))};
  std::vector<Check> checks;
  const std::optional<Check> parts = check_parts(evidence_name, evidence);
  if (parts && parts->verdict == Verdict::fail) checks.push_back(*parts);
  checks.push_back(
      skipped(kRoom, evidence_name, {},
              "parts of it are missing; until they are recorded it counts for nothing; " + remedy(evidence)));
  return checks;
}

/// How many configurations were planned when it was recorded; not a number where it does not say.
double planned_then(const nlohmann::json& evidence) {
  const Hashes plans = evidence.at("sources").value("plans", Hashes{});
  const auto count =
      std::count_if(plans.begin(), plans.end(), [](const auto& plan) { return is_named(plan.first, "processors"); });
  return count == 0 ? std::nan("") : static_cast<double>(count);
}

/// What is accepted of evidence of this command and device, each held against what it measured.
std::vector<Check> check_measurements(const std::string& evidence_name, const nlohmann::json& evidence,
                                      const std::vector<RecordedBound>& bounds) {
  const auto command = evidence.at("command").get<std::string>();
  const auto device = evidence.at("device").get<std::string>();
  std::map<std::string, const nlohmann::json*> measured;
  for (const nlohmann::json& one : evidence.at("measurements")) measured[one.at("name").get<std::string>()] = &one;

  std::vector<Check> checks;
  for (const RecordedBound& bound : bounds) {
    if (bound.command != command || !(bound.device.empty() || bound.device == device)) continue;
    const std::string name = evidence_name + ": " + bound.measurement;
    const auto found = measured.find(bound.measurement);
    if (found == measured.end()) {
      checks.push_back(failure(kRoom, name, bound.accepted, "this evidence does not hold the measurement"));
      continue;
    }
    const nlohmann::json& unit = found->second->at("unit");
    Bound accepted = bound.accepted;
    if (accepted.is_planned) accepted.value = planned_then(evidence);
    const bool is_known = !std::isnan(accepted.value);
    if (unit == accepted.unit && is_known) {
      checks.push_back(judge(kRoom, name, found->second->at("value").get<double>(), accepted, "on " + device));
    } else {
      checks.push_back(failure(kRoom, name, accepted,
                               is_known ? "recorded in " + unit.dump() : "it has no hash of a configuration's plans"));
    }
  }
  return checks;
}

}  // namespace

nlohmann::json source_stamp(const std::string& source_dir, const EvidenceSources& sources, const PlanHashes& plans) {
  return {{"hash", kHash}, {"files", file_hashes(source_dir, sources)}, {"plans", plans_of(plans, sources.plans)}};
}

std::vector<Check> check_recorded(const Settings& settings, const std::string& source_dir,
                                  const std::string& recorded_dir, const PlanHashes& plans) {
  TodayOf now;
  for (const EvidenceSources& one : settings.recorded_sources) {
    now[one.command] = {one.plans, file_hashes(source_dir, one), plans_of(plans, one.plans)};
  }
  std::vector<Check> checks;
  // A file that is no evidence fails by name.
  const auto for_each_file = [&](const char* extension, const auto& look) {
    for (const fs::path& file : files_in(recorded_dir, extension)) {
      const std::string name = file.filename().string();
      try {
        const nlohmann::json evidence = read_json_object(file.string());
        settings.sources_of(evidence.at("command").get<std::string>());  // throws for a command that records nothing
        look(name, evidence);
      } catch (const nlohmann::json::exception& error) {
        checks.push_back(failure(kRoom, name, {}, std::string("is not evidence: ") + error.what()));
      } catch (const Error& error) {
        checks.push_back(failure(kRoom, name, {}, error.what()));
      }
    }
  };

  for_each_file(kUnfinished, [&](const std::string& name, const nlohmann::json& evidence) {
    append(checks, check_unfinished(name, evidence, now));
  });
  std::map<std::string, std::set<std::string>> devices;  // by command: those that there is evidence of
  for_each_file(".json", [&](const std::string& name, const nlohmann::json& evidence) {
    checks.push_back(check_fresh(name, evidence, now));
    if (const std::optional<Check> parts = check_parts(name, evidence)) checks.push_back(*parts);
    const auto command = evidence.at("command").get<std::string>();
    const auto accepts = [&](const RecordedBound& bound) { return bound.command == command; };
    if (std::none_of(settings.recorded.begin(), settings.recorded.end(), accepts)) return;  // a table for the report
    devices[command].insert(evidence.at("device").get<std::string>());
    append(checks, check_measurements(name, evidence, settings.recorded));
  });

  std::set<std::pair<std::string, std::string>> absent;  // command and device
  for (const RecordedBound& bound : settings.recorded) {
    const std::set<std::string>& here = devices[bound.command];
    if (bound.device.empty() ? here.empty() : here.count(bound.device) == 0)
      absent.emplace(bound.command, bound.device);
  }
  for (const auto& [command, device] : absent) {
    const std::string maker = maker_of(command, device);
    std::string others;
    for (const std::string& other : devices[command]) others += (others.empty() ? "; there is of " : ", ") + other;
    checks.push_back(skipped(kRoom, "evidence of " + maker, {},
                             "no recorded evidence yet in " + recorded_dir + " of " + maker + others));
  }
  return checks;
}

}  // namespace kir::gate
