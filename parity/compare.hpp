// The one comparer: how far two results of a plan are apart, in output units, in levels, and where it is worst.
#pragma once

#include <cstdint>
#include <string>

#include "kir/plan.hpp"

namespace kir::parity {

/// How far two results may be apart.
struct Tolerance {
  /// In normalized units. 0: every value must be equal.
  double max_abs = 0;
  /// Normalized units are output units, except where the affine spreads the levels 0..255 over more than this many
  /// output units (no rescaling, or statistics of a flat image): there an error counts as if it spread them over this
  /// many.
  double span_cap = 8;
};

/// Where an element stands and where it came from.
struct Coordinate {
  std::int64_t element = -1;  ///< index in the output; -1: nowhere
  int image = -1;             ///< image that the element's job reads; -1: padding, or a job that reads a canvas
  int channel = 0;
  std::int64_t y = 0, x = 0;  ///< in the output's own image coordinates
  bool padding = false;       ///< written by a fill
};

/// The difference of one output between two backends.
struct Comparison {
  std::string key;  ///< the output's
  std::int64_t elements = 0;
  std::int64_t differing = 0;   ///< of unequal value; NaN counts
  std::int64_t non_finite = 0;  ///< NaN or infinite on either side: always a failure, for no processor computes one;
                                ///< the errors below are then infinite
  std::int64_t unequal = 0;     ///< differing masks, integers and host-made numbers: these have no tolerance
  double max_raw = 0;           ///< output units
  // Beyond one rounding step where the type is f16, bf16 or u8, or where steps of the epilogue round to f16 or bf16:
  double max_abs = 0;     ///< normalized units
  double max_levels = 0;  ///< the affine undone: error x std x 255
  double sum_abs = 0;     ///< normalized units, over all elements, rounding steps included
  Coordinate worst;
  double got = 0, want = 0;  ///< at the worst element

  /// False for NaN, for unequal integers, and beyond the tolerance.
  bool within(const Tolerance& tolerance) const {
    return non_finite == 0 && unequal == 0 && max_abs <= tolerance.max_abs && (tolerance.max_abs > 0 || differing == 0);
  }
  /// "pixel_values[image 2, channel 0, y 17, x 4 (element 391)]: got 0.25, want 0.5"
  std::string describe_worst() const;
};

/// Compares output `index` of `plan`, which has no host `values`. Both buffers hold outputs[index].bytes() bytes.
/// Throws Error{invalid_argument} unless the plan's jobs and fills write every element of the output exactly once.
Comparison compare(const Plan& plan, std::size_t index, const void* got, const void* want, const Tolerance& tolerance);

/// True when some job of the plan resamples without rounding to levels: its result has a bound, not bits.
bool has_float_resampling(const Plan& plan);

}  // namespace kir::parity
