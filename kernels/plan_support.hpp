// What the backends of kernels/ run, one rule for all of them, and why they refuse the rest.
#pragma once

#include "kir/backend.hpp"

namespace kir {

/// What not every backend of this room has.
struct Abilities {
  bool boxes = false;    ///< a box of an axis that begins or ends within a pixel
  bool borders = false;  ///< Border::zero, reflect and symmetric, of more than mirrored copies
  bool pillow = false;   ///< Arithmetic::pillow_int22, and with it the vertical pass first
  bool scales = false;   ///< Step::Op::scale
};

/// Whether the axis copies whole pixels, those beyond the edge of the source too: a resample by `nearest` to as many
/// pixels as its box has.
bool is_mirrored_copy(const Axis& axis);

/// Names the first thing of the plan that no kernel can do, or that would read or write outside of a source or canvas.
/// Pure; allocates only to say no.
Support support_of(const Plan& plan, const Abilities& abilities = {});

}  // namespace kir
