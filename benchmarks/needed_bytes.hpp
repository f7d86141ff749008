// The bytes that a plan cannot do without: what every program must read of the sources and write of the results.
#pragma once

#include <cstdint>
#include <span>

#include "kir/plan.hpp"

namespace kir::benchmarks {

struct NeededBytes {
  std::int64_t read = 0;   ///< of the images: the rows and columns that some tap of some job touches
  std::int64_t write = 0;  ///< all outputs that a backend writes

  std::int64_t sum() const { return read + write; }
};

/// Of an image that several jobs read, the union of their rows times the union of their columns. Along a row memory
/// comes in sectors: columns between two taps that are nearer than kSectorBytes count as read. Rows are counted one by
/// one. Canvases between levels are not counted: a better program would not have them. `images` gives the strides.
NeededBytes needed_bytes(const Plan& plan, std::span<const ImageView> images);

inline constexpr std::int64_t kSectorBytes = 32;  ///< the unit in which a GPU reads its memory

}  // namespace kir::benchmarks
