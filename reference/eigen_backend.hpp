// The reference: the definition of what a plan computes, written to be read. Slow and simple on purpose.
#pragma once

#include <memory>

#include "kir/backend.hpp"

namespace kir {

/// A backend named "reference": out = Wy * X * Wx^T for each channel, with sparse weight matrices of its own making.
/// Needs no workspace. Spreads the jobs of a level over RunContext::executor. Re-entrant: it holds no state.
/// supports() refuses by name: align_corners with antialias, borders that mirror or add zeros, box, hamming and
/// lanczos3 in torch_int16, these three without antialias, what Pillow's resize has not in pillow_int22, and other
/// arithmetics than these two and float32.
std::unique_ptr<Backend> make_reference_backend();

}  // namespace kir
