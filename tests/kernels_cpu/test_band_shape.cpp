// The scratch of a band is sized before any table exists: no piece of columns may need more source columns than that.
#include <algorithm>
#include <string>

#include "kernels/cpu/band.hpp"
#include "tests/catch.hpp"
#include "tests/support/axis.hpp"
#include "tests/support/seed.hpp"

using namespace kir;
using namespace kir::test;

TEST_CASE("no piece of columns needs more source columns than its block holds", "[band_shape]") {
  std::mt19937 random = seeded();
  int pieces = 0;
  std::int32_t least_slack = 1 << 30;
  for (int repeat = 0; repeat < 300; ++repeat) {
    // Up to the longest edge, where float32 positions are rounded most; out is small enough to be quick.
    const std::int32_t in = repeat % 3 == 0 ? pick(random, kMaxEdge - 5000, kMaxEdge) : pick(random, 1, 3000);
    const std::int32_t out = pick(random, 1, repeat % 3 == 0 ? 60 : 2000);
    const bool antialias = pick(random, 0, 1) != 0;
    const Filter filters[] = {Filter::nearest, Filter::nearest_exact, Filter::bilinear, Filter::bicubic};
    Job job;
    job.y = make_axis(40, 30);
    job.x = make_axis(in, out, filters[pick(random, 0, 3)], antialias);
    job.x.align_corners = !antialias && job.x.filter >= Filter::bilinear && pick(random, 0, 1) != 0;
    if (repeat % 3 == 1) {  // a window of what stands beyond the edge
      constexpr Border kBeyond[] = {Border::zero, Border::reflect, Border::symmetric};
      job.x.border = kBeyond[pick(random, 0, 2)];
      job.x.box_begin = pick(random, -4 * in, 4 * in) / 4.0;
      job.x.box_end = job.x.box_begin + pick(random, 4, 8 * in) / 4.0;
      job.x.first = pick(random, 0, out - 1);
      job.x.count = pick(random, 1, out - job.x.first);
    }
    for (const Round round : {Round::never, Round::each}) {
      job.round = round;
      job.arithmetic = round == Round::each ? Arithmetic::torch_int16 : Arithmetic::float32;
      if (!why_no_axis_table(job.x, job.arithmetic).empty()) continue;
      const cpu::BandShape shape = cpu::band_shape(job, job.channels, Type::u8);
      if (repeat % 3 == 0 && antialias && job.x.filter == Filter::bicubic && out < 5) continue;  // millions of weights
      const AxisTable table = make_axis_table(job.x, job.arithmetic);
      for (std::int32_t begin = 0; begin < job.x.count; begin += shape.width) {
        std::int32_t first = in, end = 0;
        for (std::int32_t i = begin; i < std::min(begin + shape.width, job.x.count); ++i) {
          first = std::min(first, table.first[i]);
          end = std::max(end, table.first[i] + table.taps[i]);
        }
        const std::int32_t slack = shape.span - (end - first);
        CAPTURE(in, out, begin, shape.width, shape.span, name_of(job.x.filter), antialias, job.x.align_corners);
        if (slack < 0) FAIL("the block is too small");
        if (shape.span < in) least_slack = std::min(least_slack, slack);
        ++pieces;
      }
    }
  }
  WARN(pieces << " pieces; at least " << least_slack << " columns to spare");
  CHECK(pieces > 300);
}
