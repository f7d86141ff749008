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

Check check_fresh(const std::string& evidence_name, const nlohmann::json& evidence, const Hashes& now) {
  const Bound accepted{Bound::Side::at_most, 0, "changed files",
                       "evidence counts only for the sources that it was measured with"};
  const std::string name = evidence_name + ": fresh";
  const nlohmann::json& sources = evidence.at("sources");
  if (sources.at("hash") != kHash)
    return failure(kRoom, name, accepted, "sources.hash must be \"" + std::string(kHash) + "\"");

  const std::vector<std::string> changed = changed_files(sources.at("files").get<Hashes>(), now);
  std::string note;
  if (!changed.empty()) {
    constexpr std::size_t kShown = 5;
    note = "changed since it was recorded: " + changed[0];
    for (std::size_t i = 1; i < std::min(changed.size(), kShown); ++i) note += ", " + changed[i];
    if (changed.size() > kShown) note += ", and " + std::to_string(changed.size() - kShown) + " more";
    note += "; record it again: " + evidence.at("command").get<std::string>();
    if (evidence.contains("device")) note += " on " + evidence["device"].get<std::string>();
  }
  return judge(kRoom, name, static_cast<double>(changed.size()), accepted, note);
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
  const std::vector<fs::path> files = files_in(recorded_dir, ".json");
  const Hashes now = hashes_of(source_dir, settings.recorded_sources);
  std::vector<Check> checks;
  for (const fs::path& file : files_in(recorded_dir, kUnfinished)) {
    checks.push_back(skipped(kRoom, file.filename().string(), {},
                             "parts of it are missing; until they are recorded it counts for nothing"));
  }
  std::vector<bool> found(settings.recorded.size(), false);
  std::set<std::string> here;  // maker_of() the evidence
  for (const fs::path& file : files) {
    const std::string evidence_name = file.filename().string();
    try {
      const nlohmann::json evidence = read_json_file(file.string());
      const bool is_table = evidence.is_object() && !evidence.contains("device") && !evidence.contains("measurements");
      checks.push_back(check_fresh(evidence_name, evidence, now));
      if (is_table) continue;
      const auto device = evidence.at("device").get<std::string>();
      for (const std::string& of : {std::string(), device}) {
        here.insert(maker_of(evidence.at("command").get<std::string>(), of));
      }
      for (const nlohmann::json& measurement : evidence.at("measurements")) {
        const auto measured_name = measurement.at("name").get<std::string>();
        for (std::size_t i = 0; i < settings.recorded.size(); ++i) {
          const RecordedBound& bound = settings.recorded[i];
          if (bound.measurement != measured_name || !(bound.device.empty() || bound.device == device)) continue;
          found[i] = true;
          const std::string name = evidence_name + ": " + measured_name;
          if (measurement.at("unit") != bound.accepted.unit)
            checks.push_back(failure(kRoom, name, bound.accepted, "recorded in " + measurement.at("unit").dump()));
          else
            checks.push_back(judge(kRoom, name, measurement.at("value").get<double>(), bound.accepted, "on " + device));
        }
      }
    } catch (const nlohmann::json::exception& error) {
      checks.push_back(failure(kRoom, evidence_name, {}, std::string("is not evidence: ") + error.what()));
    } catch (const Error& error) {
      checks.push_back(failure(kRoom, evidence_name, {}, error.what()));
    }
  }
  std::set<std::string> absent;
  for (std::size_t i = 0; i < settings.recorded.size(); ++i) {
    const RecordedBound& bound = settings.recorded[i];
    if (const std::string maker = maker_of(bound.command, bound.device); here.count(maker) == 0) {
      absent.insert(maker);
    } else if (!found[i]) {
      checks.push_back(failure(kRoom, bound.measurement, bound.accepted,
                               "no evidence under " + recorded_dir + " holds this measurement"));
    }
  }
  for (const std::string& maker : absent) {
    checks.push_back(
        skipped(kRoom, "evidence of " + maker, {}, "no recorded evidence yet in " + recorded_dir + " of " + maker));
  }
  return checks;
}

}  // namespace kir::gate
