// plan(): checks what it is given, then runs the operations of the spec's recipe on a draft.
#include "kir/plan.hpp"

#include <string>
#include <utility>

#include "plan/draft.hpp"
#include "plan/numerics.hpp"
#include "plan/stage.hpp"

namespace kir {

std::int64_t Output::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t side : shape) count *= side;
  return count;
}

// ---------------------------------------------------------------------------------------------------------------------
// Checks of a request

namespace {

void check_side(std::size_t index, const char* side, std::int64_t value) {
  if (value < 1 || value > kMaxEdge) {
    throw Error(ErrorCode::invalid_argument, "images[" + std::to_string(index) + "]." + side,
                std::to_string(value) + " is not in 1.." + std::to_string(kMaxEdge));
  }
}

void check_images(std::span<const ImageSize> images) {
  if (images.empty()) throw Error(ErrorCode::invalid_argument, "images", "the list is empty; give at least one image");
  for (std::size_t i = 0; i < images.size(); ++i) {
    const ImageSize& size = images[i];
    if (size.channels < 1 || size.channels > 4) {
      throw Error(ErrorCode::invalid_argument, "images[" + std::to_string(i) + "].channels",
                  std::to_string(size.channels) + " is not in 1..4");
    }
    check_side(i, "height", size.height);
    check_side(i, "width", size.width);
    if (std::int64_t{size.channels} * size.height * size.width > kMaxElements) {
      refuse_image(i, "has more than " + std::to_string(kMaxElements) + " samples");
    }
  }
}

void check_groups(const Request& request) {
  const std::vector<std::int64_t>& groups = request.options.groups;
  if (groups.empty()) return;
  if (request.spec.groups == Groups::none) {
    throw Error(ErrorCode::invalid_argument, "groups", request.spec.class_name + " takes no lists of lists of images");
  }
  const std::int64_t least = request.spec.groups == Groups::videos ? 1 : 0;
  const auto count = static_cast<std::int64_t>(request.images.size());
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i] < least || groups[i] > count) {
      throw Error(ErrorCode::invalid_argument, "groups[" + std::to_string(i) + "]",
                  std::to_string(groups[i]) + " is not in " + std::to_string(least) + ".." + std::to_string(count));
    }
    sum += groups[i];
  }
  if (sum != count) {
    throw Error(ErrorCode::invalid_argument, "groups",
                "their sum is " + std::to_string(sum) + "; there are " + std::to_string(count) + " images");
  }
}

void check_request(const Request& request) {
  check_built(request.options.numerics);
  if (const std::string& reason = why_unsupported(request.spec, request.options.numerics); !reason.empty()) {
    throw Error(ErrorCode::unsupported, request.spec.source, reason);
  }
  if (request.options.output_type) {
    const Type type = *request.options.output_type;
    if (type != Type::f32 && type != Type::f16 && type != Type::bf16 && type != Type::u8) {
      throw Error(ErrorCode::invalid_argument, "output_type",
                  std::string(name_of(type)) + " is not one of float32, float16, bfloat16, uint8");
    }
  }
  check_images(request.images);
  check_groups(request);
  const std::size_t probes_needed = probes(request.spec, request.images).size();
  if (request.probe_results.size() != probes_needed) {
    throw Error(
        ErrorCode::invalid_argument, "probe_results",
        std::to_string(request.probe_results.size()) + " given; these images need " + std::to_string(probes_needed));
  }
}

}  // namespace

// ---------------------------------------------------------------------------------------------------------------------
// Planning

std::vector<Probe> probes(const ProcessorSpec& spec, std::span<const ImageSize> images) {
  std::vector<Probe> needed;
  if (spec.recipe == nullptr) return needed;
  for (const Operation& operation : spec.recipe->operations) {
    if (!operation.measures) continue;
    for (std::size_t i = 0; i < images.size(); ++i) {
      needed.push_back({Probe::Kind::mean_std, static_cast<std::int32_t>(i)});
    }
  }
  return needed;
}

Plan plan(const ProcessorSpec& spec, std::span<const ImageSize> images, const PlanOptions& options,
          std::span<const ProbeResult> probe_results) {
  const Request request = {spec, images, options, probe_results};
  check_request(request);
  Draft draft(request);
  run(spec.recipe->operations, draft);
  Plan made = draft.take();
  made.numerics = options.numerics;
  made.images.assign(images.begin(), images.end());
  return made;
}

Plan plan_stacked(const ProcessorSpec& spec, std::int64_t count, ImageSize size, const PlanOptions& options,
                  std::span<const ProbeResult> probe_results) {
  constexpr std::int64_t kMaxImages = std::int64_t{1} << 24;
  if (count < 0 || count > kMaxImages) {
    throw Error(ErrorCode::invalid_argument, "count",
                std::to_string(count) + " is not in 0.." + std::to_string(kMaxImages));
  }
  if (count > 0) {
    const std::vector<ImageSize> images(static_cast<std::size_t>(count), size);
    return plan(spec, images, options, probe_results);
  }

  // No images: the outputs of one image, with a first dimension of 0 and nothing to run.
  const std::vector<ProbeResult> no_pixels(probes(spec, {&size, 1}).size(), ProbeResult{0, 1, 0, 0, 0, 0, false});
  Plan empty = plan(spec, {&size, 1}, options, no_pixels);
  empty.images.clear();
  empty.levels.clear();
  empty.canvases.clear();
  empty.epilogues.clear();
  for (Output& output : empty.outputs) {
    output.shape[0] = 0;
    output.values.clear();
  }
  return empty;
}

}  // namespace kir
