// One band of a job: some rows of its window, all channels. The horizontal pass writes a ring of rows that stays in
// cache; the vertical pass reads it, and the epilogue and the store follow at once, so that no intermediate image is
// ever written.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/passes.hpp"
#include "kernels/cpu/store.hpp"
#include "kir/plan.hpp"
#include "weights/axis_table.hpp"

namespace kir::cpu {

/// What a job reads: an image or a canvas, u8 or f32. Strides in elements.
struct Samples {
  const void* data = nullptr;
  Type type = Type::u8;
  std::int32_t channels = 0;
  std::int64_t stride_channel = 0, stride_y = 0, stride_x = 0;
};

/// The same samples, turned clockwise by `turn` quarters; they have `height` rows and `width` columns before.
Samples turned(Samples samples, std::int32_t height, std::int32_t width, std::int32_t turn);

/// How a job is cut into columns, and the scratch memory of one band of it. Depends on the plan alone, never on pixels.
struct BandShape {
  bool levels = false;           ///< rows between the passes are uint8 levels, not floats
  std::int32_t channels = 0;     ///< of the source
  std::int32_t width = 0;        ///< output columns made at once
  std::int32_t span = 0;         ///< most source columns that these need (x resampled only)
  std::int32_t ring_rows = 0;    ///< rows of each channel that are kept
  std::int32_t row_pitch = 0;    ///< elements from one work row to the next
  std::int64_t block_pitch = 0;  ///< elements from one channel's block of columns to the next

  // Offsets into the scratch, and its size, in bytes; all multiples of 64.
  std::size_t gathered = 0, block = 0, ring = 0, spare_row = 0, values = 0, table = 0, tap_rows = 0, bytes = 0;
};

BandShape band_shape(const Job& job, std::int32_t source_channels, Type source_type);

/// Everything that a band needs. The tables are null for an axis that is not resampled.
struct BandRun {
  Job job;  ///< passes: not yx
  const Epilogue* epilogue = nullptr;
  BandShape shape;
  Samples from;
  Destination to;
  const AxisTable* x = nullptr;
  const AxisTable* y = nullptr;
};

/// Computes rows [begin, end) of the job's window. `scratch` is shape.bytes long, 64-byte aligned, and need not be
/// cleared. Thread safety: may run at once on other rows with another scratch.
void run_band(const BandRun& run, std::int32_t begin, std::int32_t end, const PassLoops& loops, std::byte* scratch);

}  // namespace kir::cpu
