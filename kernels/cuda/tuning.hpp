// What launches are chosen by, a row for each architecture: what NVIDIA's documentation says of it, and our choices.
// A device takes the row of the architecture that its code was compiled for, with its own number of multiprocessors and
// its own shared memory. Device code takes its compile-time constants from the same row (compiled.cuh).
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace kir::cuda {

/// What somebody decided after measurements, and may decide otherwise for another architecture.
struct Choices {
  int stages;                            ///< in the ring of a team
  int most_teams;                        ///< of a block of threads, which fills a multiprocessor
  int team_registers, loader_registers;  ///< of a thread, where warps can share them out
  int direct_blocks;                     ///< on a multiprocessor, of a part that has one launch
  int prepare_warps;                     ///< float arithmetic: of a block, which makes as many units of a table
  int prepare_warps_integer;             ///< integer: a block makes a whole table, for its shift depends on all
  int most_pieces;                       ///< blocks that share the work of one axis or job in the prepare kernel
  int tiles_per_thread;                  ///< of the prepare kernel, before a job's tiles get one more piece
  int rows_quarters;                     ///< of a stage, for source rows; the rest is for vertical weights
  int scratch_share;                     ///< the prepare kernel takes at most one such part of the shared memory
  double tiles_per_team;                 ///< at least, or some teams end long before the others
  std::array<int, 7> tile_rows;          ///< output rows of a tile, falling: tall tiles share rows between their blocks
  bool operator==(const Choices&) const = default;
};

struct Tuning {
  int architecture;              ///< 90: compute capability 9.0
  std::string_view chip;         ///< a typical one
  int multiprocessors;           ///< of that chip; in the tuning of a device those of the device
  std::size_t shared_per_block;  ///< bytes that a block may ask for; likewise
  bool waits;                    ///< kernels may begin while the one before them ends, and barriers may sleep
  bool is_measured;              ///< the choices were measured on it
  Choices choices;
};

inline constexpr int kRegisters = 64 << 10;             ///< of a multiprocessor, on every architecture of the table
inline constexpr std::size_t kReservedBytes = 1 << 10;  ///< of shared memory, by CUDA, for each block

/// Measured on an H200 and an H100 (HISTORY.md).
inline constexpr Choices kHopperChoices{.stages = 4,
                                        .most_teams = 3,
                                        .team_registers = 144,
                                        .loader_registers = 80,
                                        .direct_blocks = 2,
                                        .prepare_warps = 4,
                                        .prepare_warps_integer = 16,
                                        .most_pieces = 256,
                                        .tiles_per_thread = 4,
                                        .rows_quarters = 3,
                                        .scratch_share = 2,
                                        .tiles_per_team = 2,
                                        .tile_rows = {96, 64, 48, 32, 24, 16, 8}};

/// Shared memory and registers: CUDA C++ Programming Guide, "Compute Capabilities", table "Technical Specifications per
/// Compute Capability" (maximum amount of shared memory per thread block; registers per multiprocessor); the reserved
/// KiB is in the notes of its sections on 8.x and later. Waits: PTX ISA, griddepcontrol and mbarrier.try_wait need
/// sm_90. Multiprocessors: NVIDIA's white papers of the A100, GA102, Ada, H100 and RTX Blackwell; those of the B200 are
/// 74 on each of two dies. Nobody has measured the choices on an architecture but sm_90: the others have Hopper's.
inline constexpr std::array kTunings{
    Tuning{80, "A100", 108, 163 << 10, false, false, kHopperChoices},
    Tuning{86, "RTX 3090", 82, 99 << 10, false, false, kHopperChoices},
    Tuning{89, "RTX 4090", 128, 99 << 10, false, false, kHopperChoices},
    Tuning{90, "H100 SXM or H200", 132, 227 << 10, true, true, kHopperChoices},
    Tuning{100, "B200", 148, 227 << 10, true, false, kHopperChoices},
    Tuning{120, "RTX 5090", 170, 99 << 10, true, false, kHopperChoices},
};

/// The row of an architecture. One that has none takes the last row before it, whose code runs on it.
constexpr const Tuning& tuning_of(int architecture) {
  std::size_t row = 0;
  while (row + 1 < kTunings.size() && kTunings[row + 1].architecture <= architecture) ++row;
  return kTunings[row];
}

/// The row that "sm_90" names, with the multiprocessors of its chip. Throws Error{invalid_argument, "architecture"} for
/// a name without a row, listing those that have one.
const Tuning& tuning_named(std::string_view name);

/// Two barriers of 8 bytes for each stage of a team.
constexpr int team_barrier_bytes(const Choices& choices) {
  return 16 * choices.stages;
}

/// Shared memory of a block before its stages.
constexpr int block_head_bytes(const Choices& choices) {
  return choices.most_teams * team_barrier_bytes(choices);
}

}  // namespace kir::cuda
