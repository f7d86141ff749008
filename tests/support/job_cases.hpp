// Plans that a kernel which runs every job must get right: filters, passes, storages, ratios, types, layouts,
// epilogues, fills and levels, on any backend. The expected values are those of naive.hpp.
#pragma once

#include "kir/backend.hpp"

namespace kir::test {

enum class Rounds { never, each };  ///< float32 or torch_cpu numerics

/// Each checks many plans and prints the largest error. Error bound 1e-5 in normalized units (4e-5 where thousands of
/// taps are summed in float32), 4e-4 in levels; whole levels have bits.
void check_filters(const Backend& backend, Rounds rounds);
void check_passes(const Backend& backend, Rounds rounds);
void check_ratios(const Backend& backend, Rounds rounds);
void check_types(const Backend& backend, Rounds rounds);
void check_layouts(const Backend& backend, Rounds rounds);
void check_epilogues(const Backend& backend, Rounds rounds);
/// A flat image stays flat: to the bit in torch_cpu, within 1e-3 levels in float32.
void check_constant_images(const Backend& backend, Rounds rounds);
void check_fills(const Backend& backend);
/// Three levels through canvases of levels and of floats.
void check_levels(const Backend& backend, Rounds rounds);
/// Turned sources of every storage, resampled and copied.
void check_turns(const Backend& backend, Rounds rounds);
/// Padded copies by reflect and symmetric, one pixel to many lengths of the source beyond it, in one axis and in both.
void check_mirrors(const Backend& backend, Rounds rounds);
/// More jobs and fills than one blob holds.
void check_many_jobs(const Backend& backend, Rounds rounds);

}  // namespace kir::test
