// What the CPU backend runs, and why it refuses the rest.
#pragma once

#include "kir/backend.hpp"

namespace kir::cpu {

/// Names the first thing of the plan that the backend cannot do, or that would read or write outside of a source or
/// canvas.
Support support_of(const Plan& plan);

}  // namespace kir::cpu
