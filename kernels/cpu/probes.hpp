// The few numbers of an image that some plans need.
#pragma once

#include "kir/backend.hpp"

namespace kir::cpu {

/// Of a probe that check_probes() accepts, and its image. Thread safety: pure.
ProbeResult measure(const Probe& probe, const ImageView& image);

}  // namespace kir::cpu
