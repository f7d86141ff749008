// The plans that recorded evidence ran, as hashes: evidence is stale when one of them is another today.
#pragma once

#include <map>
#include <string>

namespace kir::gate {

/// By name: "processors/NAME" for each configuration that is planned, over a photograph, a ragged batch and a batch of
/// one size; "NUMERICS/NAME", as "torch_cpu/clip", for its plans of each numerics that is built; "suites/SUITE_CASE"
/// for each case that is timed on CUDA backends.
using PlanHashes = std::map<std::string, std::string>;

/// Those of today, of the folders processors/ and suites/ of `configs_dir`. A configuration that cannot be read has
/// none. Throws Error for a suite that cannot be read, and Error{io} for a folder that does not exist.
PlanHashes plan_hashes(const std::string& configs_dir);

}  // namespace kir::gate
