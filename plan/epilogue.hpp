// What an epilogue does to one value, and across channels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kir/plan.hpp"

namespace kir {

/// Whether a channel's result depends on the other channels.
bool mixes_channels(const Epilogue& epilogue);

/// The steps on one value (float32), without the conversion to the target's type. No step may be a mix.
float applied(std::span<const Step> steps, float value, std::int32_t channel);

/// Whether the steps are the same, with the same constants.
bool same_steps(std::span<const Step> a, std::span<const Step> b);

}  // namespace kir
