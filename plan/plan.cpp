// plan(): checks what it is given, then lets the family's planner work. And the small decisions that planners share.
#include "kir/plan.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "plan/request.hpp"

namespace kir {

std::int64_t Output::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t side : shape) count *= side;
  return count;
}

// ---------------------------------------------------------------------------------------------------------------------
// Shared decisions (plan/request.hpp)

Type pixel_type(const Request& request, bool float_valued) {
  if (request.options.output_type) return *request.options.output_type;
  return float_valued ? Type::f32 : row_of(request.options.numerics).canvas;
}

Axis axis_of(const ProcessorSpec& spec, std::int64_t in, std::int64_t out) {
  Axis axis = identity_axis(in);
  axis.out = axis.count = static_cast<std::int32_t>(out);
  axis.filter = spec.lanczos_as_bicubic ? Filter::bicubic : spec.filter;
  // torchvision antialiases no nearest (v2/functional/_geometry.py: resize_image).
  axis.antialias = spec.antialias && axis.filter != Filter::nearest && axis.filter != Filter::nearest_exact;
  axis.border = axis.antialias ? Border::renormalize : Border::clamp;
  return axis;
}

Axis identity_axis(std::int64_t size) {
  Axis axis;
  axis.in = axis.out = axis.count = static_cast<std::int32_t>(size);
  axis.box_end = static_cast<double>(size);
  return axis;
}

Job resize_job(const Request& request, Source from, Extent in, Extent out, std::int32_t channels) {
  Job job;
  job.from = from;
  job.y = axis_of(request.spec, in.height, out.height);
  job.x = axis_of(request.spec, in.width, out.width);
  const NumericsRow& numerics = row_of(request.options.numerics);
  job.passes = passes_of(numerics.order, job.y, job.x);
  job.arithmetic = numerics.arithmetic;
  job.round = numerics.round;
  job.channels = channels;
  return job;
}

Job copy_job(const Request& request, Source from, Extent size, std::int32_t channels) {
  Job job;
  job.from = from;
  job.y = identity_axis(size.height);
  job.x = identity_axis(size.width);
  job.passes = Passes::copy;
  job.arithmetic = row_of(request.options.numerics).arithmetic;
  job.round = row_of(request.options.numerics).round;
  job.channels = channels;
  return job;
}

void check_resized(std::size_t index, Extent size) {
  for (const std::int64_t side : {size.height, size.width}) {
    if (side < 1 || side > kMaxEdge) {
      refuse_image(index, "would be resized to " + std::to_string(size.height) + " x " + std::to_string(size.width) +
                              "; a side may have 1.." + std::to_string(kMaxEdge) + " pixels");
    }
  }
}

Target canvas_target(const Plan& plan, std::int32_t canvas) {
  const Buffer& buffer = plan.canvases[static_cast<std::size_t>(canvas)];
  return {Target::Kind::canvas, canvas, chw_layout(0, buffer.height, buffer.width)};
}

std::vector<std::int64_t> samples_of(const Request& request) {
  const auto& groups = request.options.groups;
  return groups.empty() ? std::vector<std::int64_t>{static_cast<std::int64_t>(request.images.size())} : groups;
}

std::int32_t add_canvas(Plan& plan, Type type, std::int32_t channels, Extent size) {
  plan.canvases.push_back(
      {type, channels, static_cast<std::int32_t>(size.height), static_cast<std::int32_t>(size.width)});
  return static_cast<std::int32_t>(plan.canvases.size()) - 1;
}

void fill_around(std::vector<Fill>& fills, Fill fill, std::int64_t rows, std::int64_t columns, std::int64_t y0,
                 std::int64_t x0, std::int64_t y1, std::int64_t x1) {
  const auto add = [&](std::int64_t top, std::int64_t left, std::int64_t bottom, std::int64_t right) {
    if (top >= bottom || left >= right) return;
    fill.y0 = static_cast<std::int32_t>(top);
    fill.x0 = static_cast<std::int32_t>(left);
    fill.y1 = static_cast<std::int32_t>(bottom);
    fill.x1 = static_cast<std::int32_t>(right);
    fills.push_back(fill);
  };
  add(0, 0, y0, columns);
  add(y0, 0, y1, x0);
  add(y0, x1, y1, columns);
  add(y1, 0, rows, columns);
}

