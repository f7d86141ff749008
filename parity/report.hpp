// What a parity run found, and its JSON.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "parity/cases.hpp"
#include "parity/compare.hpp"

namespace kir::parity {

/// A case that broke its bound, or that a backend could not finish properly.
struct Failure {
  std::string config, case_text, message;
};

/// One configuration: the largest errors over its cases.
struct ConfigResult {
  std::string name, class_name, writes;
  std::string unsupported;  ///< not empty: the planner refuses the configuration, and why; nothing was run
  std::int64_t cases = 0, failed = 0, images = 0, elements = 0, differing = 0;
  double max_abs = 0;  ///< normalized units
  double max_levels = 0;
  double sum_abs = 0;  ///< normalized units
  double bound = 0;    ///< normalized units; 0 = equal values. That of the output that `margin` is of
  std::string worst;   ///< the worst case and coordinate; empty when all is equal
  std::vector<Skip> skips;
  std::vector<Failure> failures;

  double mean_abs() const { return elements > 0 ? sum_abs / static_cast<double>(elements) : 0; }
  double share_differing() const {
    return elements > 0 ? static_cast<double>(differing) / static_cast<double>(elements) : 0;
  }
  /// How many times the error fits into the bound, for the output where that is least; infinite when all is equal.
  double margin = std::numeric_limits<double>::infinity();
  /// Takes one output's error and bound into `margin` and `bound`.
  void take_margin(double error, double accepted);
};

struct ParityReport {
  std::string backend, oracle, numerics;
  std::uint64_t seed = 0;
  bool quick = false;
  std::vector<std::string> photos;
  std::vector<ConfigResult> configs;  ///< supported ones and refused ones, by name

  std::int64_t cases() const;
  std::int64_t failed() const;   ///< cases
  std::int64_t skipped() const;  ///< refused configurations, and skipped images and cases of the others
  double max_abs() const;        ///< normalized units
  /// Every case is within its bound, and there was at least one.
  bool ok() const { return failed() == 0 && cases() > 0; }
};

/// {backend, oracle, numerics, seed, quick, photos, cases, failed, skipped, max_abs, worst, supported, unsupported,
/// configs: [{name, class, writes, cases, failed, images, elements, max_abs, max_levels, mean_abs, share_differing,
/// worst, bound, margin}], skips: [{config, what, reason}], failures: [{config, case, message}]}. `margin` is null
/// where all values are equal. max_abs, mean_abs and bound are in normalized units. A non-finite error is written as
/// null and counted in `failed`.
nlohmann::json to_json(const ParityReport& report);

}  // namespace kir::parity
