// What parity accepts and how large its cases are: configs/parity.json, each value with its unit and reason.
#pragma once

#include <cstdint>
#include <string>

#include "kir/plan.hpp"
#include "parity/compare.hpp"

namespace kir::parity {

/// How large the cases of the generator may grow: proving every configuration has to stay a matter of seconds.
struct CaseSettings {
  std::int64_t image_samples = 0;  ///< resized samples of one image: between the passes and after them, whole axes
  std::int64_t batch_samples = 0;  ///< the same for one batch
  int batch_images = 0;
  std::int64_t config_samples = 0;  ///< the same for one configuration, beyond the few images that each is run on
  double downscale = 0;             ///< the largest ratio of source to result along one axis
  int photos = 0;                   ///< photographs per configuration, of those given
};

struct Settings {
  double float32_max_abs = 0;    ///< normalized units
  double torch_cpu_max_abs = 0;  ///< 0: equal values
  double pillow_max_abs = 0;     ///< 0: equal values
  double span_cap = 0;           ///< see Tolerance
  /// Against an oracle that is not exact itself (runner.hpp): this, or `spreads` times its own error in the case.
  double inexact_oracle_max_abs = 0;  ///< normalized units
  double inexact_oracle_spreads = 0;
  double probe_error = 0;  ///< levels: how far two backends' means and deviations of an image may differ
  CaseSettings cases;

  /// The tolerance of a plan: that of its numerics, except that a plan which resamples in the float domain is always
  /// held to the float32 bound. Throws Error{unsupported} for numerics without a bound.
  Tolerance tolerance(const Plan& plan) const;
};

/// Throws Error{io} for a file that cannot be read and Error{invalid_argument, "FILE: KEY", ...} for a missing,
/// wrong-typed or negative value, or a value without a unit or a reason.
Settings load_settings(const std::string& path);

}  // namespace kir::parity
