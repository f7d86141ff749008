// What the backends of kernels/ run, one rule for all of them, and why they refuse the rest.
#pragma once

#include "kir/backend.hpp"

namespace kir {

/// Names the first thing of the plan that no kernel can do, or that would read or write outside of a source or canvas.
/// Pure; allocates only to say no.
Support support_of(const Plan& plan);

}  // namespace kir
