// Which processor configurations are planned. How many there are follows from the configurations and the classes that
// have a recipe; those that are refused by their own values are accepted by name.
#pragma once

#include <string>
#include <vector>

#include "gate/check.hpp"
#include "gate/settings.hpp"
#include "kir/spec.hpp"

namespace kir::gate {

/// A file of a folder of configurations.
struct Configuration {
  std::string name;  ///< of the file, without .json
  ProcessorSpec spec;
  std::string error;  ///< why it cannot be read; spec is empty then
};

/// In alphabetical order. Throws Error{io} when the folder does not exist.
std::vector<Configuration> configurations(const std::string& processors_dir);

/// Why a configuration is not planned; empty for one that is: a photograph-sized image has a plan.
std::string why_not_planned(const Configuration& one);

/// How many configurations are planned: a photograph-sized image is, with each that claims support.
int count_planned(const std::vector<Configuration>& configurations);

/// "total": all that can be read. "planned": each whose class has a recipe, but those that `accepted.refused` names.
/// "refused by its own values": these are refused, with the reason that is accepted, and no others; the note names each
/// that differs. A configuration that cannot be read, or that claims support and cannot be planned, is named too.
std::vector<Check> check_coverage(const CoverageSettings& accepted, const std::vector<Configuration>& configurations);

}  // namespace kir::gate
