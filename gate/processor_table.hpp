// What is known of each processor: whether it is planned, and whether a recorded pytest run found what its plans give
// to be what the installed class gives.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gate/coverage.hpp"
#include "gate/plan_hashes.hpp"

namespace kir::gate {

struct ProcessorRow {
  std::string model_type;  ///< "clip"
  std::string class_name;  ///< "CLIPImageProcessor"
  std::string family;      ///< by what its outputs are: ProcessorSpec::writes; empty for a class that is not built
  bool planned = false;
  bool reproduced = false;         ///< its own numerics are among `modes`
  std::vector<std::string> modes;  ///< the numerics in which every recorded test passed, with the plans of today
  std::string reason;              ///< why it is not planned, or not reproduced
};

/// What `make record-processors` wrote, reports/recorded/processors.json. A null where there is no such file; throws
/// Error for one that is not JSON.
nlohmann::json read_processor_evidence(const std::string& recorded_dir);

/// A row a configuration, in their order. `evidence` may be null: nothing is reproduced then.
/// Throws Error{invalid_argument} for evidence that is not what `make record-processors` writes.
std::vector<ProcessorRow> processor_table(const std::vector<Configuration>& configurations,
                                          const nlohmann::json& evidence, const PlanHashes& plans);

}  // namespace kir::gate
