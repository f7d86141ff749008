// What a test on the host sets and sees of the device that there is none of.
#pragma once

#include <cstddef>
#include <vector>

namespace kir::test {

/// What a kernel was launched with.
struct LaunchRecord {
  unsigned grid_x, grid_y, threads;
  std::size_t shared_bytes;
};

inline int multiprocessors = 2;                   ///< of the device
inline bool runs_kernels = true;                  ///< false: launches are recorded alone
inline std::vector<LaunchRecord> launch_records;  ///< since the program began

}  // namespace kir::test
