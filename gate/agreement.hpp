// Parity in the gate: two backends over every supported configuration, and how much of the accepted error they use.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gate/check.hpp"
#include "gate/settings.hpp"
#include "kir/backend.hpp"
#include "parity/runner.hpp"

namespace kir::gate {

/// The backend of a name. Throws Error for an unknown one. Tests pass backends with planted faults.
using BackendNamed = std::function<Backend&(const std::string& name)>;

/// Told what is being measured, for a progress line. May be empty.
using Announce = std::function<void(const std::string& what)>;

/// Runs every (backend, oracle, numerics) of `bounds` once with `options` (whose numerics are ignored) and judges each
/// bound of it. Throws what run_parity throws.
std::vector<Check> check_parity(const std::vector<ParityBound>& bounds, const parity::ParityOptions& options,
                                const BackendNamed& backend, const Announce& announce = {});

}  // namespace kir::gate
