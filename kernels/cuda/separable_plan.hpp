// What cuda-separable launches for a part of a plan: shapes, and where everything is in the workspace. From the plan
// and a device's tuning alone: strides are not known when a caller asks for the bytes of the workspace, and must not
// change them. Host code that needs no CUDA.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/cuda/direct.hpp"
#include "kernels/cuda/lower.hpp"
#include "kernels/cuda/tile.hpp"
#include "kernels/cuda/tuning.hpp"

namespace kir::cuda {

struct SeparablePlan {
  /// A launch of the prepare kernel, for one blob.
  struct Prepare {
    std::size_t blob_at = 0, levels_at = 0;
    unsigned pieces = 1, owners = 1;
  };

  std::vector<Blob> blobs;
  bool integer = false;  ///< arithmetic

  // separable_form.cpp
  StoreKind store = StoreKind::any;
  Reach reach = Reach::near;
  std::size_t stage_bytes = 0, weights_at = 0, weights_bytes = 0;  ///< as SeparableArguments has them
  std::size_t scratch_bytes = 0;                                   ///< of a warp that makes tables
  int teams = 1;  ///< of a block of threads; one block a multiprocessor

  // separable_rows.cpp
  bool could_be_direct = false;  ///< but for strides
  DirectArguments direct;
  std::size_t direct_shared_bytes = 0;

  // separable_workspace.cpp
  std::vector<Prepare> prepares;
  std::size_t tiles_at = 0, bytes = 0;

  // separable_plan.cpp
  std::uint32_t matrix_tiles = 0, tile_count = 0;
  unsigned grid = 1;
  bool is_direct = false;  ///< one launch, a block a tile
};

/// Throws Error{unsupported, "images"} for a part whose tables would need more memory than a tile can address.
SeparablePlan plan_separable(const PlanMemory& memory, const Part& part, const Tuning& tuning);

/// Which tile each job has, and what a stage of a team must have room for.
void choose_forms(SeparablePlan& plan, const Tuning& tuning);

/// How many rows a tile of each job has, and whether the part has one launch.
void choose_tile_rows(SeparablePlan& plan, const Tuning& tuning);

/// Where everything is in the workspace, and how many tiles each record has.
void place_in_workspace(SeparablePlan& plan, const Tuning& tuning);

/// Why a job of the part has no matrix tile, of whatever strides; empty when it has one.
const char* why_column_walk(const void* blob, const JobDesc& job, bool integer, const Tuning& tuning);

/// Shared memory and threads of a block of the tile kernel.
std::size_t shared_bytes_of(const SeparablePlan& plan, const Tuning& tuning);
unsigned threads_of(const SeparablePlan& plan);

/// One line a launch and a variant: tile, shared memory, registers, and why it was chosen.
std::vector<std::string> explain_separable(const Plan& plan, const Part& part, const Tuning& tuning);

/// Matrix tiles side by side, of all channels.
inline std::uint32_t strips_of(const AxisDesc& x, const JobDesc& job) {
  return static_cast<std::uint32_t>(blocks_of(x.count, job.strip_blocks * kBlockColumns)) * job.channels;
}

inline bool is_matrix(const JobDesc& job) {
  return job.tile_kind == static_cast<std::uint8_t>(TileKind::matrix);
}

}  // namespace kir::cuda
