// The few numbers of an image that some plans need.
#pragma once

#include "kir/backend.hpp"

namespace kir::cpu {

/// Throws Error{unsupported, "probes", ...} for content_box, Error{invalid_argument, "probes", ...} for an image that
/// is not there. Thread safety: pure.
ProbeResult measure(const Probe& probe, std::span<const ImageView> images);

}  // namespace kir::cpu
