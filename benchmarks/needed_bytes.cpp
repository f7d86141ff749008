#include "benchmarks/needed_bytes.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "weights/axis_table.hpp"

namespace kir::benchmarks {
namespace {

/// Which source positions of one axis of an image are touched.
class Touched {
 public:
  explicit Touched(std::int32_t length) : is_touched_(static_cast<std::size_t>(length), 0) {}

  void add(const Axis& axis, bool resampled, Arithmetic arithmetic) {
    if (!resampled) {  // copied
      mark(static_cast<std::int32_t>(axis.box_begin) + axis.first, axis.count);
      return;
    }
    const AxisTable table = make_axis_table(axis, arithmetic);
    for (std::int32_t i = 0; i < table.count(); ++i) mark(table.first[i], table.taps[i]);
  }

  /// Touched positions, and those of the gaps between them that are shorter than `gap`.
  std::int64_t count(std::int64_t gap) const {
    std::int64_t sum = 0, last = -1;
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(is_touched_.size()); ++i) {
      if (is_touched_[static_cast<std::size_t>(i)] == 0) continue;
      sum += last >= 0 && i - last < gap ? i - last : 1;
      last = i;
    }
    return sum;
  }

 private:
  void mark(std::int32_t first, std::int32_t count) {
    std::fill_n(is_touched_.begin() + first, count, std::uint8_t{1});
  }

  std::vector<std::uint8_t> is_touched_;
};

}  // namespace

NeededBytes needed_bytes(const Plan& plan, std::span<const ImageView> images) {
  struct Image {
    Touched y, x;
  };
  std::vector<Image> touched;
  for (const ImageSize& size : plan.images) touched.push_back({Touched(size.height), Touched(size.width)});
  for (const Level& level : plan.levels) {
    for (const Job& job : level.jobs) {
      if (job.from.kind != Source::Kind::image) continue;
      Image& image = touched[static_cast<std::size_t>(job.from.index)];
      const bool on_its_side = job.from.turn % 2 != 0;
      (on_its_side ? image.x : image.y).add(job.y, resamples_y(job.passes), job.arithmetic);
      (on_its_side ? image.y : image.x).add(job.x, resamples_x(job.passes), job.arithmetic);
    }
  }

  NeededBytes needed;
  for (std::size_t i = 0; i < touched.size(); ++i) {
    // A pixel is one sample in planes, and all its channels where they are interleaved.
    const std::int64_t pixel = std::max<std::int64_t>(1, std::abs(images[i].stride_x));
    needed.read +=
        touched[i].y.count(1) * touched[i].x.count((kSectorBytes + pixel - 1) / pixel) * images[i].size.channels;
  }
  for (const Output& output : plan.outputs) {
    if (output.values.empty()) needed.write += static_cast<std::int64_t>(output.bytes());
  }
  return needed;
}

}  // namespace kir::benchmarks
