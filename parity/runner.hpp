// Runs two backends over a folder of configurations and compares what they compute.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "kir/backend.hpp"
#include "parity/image.hpp"
#include "parity/report.hpp"
#include "parity/settings.hpp"

namespace kir::parity {

/// The backend that is taken as right.
struct Oracle {
  Oracle(const Backend& right, const Backend* exactly = nullptr) : backend(right), exact(exactly) {}

  const Backend& backend;
  /// For an oracle that only is near the truth (torch's own CUDA kernels): the same computed exactly. How far the
  /// oracle is from it in a case tells how far others may be from the oracle: Settings::inexact_oracle_max_abs. A plan
  /// that it refuses is skipped: nothing tells the bound. It is not asked of what must be equal.
  const Backend* exact;
};

struct ParityOptions {
  std::string configs_dir;        ///< folder of preprocessor_config.json-shaped files, NAME.json
  std::vector<std::string> only;  ///< names to run; empty = all
  Numerics numerics = Numerics::float32;
  std::uint64_t seed = 0;
  bool quick = false;
  std::span<const Image> photos;  ///< photographs among the cases, as they are; must outlive the run
  Settings settings;
  RunContext context;  ///< where both backends run
};

/// Called after each configuration, with how many are done and how many there are.
using ParityProgress = std::function<void(const ConfigResult& result, std::int64_t done, std::int64_t total)>;

/// Never throws for what a backend does wrong: that is a failure in the report. Throws Error{io} for a folder without
/// configurations, Error{invalid_argument} for a file that is not a configuration and for a name in `only` that is not
/// there.
ParityReport run_parity(const ParityOptions& options, const Backend& backend, const Oracle& oracle,
                        const ParityProgress& progress = {});

/// What became of one case.
struct CaseResult {
  std::string skipped;  ///< not empty: a backend does not support the plan, and why
  std::string
      error;  ///< not empty: a throw, a stray write, an output of the plan alone that was touched, different probes
  std::vector<Comparison> outputs;
  Tolerance tolerance;

  bool passed() const;
};

/// Measures the probes on both backends, plans, runs both with poisoned and guarded memory, and compares every output.
CaseResult run_case(const ProcessorSpec& spec, const Case& one, const Backend& backend, const Oracle& oracle,
                    const Settings& settings, const RunContext& context);

/// The same for a plan at hand: one of a benchmark, or one made by a test. `images` are in host memory; each backend
/// gets them, and its outputs and workspace, in its own (images in the host's where context.host_images).
CaseResult run_plan(const Plan& plan, std::span<const ImageView> images, const Backend& backend, const Oracle& oracle,
                    const Settings& settings, const RunContext& context);

}  // namespace kir::parity