void check_outputs(const Plan& plan) {
  for (const Output& output : plan.outputs) {
    std::int64_t count = 1;
    for (const std::int64_t side : output.shape) {
      if (side != 0 && count > kMaxElements / side) {
        throw Error(ErrorCode::invalid_argument, "images",
                    "the output " + output.key + " would have more than " + std::to_string(kMaxElements) + " elements");
      }
      count *= side;
    }
  }
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

/// torchvision normalizes floats only. The common pipeline converts levels first; these two do not.
void check_normalizes_floats(const ProcessorSpec& spec, Numerics numerics) {
  const bool rescale_first = spec.facts.affine == AffineOrder::rescale_first && spec.do_normalize;  // DINOv3
  const bool include_top = spec.include_top && !spec.do_normalize;                                  // EfficientNet
  if (row_of(numerics).round != Round::never && !spec.do_rescale && (rescale_first || include_top)) {
    throw Error(ErrorCode::invalid_argument, spec.source + ": do_rescale",
                std::string("false: the processor cannot normalize integers, nor can ") + name_of(numerics) +
                    "; true is allowed, and false with float32");
  }
}

void check_groups(const Request& request) {
  const std::vector<std::int64_t>& groups = request.options.groups;
  if (groups.empty()) return;
  const ClassFacts& facts = request.spec.facts;
  const bool tiles = facts.size_rule == SizeRule::idefics3;
  if (!tiles && !facts.frames) {
    throw Error(ErrorCode::invalid_argument, "groups", request.spec.class_name + " takes no lists of lists of images");
  }
  std::int64_t sum = 0;
  const auto count = static_cast<std::int64_t>(request.images.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::int64_t least = tiles ? 0 : 1;
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

}  // namespace

void check_request(const Request& request) {
  if (!request.spec.unsupported.empty()) {
    throw Error(ErrorCode::unsupported, request.spec.source, request.spec.unsupported);
  }
  const Numerics numerics = request.options.numerics;
  check_built(numerics);
  check_normalizes_floats(request.spec, numerics);
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

namespace {

Plan plan_family(const Request& request) {
  switch (request.spec.facts.size_rule) {
    case SizeRule::smart_resize:
      return plan_packed_patches(request);
    case SizeRule::pix2struct:
      return plan_padded_patches(request);
    case SizeRule::idefics3:
      return plan_tiles(request);
    default:
      return plan_images(request);
  }
}

}  // namespace

namespace {

bool same_steps(const Epilogue& a, const Epilogue& b) {
  return std::equal(a.steps.begin(), a.steps.end(), b.steps.begin(), b.steps.end(), [](const Step& x, const Step& y) {
    return x.op == y.op && x.rounded_to == y.rounded_to && std::equal(x.c, x.c + 4, y.c);
  });
}

/// Keeps the epilogues that jobs have, each once, in the order of the jobs.
void share_epilogues(Plan& plan) {
  std::vector<Epilogue> shared;
  std::vector<std::int32_t> index(plan.epilogues.size(), -1);
  for (Level& level : plan.levels) {
    for (Job& job : level.jobs) {
      std::int32_t& at = index[static_cast<std::size_t>(job.epilogue)];
      if (at < 0) {
        const Epilogue& own = plan.epilogues[static_cast<std::size_t>(job.epilogue)];
        const auto same =
            std::find_if(shared.begin(), shared.end(), [&](const Epilogue& other) { return same_steps(own, other); });
        at = static_cast<std::int32_t>(same - shared.begin());
        if (same == shared.end()) shared.push_back(own);
      }
      job.epilogue = at;
    }
  }
  plan.epilogues = std::move(shared);
}

}  // namespace

std::vector<Probe> probes(const ProcessorSpec& spec, std::span<const ImageSize> images) {
  std::vector<Probe> needed;
  if (spec.facts.size_rule != SizeRule::pix2struct || !spec.do_normalize) return needed;
  for (std::size_t i = 0; i < images.size(); ++i) {
    needed.push_back({Probe::Kind::mean_std, static_cast<std::int32_t>(i)});
  }
  return needed;
}

Plan plan(const ProcessorSpec& spec, std::span<const ImageSize> images, const PlanOptions& options,
          std::span<const ProbeResult> probe_results) {
  const Request request = {spec, images, options, probe_results};
  check_request(request);
  Plan made = plan_family(request);
  share_epilogues(made);
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
