#include "plan/stages.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <sstream>
#include <string>
#include <utility>

#include "configuration/value_check.hpp"
#include "plan/epilogue.hpp"
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

/// `folded`: into a normalization. A rescale that torch does by itself is on uint8.
double read_factor(Keys& keys, bool folded) {
  const nlohmann::json* factor = keys.find("rescale_factor");
  if (!folded && factor != nullptr && (factor->is_number_integer() || factor->is_boolean())) {
    keys.not_built("rescale_factor",
                   factor->dump() + ": torch multiplies uint8 by an integer as uint8; a float, as " + factor->dump() +
                       ".0, gives floats",
                   Toolkit::torchvision);
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
  constexpr const char* kOps[] = {"times", "minus", "over", "mixed by", "times"};
  std::ostringstream text;
  text << "affine:";
  for (const Step& step : steps) {
    text << " " << kOps[static_cast<std::size_t>(step.op)];
    for (std::int32_t c = 0; c < constants; ++c) text << " " << step.c[c];
  }
  return text.str();
}

/// The channels of a picture that meets constants of `constants` channels: one becomes as many, but for numpy's
/// functions (image_transforms: normalize).
std::int32_t channels_with(const Picture& picture, std::int32_t constants, Toolkit toolkit) {
  if (constants == 1 || picture.channels == constants) return picture.channels;
  const std::string count = std::to_string(constants);
  std::string allowed = count + " are allowed";
  if (toolkit == Toolkit::torchvision) {
    if (picture.channels == 1) return constants;
    allowed = "1 or " + allowed;
  }
  refuse_channels(static_cast<std::size_t>(picture.image), picture.channels,
                  "; image_mean and image_std have " + count + " values, so " + allowed);
}

/// A class's steps in the functions of each toolkit.
struct ClassSteps {
  std::vector<Step> torchvision, pillow;

  const std::vector<Step>& of(Toolkit toolkit) const { return toolkit == Toolkit::pillow ? pillow : torchvision; }
};

/// The levels of a picture times `factor` in double, rounded to float32 once: image_transforms.rescale. Mostly a
/// product or a quotient in float32 gives these 256 values too: v / 255 for 1/255.
Step rescale_of_numpy(double factor) {
  const auto equals = [factor](const Step& step) {
    for (std::int32_t level = 0; level < 256; ++level) {
      if (applied({&step, 1}, static_cast<float>(level), 0) != static_cast<float>(level * factor)) return false;
    }
    return true;
  };
  for (const Step& step : {step_of(Step::Op::mul, {factor}), step_of(Step::Op::div, {1.0 / factor})}) {
    if (equals(step)) return step;
  }
  Step step;
  step.op = Step::Op::scale;
  for (double rest = factor; float& part : std::span(step.c).first(3)) {
    part = static_cast<float>(rest);
    rest -= static_cast<double>(part);
  }
  return step;
}

Operation apply_class_steps(ClassSteps steps, std::int32_t constants) {
  if (steps.torchvision.empty()) return {};
  std::string text = text_of(steps.torchvision, constants);
  return {.text = std::move(text),
          .extend =
              [steps = std::move(steps), constants](Draft& draft) {
                const Toolkit toolkit = row_of(draft.request().options.numerics).toolkit;
                for (Picture& picture : draft.pictures) picture.channels = channels_with(picture, constants, toolkit);
                draft.append(draft.pictures, steps.of(toolkit));
              },
          .channels = constants,
          .floats = true,
          .keeps_tiles = true};
}

/// torchvision's functions refuse levels where numpy's make floats of them.
void require_floats(const Draft& draft, const Picture& picture) {
  const NumericsRow& row = row_of(draft.request().options.numerics);
  if (row.toolkit == Toolkit::pillow || row.round == Round::never || draft.is_float(picture)) return;
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

/// What a class does to values, with its switches.
struct Affine {
  bool rescales = false, offset = false, normalizes = false, top = false;
  double factor = 1;
  Normalization values;

  Operation operation() const {
    const Normalization applied = normalizes ? values : Normalization{{0.0}, values.std};
    return divided_in_place(apply_class_steps(steps(), normalizes || top ? applied.constants() : 1), applied);
  }

 private:
  ClassSteps steps() const {
    ClassSteps made;
    if (rescales && normalizes && !offset) {
      made.torchvision = affine_steps(factor, values.mean, values.std);
    } else {
      if (rescales) made.torchvision.push_back(step_of(Step::Op::mul, {factor}));
      add_later(made.torchvision);
    }
    if (top) made.torchvision.push_back(step_of(Step::Op::div, values.std));
    if (rescales) made.pillow.push_back(rescale_of_numpy(factor));
    add_later(made.pillow);
    if (top) made.pillow.push_back(step_of(Step::Op::div, values.std));
    return made;
  }

  void add_later(std::vector<Step>& steps) const {
    if (rescales && offset) steps.push_back(step_of(Step::Op::sub, {1.0}));
    if (normalizes) add_normalization(values, 1.0f, steps);
  }
};

/// The rescale and the normalization that most classes have.
Affine read_affine(Keys& keys) {
  Affine affine;
  affine.rescales = keys.boolean("do_rescale");
  affine.normalizes = keys.boolean("do_normalize");
  if (affine.normalizes) affine.values = read_normalization(keys);
  if (affine.rescales) affine.factor = read_factor(keys, affine.normalizes);
  return affine;
}

}  // namespace

std::vector<Step> affine_steps(double rescale_factor, const std::vector<double>& mean, const std::vector<double>& std) {
  std::vector<Step> steps;
  add_normalization({mean, std}, static_cast<float>(1.0 / rescale_factor), steps);
  return steps;
}

Operation apply_steps(std::vector<Step> steps, std::int32_t constants) {
  return apply_class_steps({steps, steps}, constants);
}

// ---------------------------------------------------------------------------------------------------------------------
// Stages

Stage affine() {
  return {"affine", [](Keys& keys) { return read_affine(keys).operation(); }};
}

Stage affine_bf16() {
  const auto read = [](Keys& keys) -> Operation {
    const Affine affine = read_affine(keys);
    if (!affine.normalizes) return affine.operation();
    if (!affine.rescales) return of_floats(affine.operation());
    // Images are made bfloat16, which levels are.
    std::vector<Step> steps = {step_of(Step::Op::mul, {1.0}), step_of(Step::Op::mul, {affine.factor})};
    add_normalization(affine.values, 1.0f, steps);
    for (Step& step : steps) step.rounded_to = Type::bf16;
    for (Step& step : std::span(steps).subspan(2)) {
      for (float& constant : step.c) constant = rounded(constant, Type::bf16);
    }
    return divided_in_place(apply_steps(std::move(steps), affine.values.constants()), affine.values);
  };
  return {"affine(bf16)", read};
}

Stage affine_offset() {
  const auto read = [](Keys& keys) -> Operation {
    const bool always = !keys.knows("rescale_offset");  // of floats: Vivit makes them first
    Affine affine;
    affine.offset = keys.boolean("rescale_offset", always);
    affine.rescales = keys.boolean("do_rescale");
    affine.normalizes = keys.boolean("do_normalize");
    affine.top = keys.boolean("include_top");
    if (affine.normalizes || affine.top) affine.values = read_normalization(keys);
    if (affine.top && affine.values.std.empty()) keys.refuse_missing("image_std", "include_top is true");
    if (affine.rescales) affine.factor = read_factor(keys, always || (affine.normalizes && !affine.offset));

    const bool floats_needed = affine.top && !affine.rescales && !affine.normalizes;
    Operation operation = affine.operation();
    return floats_needed ? of_floats(std::move(operation)) : operation;
  };
  return {"affine(offset)", read};
}

Stage rescale() {
  const auto read = [](Keys& keys) -> Operation {
    Affine affine;
    affine.rescales = keys.boolean("do_rescale");
    if (affine.rescales) affine.factor = read_factor(keys, false);
    return affine.operation();
  };
  return {"rescale", read};
}

Stage normalize() {
  const auto read = [](Keys& keys) -> Operation {
    if (!keys.boolean("do_normalize")) return {};
    Affine affine;
    affine.normalizes = true;
    affine.values = read_normalization(keys);
    return of_floats(affine.operation());
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
    keys.not_built("do_normalize", "numpy sums an image's mean and deviation in float32, in an order of its own",
                   Toolkit::pillow);
    return {.text = "normalize by each image's own mean and standard deviation",
            .extend = extend,
            .floats = true,
            .measures = true,
            .keeps_tiles = true};
  };
  return {"normalize(image)", read};
}

}  // namespace kir
