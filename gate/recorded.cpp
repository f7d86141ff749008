#include "gate/recorded.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "gate/json_object.hpp"
#include "gate/source_hash.hpp"
#include "kir/error.hpp"

namespace kir::gate {
namespace fs = std::filesystem;
namespace {

constexpr const char* kRoom = "recorded";
constexpr const char* kHash = "fnv1a64";
constexpr const char* kUnfinished = ".unfinished";  // reports/record.py
using Hashes = std::map<std::string, std::string>;

std::vector<fs::path> files_in(const std::string& folder, const char* extension) {
  std::vector<fs::path> files;
  if (fs::is_directory(folder))
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == extension) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

Hashes hashes_of(const std::string& source_dir, const std::vector<std::string>& roots) {
  Hashes hashes;
  for (const std::string& file : source_files(source_dir, roots)) hashes[file] = file_hash(source_dir, file);
  return hashes;
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

Check check_fresh(const std::string& evidence_name, const nlohmann::json& evidence, const Settings& settings,
                  const std::string& source_dir) {
  const Bound accepted{Bound::Side::at_most, 0, "changed files",
                       "evidence counts only for the sources that it was measured with"};
  const std::string name = evidence_name + ": fresh";
  const nlohmann::json& sources = evidence.at("sources");
  if (sources.at("hash") != kHash)
    return failure(kRoom, name, accepted, "sources.hash must be \"" + std::string(kHash) + "\"");

  const auto command = evidence.at("command").get<std::string>();
  const std::vector<std::string> changed =
      changed_files(sources.at("files").get<Hashes>(), hashes_of(source_dir, settings.sources_of(command)));
  std::string note;
  if (!changed.empty()) {
    constexpr std::size_t kShown = 5;
    note = "changed since it was recorded: " + changed[0];
    for (std::size_t i = 1; i < std::min(changed.size(), kShown); ++i) note += ", " + changed[i];
    if (changed.size() > kShown) note += ", and " + std::to_string(changed.size() - kShown) + " more";
    note += "; record it again: " + command;
    if (evidence.contains("device")) note += " on " + evidence["device"].get<std::string>();
  }
  return judge(kRoom, name, static_cast<double>(changed.size()), accepted, note);
}

/// How the programs ended that measured it. None where the evidence has no parts.
std::vector<Check> check_parts(const std::string& evidence_name, const nlohmann::json& evidence) {
  if (!evidence.contains("parts")) return {};
  int failed = 0;
  std::string note;
  for (const nlohmann::json& part : evidence.at("parts")) {
    const int code = part.at("exit_code").get<int>();
    if (code == 0) continue;
    note += (failed++ == 0 ? "" : "; ") + part.at("part").get<std::string>() + ": exit code " + std::to_string(code);
  }
  const Bound accepted{Bound::Side::at_most, 0, "failed parts", "what failed measured nothing that can be accepted"};
  return {judge(kRoom, evidence_name + ": parts", failed, accepted, note)};
}

/// Evidence of which parts are missing: what it measured counts for nothing, what failed in it does.
std::vector<Check> check_unfinished(const std::string& evidence_name, const nlohmann::json& evidence) {
  std::vector<Check> checks;
  for (Check& check : check_parts(evidence_name, evidence))
    if (check.verdict == Verdict::fail) checks.push_back(std::move(check));
  checks.push_back(
      skipped(kRoom, evidence_name, {}, "parts of it are missing; until they are recorded it counts for nothing"));
  return checks;
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
    checks.push_back(unit == bound.accepted.unit
                         ? judge(kRoom, name, found->second->at("value").get<double>(), bound.accepted, "on " + device)
                         : failure(kRoom, name, bound.accepted, "recorded in " + unit.dump()));
  }
  return checks;
}

/// What records evidence: "make record on NVIDIA H200"; without a device, on any.
std::string maker_of(const std::string& command, const std::string& device) {
  return device.empty() ? command : command + " on " + device;
}

}  // namespace

nlohmann::json source_stamp(const std::string& source_dir, const std::vector<std::string>& roots) {
  return {{"hash", kHash}, {"files", hashes_of(source_dir, roots)}};
}

std::vector<Check> check_recorded(const Settings& settings, const std::string& source_dir,
                                  const std::string& recorded_dir) {
  std::vector<Check> checks;
  // A file that is no evidence fails by name.
  const auto for_each_file = [&](const char* extension, const auto& look) {
    for (const fs::path& file : files_in(recorded_dir, extension)) {
      const std::string name = file.filename().string();
      try {
        look(name, read_json_file(file.string()));
      } catch (const nlohmann::json::exception& error) {
        checks.push_back(failure(kRoom, name, {}, std::string("is not evidence: ") + error.what()));
      } catch (const Error& error) {
        checks.push_back(failure(kRoom, name, {}, error.what()));
      }
    }
  };
  const auto append = [&](std::vector<Check> more) {
    for (Check& check : more) checks.push_back(std::move(check));
  };

  for_each_file(kUnfinished, [&](const std::string& name, const nlohmann::json& evidence) {
    append(check_unfinished(name, evidence));
  });
  std::set<std::string> here, devices;  // maker_of() the evidence
  for_each_file(".json", [&](const std::string& name, const nlohmann::json& evidence) {
    const bool is_table = evidence.is_object() && !evidence.contains("device") && !evidence.contains("measurements");
    checks.push_back(check_fresh(name, evidence, settings, source_dir));
    if (is_table) return;
    const auto command = evidence.at("command").get<std::string>();
    const auto device = evidence.at("device").get<std::string>();
    here.insert({maker_of(command, {}), maker_of(command, device)});
    devices.insert(device);
    append(check_parts(name, evidence));
    append(check_measurements(name, evidence, settings.recorded));
  });

  std::set<std::string> absent;
  for (const RecordedBound& bound : settings.recorded) {
    if (const std::string maker = maker_of(bound.command, bound.device); here.count(maker) == 0) absent.insert(maker);
  }
  for (const std::string& maker : absent) {
    std::string note = "no recorded evidence yet in " + recorded_dir + " of " + maker;
    for (const std::string& device : devices) note += (device == *devices.begin() ? "; there is of " : ", ") + device;
    checks.push_back(skipped(kRoom, "evidence of " + maker, {}, note));
  }
  return checks;
}

}  // namespace kir::gate
