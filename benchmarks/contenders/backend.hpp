// Any backend as a contender: one plan, run again and again into the same outputs and workspace.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "benchmarks/contenders/contender.hpp"
#include "kir/backend.hpp"
#include "parity/settings.hpp"

namespace kir::benchmarks {

/// What a backend is timed on. Shared by the contenders of one case and kept alive by them.
struct Workload {
  std::shared_ptr<const Plan> plan;
  std::span<const ImageView> images;  ///< must outlive the contender
  RunContext context;

  /// Source pixels and outputs, in bytes.
  std::int64_t bytes() const;
};

/// `NAME_float` (float32) or `NAME_uint8` (torch_cpu: uint8 resize, then normalize), verified against the oracle first:
/// beyond the parity bound, or not supported, it is refused. An oracle is taken at its word. Never throws for what the
/// backend does wrong.
Contender backend_contender(const std::string& name, const Backend& backend, const Workload& workload,
                            const std::string& oracle_name, const Backend& oracle, const parity::Settings& settings);

}  // namespace kir::benchmarks
