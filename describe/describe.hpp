// A plan in words and as JSON, for `kir plan`, the report and failing tests.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "kir/plan.hpp"
#include "kir/spec.hpp"

namespace kir {

/// Headed, human-readable text: images, levels with their jobs (windows, filters, passes, targets) and fills, outputs.
std::string describe(const ProcessorSpec& spec, const Plan& plan);

/// The plan's data: {numerics, images, levels: [{jobs, fills}], canvases, epilogues, outputs}.
nlohmann::json plan_json(const Plan& plan);

}  // namespace kir
