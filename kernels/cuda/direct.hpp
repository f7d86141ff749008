// What the host and the only launch of a small part (direct.cuh) agree on.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/lower.hpp"
#include "kernels/cuda/tile.hpp"

namespace kir::cuda {

inline constexpr int kDirectWarps = 2 * kTeamWarps;   ///< a team, and four more of which one loads
inline constexpr int kTableWarps = kDirectWarps - 1;  ///< and one for the tile's descriptor
inline constexpr std::size_t kDirectBlobBytes = kBlobParameterBytes.front();
static_assert(kDirectBlobBytes / 16 <= 32 * kDirectWarps);  // a thread copies 16 bytes

/// What a block is told beside the blob. Its shared memory: the ring of a team, whose stages are scratch before, and
/// from `memory_at` on what other launches have in the workspace: DirectHead, the blob, two tables.
struct DirectArguments {
  std::uint32_t stage_bytes = 0, weights_at = 0, weights_bytes = 0;  ///< as SeparableArguments has them
  std::uint32_t memory_at = 0;                                       ///< in bytes
  std::uint32_t x_table = 0, y_table = 0;                            ///< in units of 16 bytes from there
  std::int32_t scratch_bytes = 0;                                    ///< of a warp
  StoreKind store = StoreKind::any;
};

/// A narrowed job: one tile, of one channel.
struct OneTile {
  std::uint32_t record = 0;  ///< of the job, in bytes from the start of the blob
  std::uint32_t channel = 0;
};

struct DirectHead {
  TileDesc tile;
  OneTile one;
  std::uint32_t next = 0;  ///< the counter of tiles
};
inline constexpr std::uint32_t kDirectBlobAt = sizeof(DirectHead) / 16;  ///< in units of 16 bytes

}  // namespace kir::cuda
