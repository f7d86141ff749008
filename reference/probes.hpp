// Answers to probes: the few numbers of an image's pixels that planning may need.
#pragma once

#include "kir/backend.hpp"

namespace kir::reference {

/// Exact up to the last rounding to double. The deviation of a single sample is NaN, as torch has it.
/// Throws what check_probes() throws.
std::vector<ProbeResult> measure(std::span<const Probe> probes, std::span<const ImageView> images);

}  // namespace kir::reference
