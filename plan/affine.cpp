#include "plan/affine.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "kir/error.hpp"

namespace kir {

namespace {

/// One constant a channel; a single value holds for all.
Step step_of(Step::Op op, const std::vector<double>& values, float factor = 1.0f) {
  Step step;
  step.op = op;
  for (std::size_t c = 0; c < 4; ++c) {
    step.c[c] = static_cast<float>(values[std::min(c, values.size() - 1)]) * factor;
  }
  return step;
}

void normalize(const ProcessorSpec& spec, float factor, Epilogue& to) {
  to.steps.push_back(step_of(Step::Op::sub, spec.image_mean, factor));
  to.steps.push_back(step_of(Step::Op::div, spec.image_std, factor));
}

}  // namespace

bool fuses_rescale(const ProcessorSpec& spec) {
  return spec.do_rescale && spec.do_normalize && !spec.rescale_offset &&
         spec.facts.affine != AffineOrder::rescale_first;
}

Affine affine_of(const ProcessorSpec& spec) {
  Affine affine;
  Epilogue& rescaled = spec.facts.affine == AffineOrder::after_resize ? affine.after : affine.before;
  Epilogue& normalized = spec.facts.affine == AffineOrder::before_resize ? affine.before : affine.after;
  if (fuses_rescale(spec)) {
    normalize(spec, static_cast<float>(1.0 / spec.rescale_factor), normalized);
  } else {
    if (spec.do_rescale) rescaled.steps.push_back(step_of(Step::Op::mul, {spec.rescale_factor}));
    if (spec.do_rescale && spec.rescale_offset) rescaled.steps.push_back(step_of(Step::Op::sub, {1.0}));
    if (spec.do_normalize) normalize(spec, 1.0f, normalized);
  }
  if (spec.include_top) normalized.steps.push_back(step_of(Step::Op::div, spec.image_std));
  return affine;
}

std::int32_t channels_after(const ProcessorSpec& spec, const Epilogue& epilogue, std::int32_t channels,
                            std::size_t image) {
  const bool has_mean = std::any_of(epilogue.steps.begin(), epilogue.steps.end(), [](const Step& step) {
    return step.op == Step::Op::sub || step.op == Step::Op::div;
  });
  if (!has_mean || !(spec.do_normalize || spec.include_top)) return channels;
  const auto constants = static_cast<std::int32_t>(
      std::max(spec.do_normalize ? spec.image_mean.size() : 1, std::max<std::size_t>(spec.image_std.size(), 1)));
  if (constants == 1 || channels == constants) return channels;
  if (channels == 1) return constants;
  throw Error(ErrorCode::invalid_argument, "images[" + std::to_string(image) + "].channels",
              std::to_string(channels) + " channels; image_mean and image_std have " + std::to_string(constants) +
                  " values, so 1 or " + std::to_string(constants) + " are allowed");
}

bool mixes_channels(const Epilogue& epilogue) {
  return std::any_of(epilogue.steps.begin(), epilogue.steps.end(),
                     [](const Step& step) { return step.op == Step::Op::mix; });
}

float applied(const Epilogue& epilogue, float value, std::int32_t channel) {
  for (const Step& step : epilogue.steps) {
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

}  // namespace kir
