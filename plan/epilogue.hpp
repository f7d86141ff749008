// What an epilogue does to one value, and across channels.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>

#include "kir/error.hpp"
#include "kir/plan.hpp"

namespace kir {

/// Whether a channel's result depends on the other channels.
inline bool mixes_channels(const Epilogue& epilogue) {
  return std::any_of(epilogue.steps.begin(), epilogue.steps.end(),
                     [](const Step& step) { return step.op == Step::Op::mix; });
}

/// Whether a step is a product in double.
inline bool has_scale(const Epilogue& epilogue) {
  return std::any_of(epilogue.steps.begin(), epilogue.steps.end(),
                     [](const Step& step) { return step.op == Step::Op::scale; });
}

/// The factor of a Step::Op::scale: a sum without rounding.
inline double scale_of(const Step& step) {
  return static_cast<double>(step.c[0]) + static_cast<double>(step.c[1]) + static_cast<double>(step.c[2]);
}

/// The nearest bfloat16, half to even; float32 as it is.
inline float rounded(float value, Type type) {
  if (type == Type::f32) return value;
  if (type != Type::bf16)
    throw Error(ErrorCode::invalid_argument, "epilogue", "rounds a constant to another type than bfloat16");
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return value;
  return std::bit_cast<float>((bits + 0x7fffU + (bits >> 16 & 1U)) & 0xffff0000U);
}

/// The steps on one value (float32), without the conversion to the target's type. No step may be a mix.
inline float applied(std::span<const Step> steps, float value, std::int32_t channel) {
  for (const Step& step : steps) {
    const float constant = step.c[channel];
    switch (step.op) {
      case Step::Op::mul:
        value = value * constant;
        break;
      case Step::Op::sub:
        value = value - constant;
        break;
      case Step::Op::div:
        value = value / constant;
        break;
      case Step::Op::scale:
        value = static_cast<float>(value * scale_of(step));
        break;
      case Step::Op::mix:
        throw Error(ErrorCode::invalid_argument, "epilogue", "a mix of channels has no value for one channel");
    }
    value = rounded(value, step.rounded_to);
  }
  return value;
}

/// Whether the steps are the same, with the same constants.
inline bool same_steps(std::span<const Step> a, std::span<const Step> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Step& x, const Step& y) {
    return x.op == y.op && x.rounded_to == y.rounded_to && std::equal(x.c, x.c + 4, y.c);
  });
}

}  // namespace kir
