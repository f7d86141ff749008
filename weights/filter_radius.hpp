// How far an interpolation kernel reaches. Alone, because device code asks it too.
#pragma once

#include "kir/plan.hpp"

namespace kir {

/// Where the kernel ends: value(filter, x) is 0 for |x| >= radius. nearest and nearest_exact have no kernel: 0.
constexpr double filter_radius(Filter filter) {
  if (filter == Filter::bilinear || filter == Filter::hamming) return 1.0;
  if (filter == Filter::bicubic) return 2.0;
  if (filter == Filter::lanczos3) return 3.0;
  return filter == Filter::box ? 0.5 : 0.0;
}

}  // namespace kir
