#include "plan/epilogue.hpp"

#include <algorithm>

#include "kir/error.hpp"

namespace kir {

bool mixes_channels(const Epilogue& epilogue) {
  return std::any_of(epilogue.steps.begin(), epilogue.steps.end(),
                     [](const Step& step) { return step.op == Step::Op::mix; });
}

float applied(std::span<const Step> steps, float value, std::int32_t channel) {
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
      case Step::Op::mix:
        throw Error(ErrorCode::invalid_argument, "epilogue", "a mix of channels has no value for one channel");
    }
  }
  return value;
}

bool same_steps(std::span<const Step> a, std::span<const Step> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Step& x, const Step& y) {
    return x.op == y.op && x.rounded_to == y.rounded_to && std::equal(x.c, x.c + 4, y.c);
  });
}

}  // namespace kir
