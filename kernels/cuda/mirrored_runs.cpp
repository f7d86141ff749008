#include "kernels/cuda/mirrored_runs.hpp"

#include "weights/axis_table.hpp"

namespace kir::cuda {

std::vector<Run> runs_of(const Axis& axis) {
  const std::int64_t begin = static_cast<std::int64_t>(axis.box_begin) + axis.first;
  std::vector<Run> runs;
  for (std::int32_t i = 0; i < axis.count; ++i) {
    const std::int32_t pixel = pixel_at(axis.border, begin + i, axis.in);
    if (!runs.empty()) {
      Run& last = runs.back();
      const std::int32_t step = pixel - (last.backwards ? last.first - last.count + 1 : last.first + last.count - 1);
      if (last.count == 1 && (step == 1 || step == -1)) last.backwards = step < 0;
      if (step == (last.backwards ? -1 : 1)) {
        ++last.count;
        continue;
      }
    }
    runs.push_back({i, pixel, 1, false});
  }
  return runs;
}

}  // namespace kir::cuda
