// Evidence measured on another machine (a GPU) and committed under reports/recorded/: is it still about these sources,
// and is it within its bounds?
//
// One file a device and topic:
//   {"device": "...", "backend": "...", "recorded": "YYYY-MM-DD", "command": "...",
//    "measurements": [{"name": "...", "value": number, "unit": "..."}, ...],
//    "parts": [{"part": "...", "exit_code": 0}, ...],
//    "sources": {"hash": "fnv1a64", "files": {"PATH": "16 hex digits", ...}, "plans": {"processors/NAME": "...", ...}}}
// "command" says which sources it depends on (Settings::sources_of). "parts" may be absent: it says how the programs
// that measured it ended. Other keys are for the report and are not looked at here. A command of which nothing is
// accepted records a table for the report (what a compiler says of the kernels): it must be fresh, and needs neither
// "device" nor "measurements".
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gate/check.hpp"
#include "gate/plan_hashes.hpp"
#include "gate/settings.hpp"

namespace kir::gate {

/// The `sources` value of evidence that is recorded now: the hashes of its command's files, and of the plans of today
/// that it runs.
nlohmann::json source_stamp(const std::string& source_dir, const EvidenceSources& sources, const PlanHashes& plans);

/// For each evidence file `recorded_dir`/*.json: a check that the stamped files are all of today's files of its
/// command, unchanged, and that each stamped plan is in `plans`, unchanged; a plan that is newer than the
/// evidence is not looked at. A check that no part of it failed, where it has parts. And a check for each measurement
/// that is accepted of its command and device, which fails where it is missing. A file *.json.unfinished (evidence of
/// which parts are missing) is one named skip, and fails besides for a part that failed with today's sources. Each
/// command and device without any evidence is one named skip. A file that is not evidence is a failed check, not an
/// exception. Throws Error for source roots that do not exist.
std::vector<Check> check_recorded(const Settings& settings, const std::string& source_dir,
                                  const std::string& recorded_dir, const PlanHashes& plans);

}  // namespace kir::gate
