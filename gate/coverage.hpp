// How many processor configurations there are, and how many the planner builds: neither may fall.
#pragma once

#include <string>
#include <vector>

#include "gate/check.hpp"
#include "gate/settings.hpp"

namespace kir::gate {

/// Reads every *.json of `processors_dir` and plans a photograph-sized image with each that claims support. A
/// configuration that cannot be read, or that claims support and cannot be planned, does not count, and the note names
/// it. Throws Error{io} when the folder does not exist.
std::vector<Check> check_coverage(const std::vector<CoverageBound>& bounds, const std::string& processors_dir);

}  // namespace kir::gate
