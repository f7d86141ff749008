// Any backend as a contender: one plan, run again and again into the same outputs and workspace.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "benchmarks/contenders/contender.hpp"
#include "benchmarks/contenders/verify.hpp"
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

/// A backend that works in host memory; verified against the oracle first (verify.hpp).
Contender backend_contender(const std::string& name, const Backend& backend, const Workload& workload,
                            const Oracle& oracle, const parity::Settings& settings);

}  // namespace kir::benchmarks
