// Planning alone: sizes in, a Plan out.
#pragma once

#include <vector>

#include "benchmarks/contenders/contender.hpp"
#include "kir/spec.hpp"

namespace kir::benchmarks {

/// Plans the batch anew in every iteration. The processor must need no probes: Error{invalid_argument} otherwise.
Contender planning_contender(const ProcessorSpec& spec, std::vector<ImageSize> sizes, Numerics numerics);

}  // namespace kir::benchmarks
