// Padded patches (Pix2Struct): each image normalized by its own mean and standard deviation, resized in the float
// domain to a patch grid of at most max_patches, and written as rows of {row, column, pixels}, the rest of the rows
// zero. models/pix2struct: Pix2StructImageProcessor.normalize and extract_flattened_patches.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "plan/request.hpp"

namespace kir {

namespace {

constexpr std::int64_t kHeader = 2;  // row and column, counted from 1

/// (v - mean) / max(std, 1 / sqrt(samples)), in float32.
Epilogue standardize(const ProbeResult& probe, const ImageSize& size, std::size_t index) {
  const auto samples = static_cast<double>(std::int64_t{size.channels} * size.height * size.width);
  if (!std::isfinite(probe.mean) || !std::isfinite(probe.std)) {
    refuse_image(index, "has no standard deviation (one sample); two samples are needed");
  }
  Step sub, div;
  sub.op = Step::Op::sub;
  div.op = Step::Op::div;
  std::fill(std::begin(sub.c), std::end(sub.c), static_cast<float>(probe.mean));
  std::fill(std::begin(div.c), std::end(div.c),
            std::max(static_cast<float>(probe.std), static_cast<float>(1.0 / std::sqrt(samples))));
  return {{sub, div}};
}

/// Token order YX, inside a token ijc, after the header.
Layout patch_layout(Extent patch, std::int64_t channels, std::int64_t columns, std::int64_t base) {
  const std::int64_t token = kHeader + patch.height * patch.width * channels;
  Layout layout;
  layout.base = base + kHeader;
  layout.channel = 1;
  layout.y = {columns * token, 0, patch.width * channels, static_cast<std::int32_t>(patch.height), 1};
  layout.x = {token, 0, channels, static_cast<std::int32_t>(patch.width), 1};
  return layout;
}

Fill rectangle(Target to, std::int64_t rows, std::int64_t columns, double value) {
  Fill fill;
  fill.to = to;
  fill.y1 = static_cast<std::int32_t>(rows);
  fill.x1 = static_cast<std::int32_t>(columns);
  fill.value[0] = value;
  return fill;
}

/// The header numbers of the used rows, the zero rows behind them, and the mask.
void add_fills(Extent grid, std::int64_t max_patches, std::int64_t token, std::int64_t index, Level& level) {
  const std::int64_t base = index * max_patches * token, used = grid.height * grid.width;
  Target header = {Target::Kind::output, 0, {}};
  header.layout.base = base;
  header.layout.y.inner = grid.width * token;
  header.layout.x.inner = token;
  Fill rows = rectangle(header, grid.height, grid.width, 1);
  rows.ramp_y = 1;
  header.layout.base = base + 1;
  Fill columns = rectangle(header, grid.height, grid.width, 1);
  columns.ramp_x = 1;
  level.fills.push_back(rows);
  level.fills.push_back(columns);

  if (used < max_patches) {
    const Target rest = {Target::Kind::output, 0, chw_layout(base + used * token, max_patches - used, token)};
    level.fills.push_back(rectangle(rest, max_patches - used, token, 0));
  }
  const Target mask = {Target::Kind::output, 1, chw_layout(index * max_patches, 1, max_patches)};
  level.fills.push_back(rectangle(mask, 1, used, 1));
  if (used < max_patches) {
    Fill zeros = rectangle(mask, 1, max_patches, 0);
    zeros.x0 = static_cast<std::int32_t>(used);
    level.fills.push_back(zeros);
  }
}

}  // namespace

Plan plan_padded_patches(const Request& request) {
  const ProcessorSpec& spec = request.spec;
  const std::size_t count = request.images.size();
  const Extent patch = {spec.patch_height, spec.patch_width};
  const std::int32_t channels = request.images[0].channels;
  const std::int64_t token = kHeader + patch.height * patch.width * channels;

  Plan plan;
  plan.epilogues.push_back({});  // of the resize
  plan.levels.resize(2);
  for (Level& level : plan.levels) level.jobs.reserve(count);
  plan.levels[1].fills.reserve(5 * count);
  plan.canvases.reserve(count);
  plan.outputs.push_back({"flattened_patches",
                          pixel_type(request, true),
                          {static_cast<std::int64_t>(count), spec.max_patches, token},
                          {},
                          {}});
  plan.outputs.push_back({"attention_mask", Type::f32, {static_cast<std::int64_t>(count), spec.max_patches}, {}, {}});
  check_outputs(plan);

  for (std::size_t i = 0; i < count; ++i) {
    const ImageSize& image = request.images[i];
    const Extent source = {image.height, image.width};
    if (image.channels != channels) {
      refuse_image(i, std::to_string(image.channels) + " channels, images[0] has " + std::to_string(channels) +
                          "; their patches share a tensor");
    }
    const Extent grid = size_rules::pix2struct_grid(source, spec.max_patches, patch);
    const Extent resized = {grid.height * patch.height, grid.width * patch.width};
    check_resized(i, resized);
    if (grid.height * grid.width > spec.max_patches) {
      refuse_image(i, "needs " + std::to_string(grid.height) + " x " + std::to_string(grid.width) +
                          " patches; max_patches is " + std::to_string(spec.max_patches));
    }

    plan.epilogues.push_back(spec.do_normalize ? standardize(request.probe_results[i], image, i) : Epilogue{});
    const std::int32_t canvas = add_canvas(plan, Type::f32, channels, source);
    Job job = copy_job(request, {Source::Kind::image, static_cast<std::int32_t>(i)}, source, channels);
    set_float_domain(job);
    job.epilogue = static_cast<std::int32_t>(plan.epilogues.size()) - 1;
    job.to = canvas_target(plan, canvas);
    plan.levels[0].jobs.push_back(job);

    const auto index = static_cast<std::int64_t>(i);
    job = resize_job(request, {Source::Kind::canvas, canvas}, source, resized, channels);
    set_float_domain(job);
    job.to = {Target::Kind::output, 0, patch_layout(patch, channels, grid.width, index * spec.max_patches * token)};
    plan.levels[1].jobs.push_back(job);
    add_fills(grid, spec.max_patches, token, index, plan.levels[1]);
  }
  return plan;
}

}  // namespace kir
