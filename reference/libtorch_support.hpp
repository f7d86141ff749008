// What torch can do of a plan, and what not.
#pragma once

#include <c10/core/Device.h>

#include "kir/backend.hpp"

namespace kir::oracle {

/// Which axes a job resamples; the others are copied.
constexpr bool resamples_y(const Job& job) {
  return job.passes != Passes::copy && job.passes != Passes::x;
}
constexpr bool resamples_x(const Job& job) {
  return job.passes != Passes::copy && job.passes != Passes::y;
}

/// Refuses by name what torch does not do on such a device, and the sizes at which torch itself is wrong.
Support supports(const Plan& plan, c10::DeviceType device);

}  // namespace kir::oracle
