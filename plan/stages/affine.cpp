#include "plan/stages.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <utility>

#include "configuration/value_check.hpp"
#include "plan/numerics.hpp"

namespace kir {

namespace {

// ---------------------------------------------------------------------------------------------------------------------
// Reading

struct Normalization {
  std::vector<double> mean, std;
  std::int32_t constants() const { return static_cast<std::int32_t>(std::max(mean.size(), std.size())); }
};

Normalization read_normalization(const Keys& keys) {
  Normalization read = {keys.channel_values("image_mean"), keys.channel_values("image_std")};
  check_mean_std(read.mean, read.std, keys.source() + ": ");
  return read;
}

/// The factor of a rescale that torch does by itself, on uint8.
double read_factor_alone(Keys& keys) {
  const nlohmann::json& factor = *keys.find("rescale_factor");
  if (factor.is_number_integer() || factor.is_boolean()) {
    keys.not_built("rescale_factor", factor.dump() + ": torch multiplies uint8 by an integer as uint8; a float, as " +
                                         factor.dump() + ".0, gives floats");
  }
  return keys.positive("rescale_factor", 0);
}

// ---------------------------------------------------------------------------------------------------------------------
// Steps

/// One constant a channel; a single value holds for all.
Step step_of(Step::Op op, const std::vector<double>& values, float factor = 1.0f) {
  Step step;
  step.op = op;
  for (std::size_t c = 0; c < 4; ++c) {
    step.c[c] = static_cast<float>(values[std::min(c, values.size() - 1)]) * factor;
  }
  return step;
}

void add_normalization(const Normalization& values, float factor, std::vector<Step>& steps) {
  steps.push_back(step_of(Step::Op::sub, values.mean, factor));
  steps.push_back(step_of(Step::Op::div, values.std, factor));
}

/// The constants of each channel.
std::string text_of(const std::vector<Step>& steps, std::int32_t constants) {
  constexpr const char* kOps[] = {"times", "minus", "over", "mixed by"};
  std::ostringstream text;
  text << "affine:";
  for (const Step& step : steps) {
    text << " " << kOps[static_cast<std::size_t>(step.op)];
    for (std::int32_t c = 0; c < constants; ++c) text << " " << step.c[c];
  }
  return text.str();
}

/// The channels of a picture that meets constants of `constants` channels: one becomes as many.
std::int32_t channels_with(const Picture& picture, std::int32_t constants) {
  if (constants == 1 || picture.channels == constants) return picture.channels;
  if (picture.channels == 1) return constants;
  const std::string count = std::to_string(constants);
  refuse_channels(static_cast<std::size_t>(picture.image), picture.channels,
                  "; image_mean and image_std have " + count + " values, so 1 or " + count + " are allowed");
}

void require_floats(const Draft& draft, const Picture& picture) {
  const NumericsRow& row = row_of(draft.request().options.numerics);
  if (row.round == Round::never || draft.is_float(picture)) return;
  throw Error(ErrorCode::invalid_argument, draft.request().spec.source + ": do_rescale",
              std::string("false: the processor cannot normalize integers, nor can ") + row.name +
                  "; true is allowed, and false with float32");
}

/// An operation that torchvision does to floats only. The common affine converts levels first; DINOv3's normalize and
/// EfficientNet's include_top do not.
Operation of_floats(Operation operation) {
  operation.extend = [extend = std::move(operation.extend)](Draft& draft) {
    for (const Picture& picture : draft.pictures) require_floats(draft, picture);
    extend(draft);
  };
  return operation;
}

/// torch subtracts a mean into a new tensor, which makes several channels of one, and divides in place, which does not.
Operation divided_in_place(Operation operation, const Normalization& values) {
  if (values.mean.size() > 1 || values.std.size() <= 1) return operation;
  operation.extend = [extend = std::move(operation.extend), of_std = values.std.size()](Draft& draft) {
    for (const Picture& picture : draft.pictures) {
      if (picture.channels != 1) continue;
      refuse_channels(static_cast<std::size_t>(picture.image), 1,
                      "; " + std::to_string(of_std) + " are allowed, as image_std has values beside a single mean");
    }
    extend(draft);
  };
  return operation;
}

}  // namespace

std::vector<Step> affine_steps(double rescale_factor, const std::vector<double>& mean, const std::vector<double>& std) {
  std::vector<Step> steps;
  add_normalization({mean, std}, static_cast<float>(1.0 / rescale_factor), steps);
  return steps;
}

Operation apply_steps(std::vector<Step> steps, std::int32_t constants) {
  if (steps.empty()) return {};
  std::string text = text_of(steps, constants);
  return {.text = std::move(text),
          .extend =
              [steps = std::move(steps), constants](Draft& draft) {
                for (Picture& picture : draft.pictures) picture.channels = channels_with(picture, constants);
                draft.append(draft.pictures, steps);
              },
          .channels = constants,
          .floats = true,
          .keeps_tiles = true};
}

// ---------------------------------------------------------------------------------------------------------------------
// Stages

Stage affine() {
  const auto read = [](Keys& keys) -> Operation {
    const bool rescales = keys.boolean("do_rescale"), normalizes = keys.boolean("do_normalize");
    const Normalization values = normalizes ? read_normalization(keys) : Normalization{};
    if (rescales && normalizes) {
      return divided_in_place(
          apply_steps(affine_steps(keys.positive("rescale_factor", 0), values.mean, values.std), values.constants()),
          values);
    }
    std::vector<Step> steps;
    if (rescales) steps.push_back(step_of(Step::Op::mul, {read_factor_alone(keys)}));
    if (normalizes) add_normalization(values, 1.0f, steps);
    return divided_in_place(apply_steps(std::move(steps), normalizes ? values.constants() : 1), values);
  };
  return {"affine", read};
}

Stage affine_offset() {
  const auto read = [](Keys& keys) -> Operation {
    const bool always = !keys.knows("rescale_offset");  // of floats: Vivit makes them first
    const bool offset = keys.boolean("rescale_offset", always), rescales = keys.boolean("do_rescale");
    const bool normalizes = keys.boolean("do_normalize"), top = keys.boolean("include_top");
    const Normalization values = normalizes || top ? read_normalization(keys) : Normalization{};
    if (top && values.std.empty()) keys.refuse_missing("image_std", "include_top is true");

    std::vector<Step> steps;
    if (rescales && normalizes && !offset) {
      steps = affine_steps(keys.positive("rescale_factor", 0), values.mean, values.std);
    } else {
      const auto factor = [&] { return always ? keys.positive("rescale_factor", 0) : read_factor_alone(keys); };
      if (rescales) steps.push_back(step_of(Step::Op::mul, {factor()}));
      if (rescales && offset) steps.push_back(step_of(Step::Op::sub, {1.0}));
      if (normalizes) add_normalization(values, 1.0f, steps);
    }
    const bool floats_needed = top && steps.empty();
    if (top) steps.push_back(step_of(Step::Op::div, values.std));
    const auto of_std = static_cast<std::int32_t>(values.std.size());
    const Normalization applied = normalizes ? values : Normalization{{0.0}, top ? values.std : std::vector<double>{}};
    Operation operation = divided_in_place(apply_steps(std::move(steps), normalizes ? values.constants()
                                                                         : top      ? of_std
                                                                                    : 1),
                                           applied);
    return floats_needed ? of_floats(std::move(operation)) : operation;
  };
  return {"affine(offset)", read};
}

Stage rescale() {
  const auto read = [](Keys& keys) -> Operation {
    if (!keys.boolean("do_rescale")) return {};
    return apply_steps({step_of(Step::Op::mul, {read_factor_alone(keys)})}, 1);
  };
  return {"rescale", read};
}

Stage normalize() {
  const auto read = [](Keys& keys) -> Operation {
    if (!keys.boolean("do_normalize")) return {};
    const Normalization values = read_normalization(keys);
    std::vector<Step> steps;
    add_normalization(values, 1.0f, steps);
    return of_floats(divided_in_place(apply_steps(std::move(steps), values.constants()), values));
  };
  return {"normalize", read};
}

Stage normalize_by_image() {
  const auto extend = [](Draft& draft) {
    for (Picture& picture : draft.pictures) {
      const auto index = static_cast<std::size_t>(picture.image);
      const ProbeResult& measured = draft.request().probe_results[index];
      if (!std::isfinite(measured.mean) || !std::isfinite(measured.std)) {
        refuse_image(index, "has no standard deviation (one sample); two samples are needed");
      }
      const ImageSize& image = draft.request().images[index];
      const auto samples = static_cast<double>(std::int64_t{image.channels} * image.height * image.width);
      Step sub, div;
      sub.op = Step::Op::sub;
      div.op = Step::Op::div;
      std::fill(std::begin(sub.c), std::end(sub.c), static_cast<float>(measured.mean));
      std::fill(std::begin(div.c), std::end(div.c),
                std::max(static_cast<float>(measured.std), static_cast<float>(1.0 / std::sqrt(samples))));
      draft.append({&picture, 1}, std::vector<Step>{sub, div});
    }
  };
  const auto read = [extend](Keys& keys) -> Operation {
    if (!keys.boolean("do_normalize")) return {};
    return {.text = "normalize by each image's own mean and standard deviation",
            .extend = extend,
            .floats = true,
            .measures = true,
            .keeps_tiles = true};
  };
  return {"normalize(image)", read};
}

}  // namespace kir
