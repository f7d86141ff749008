#include "gate/coverage.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include "describe/plan_hash.hpp"
#include "kir/error.hpp"

namespace kir::gate {
namespace fs = std::filesystem;
namespace {

/// Why no plan stands behind its claim of support; empty for one that is planned.
std::string planning_error(const ProcessorSpec& spec) {
  try {
    plan_of_plausible_images(spec, std::vector<ImageSize>{{3, 480, 640}});
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

void add(std::string& list, const std::string& item) {
  list += (list.empty() ? "" : "; ") + item;
}

/// What differs between the configurations that are refused by their own values and those that may be.
std::vector<std::string> differences(const std::vector<RefusedConfiguration>& accepted,
                                     const std::vector<Configuration>& configurations) {
  std::map<std::string, std::string> may_be, are;
  for (const RefusedConfiguration& one : accepted) may_be[one.name] = one.reason;
  for (const Configuration& one : configurations) {
    if (one.error.empty() && one.spec.recipe != nullptr && !one.spec.unsupported.empty())
      are[one.name] = one.spec.unsupported;
  }
  std::vector<std::string> found;
  for (const auto& [name, reason] : are) {
    if (may_be.count(name) == 0) {
      found.push_back(name + " is refused: " + reason);
    } else if (may_be[name] != reason) {
      found.push_back(name + " is refused for another reason: " + reason);
    }
  }
  for (const auto& [name, reason] : may_be) {
    if (are.count(name) == 0) found.push_back(name + " is not refused");
  }
  return found;
}

}  // namespace

std::vector<Configuration> configurations(const std::string& processors_dir) {
  if (!fs::is_directory(processors_dir))
    throw Error(ErrorCode::io, processors_dir, "no such folder of processor configurations");
  std::vector<Configuration> found;
  for (const auto& entry : fs::directory_iterator(processors_dir)) {
    if (entry.path().extension() != ".json") continue;
    Configuration one{entry.path().stem().string(), {}, {}};
    try {
      one.spec = load_spec(entry.path().string());
      one.spec.source = entry.path().filename().string();  // errors of its plans are the same in every folder
    } catch (const Error& error) {
      one.error = error.what();
    }
    found.push_back(std::move(one));
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return found;
}

std::string why_not_planned(const Configuration& one) {
  if (!one.error.empty()) return one.error;
  return one.spec.unsupported.empty() ? planning_error(one.spec) : one.spec.unsupported;
}

int count_planned(const std::vector<Configuration>& configurations) {
  return static_cast<int>(std::count_if(configurations.begin(), configurations.end(),
                                        [](const Configuration& one) { return why_not_planned(one).empty(); }));
}

std::vector<Check> check_coverage(const CoverageSettings& accepted, const std::vector<Configuration>& configurations) {
  int total = 0, with_recipe = 0;
  std::string broken;
  for (const Configuration& one : configurations) {
    if (!one.error.empty()) {
      add(broken, "broken: " + one.error);
      continue;
    }
    ++total;
    if (one.spec.recipe == nullptr) continue;
    ++with_recipe;
    if (!one.spec.unsupported.empty()) continue;
    if (const std::string error = planning_error(one.spec); !error.empty()) add(broken, "broken: " + error);
  }
  const std::vector<std::string> differing = differences(accepted.refused, configurations);
  std::string names;
  for (const std::string& one : differing) add(names, one);

  const Bound planned{Bound::Side::at_least,
                      static_cast<double>(with_recipe) - static_cast<double>(accepted.refused.size()), "configurations",
                      "every configuration whose class has a recipe, but those that are refused by name"};
  const Bound refused{Bound::Side::at_most, 0, "differences",
                      "a configuration that is refused by its own values is accepted by name and reason, and no other"};
  return {judge("coverage", "total", total, accepted.total, broken),
          judge("coverage", "planned", count_planned(configurations), planned, broken),
          judge("coverage", "refused by its own values", static_cast<double>(differing.size()), refused, names)};
}

}  // namespace kir::gate
