// What torch can do of a plan, and what not.
#pragma once

#include <c10/core/Device.h>

#include "kir/backend.hpp"

namespace kir::oracle {

/// Refuses by name what torch does not do on such a device, and the sizes at which torch itself is wrong.
Support supports(const Plan& plan, c10::DeviceType device);

}  // namespace kir::oracle
