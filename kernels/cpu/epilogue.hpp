// What happens to a resampled value before it is stored: the affine's steps, over rows, or once for each level.
// Thread safety: all functions are pure but for the memory that they are given.
#pragma once

#include <cstdint>

#include "kernels/cpu/passes.hpp"
#include "kir/plan.hpp"

namespace kir::cpu {

/// Applies the steps to rows[c][0 .. width) of every channel, in place.
void apply_steps(const Epilogue& epilogue, const PassLoops& loops, float* const* rows, std::int32_t channels,
                 std::int32_t width);

/// table[c * 256 + level], in elements of `type` (u8, f16, bf16 or f32), for an epilogue that does not mix channels.
void make_level_table(const Epilogue& epilogue, const PassLoops& loops, Type type, std::int32_t channels, void* table);

}  // namespace kir::cpu
