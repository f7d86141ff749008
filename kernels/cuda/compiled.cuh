// The constants of device code that an architecture's row in tuning.hpp decides. For device code alone: what the host
// needs of them it takes from the tuning of the device.
#pragma once

#include "kernels/cuda/architecture.cuh"
#include "kernels/cuda/tile.hpp"
#include "kernels/cuda/tuning.hpp"

namespace kir::cuda {

inline constexpr Tuning kTuning = tuning_of(kArchitecture);

inline constexpr bool kWaits = kTuning.waits;
inline constexpr int kStages = kTuning.choices.stages;
inline constexpr int kMostTeams = kTuning.choices.most_teams;
inline constexpr int kTeamRegisters = kTuning.choices.team_registers;
inline constexpr int kLoaderRegisters = kTuning.choices.loader_registers;
inline constexpr int kDirectBlocks = kTuning.choices.direct_blocks;
inline constexpr int kPrepareWarps = kTuning.choices.prepare_warps;
inline constexpr int kPrepareWarpsInteger = kTuning.choices.prepare_warps_integer;
inline constexpr int kMostTileRows = kTuning.choices.tile_rows.front();
inline constexpr int kTeamBarrierBytes = team_barrier_bytes(kTuning.choices);
inline constexpr int kBlockHeadBytes = block_head_bytes(kTuning.choices);

}  // namespace kir::cuda
