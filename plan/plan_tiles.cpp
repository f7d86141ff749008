// Tiles (Idefics3): the image resized to its long side, that resized to multiples of the tile, that cut to tiles row by
// row with the whole of it, resized to one tile, behind them. models/idefics3: Idefics3ImageProcessor._preprocess.
//
// Three resamples deep with levels between, so three levels. A flat list of images is one sequence of frames:
// pixel_values is (1, frames of all images, C, tile, tile). Every frame fills its tile, so the mask is all ones.
#include <string>
#include <vector>

#include "plan/request.hpp"

namespace kir {

namespace {

constexpr std::int64_t kMaxFrames = std::int64_t{1} << 30;

Extent first_size(const ProcessorSpec& spec, Extent image) {
  if (!spec.do_resize) return image;
  if (spec.size.longest_edge != 0) return size_rules::idefics3(image, spec.size.longest_edge);
  return {spec.size.height, spec.size.width};
}

/// The sizes of one image on its way, and its number of frames.
struct Cut {
  Extent source, first, second;
  std::int64_t rows = 0, columns = 0;

  bool whole() const { return rows * columns == 1; }
  /// The tiles, and the whole image behind them unless it is one tile.
  std::int64_t frames() const { return whole() ? 1 : rows * columns + 1; }
};

Cut cut(const ProcessorSpec& spec, std::size_t index, const ImageSize& size) {
  const std::int64_t tile = spec.max_image_size;
  Cut image;
  image.source = {size.height, size.width};
  image.first = first_size(spec, image.source);
  check_resized(index, image.first);
  image.second = spec.do_image_splitting ? size_rules::idefics3_tiles(image.first, tile) : Extent{tile, tile};
  check_resized(index, image.second);
  image.rows = image.second.height / tile;
  image.columns = image.second.width / tile;
  return image;
}

}  // namespace

Plan plan_tiles(const Request& request) {
  const ProcessorSpec& spec = request.spec;
  const Affine affine = affine_of(spec);
  const std::int64_t tile = spec.max_image_size;
  const std::size_t count = request.images.size();
  const Type levels_type = canvas_type(request.options.numerics);
  const std::int32_t channels = channels_after(spec, affine.after, request.images[0].channels, 0);
  const std::int64_t frame = channels * tile * tile;

  std::vector<Cut> cuts(count);
  std::int64_t frames = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (channels_after(spec, affine.after, request.images[i].channels, i) != channels) {
      refuse_image(i, "gives frames of another number of channels than images[0]; they share a tensor");
    }
    cuts[i] = cut(spec, i, request.images[i]);
    frames += cuts[i].frames();
    if (frames > kMaxFrames) refuse_image(i, "brings the batch to more than " + std::to_string(kMaxFrames) + " frames");
  }

  Plan plan;
  plan.epilogues = {affine.after, Epilogue{}};
  plan.levels.resize(3);
  plan.canvases.reserve(2 * count);
  plan.levels[0].jobs.reserve(count);
  plan.levels[1].jobs.reserve(count);
  plan.levels[2].jobs.reserve(2 * count);
  plan.outputs.push_back(
      {"pixel_values", pixel_type(request, !affine.after.steps.empty()), {1, frames, channels, tile, tile}, -1, {}});
  if (spec.do_pad) plan.outputs.push_back({"pixel_attention_mask", Type::f32, {1, frames, tile, tile}, -1, {}});
  check_outputs(plan);

  std::int64_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Cut& image = cuts[i];
    const std::int32_t source_channels = request.images[i].channels;
    const std::int32_t first = add_canvas(plan, levels_type, source_channels, image.first);
    const std::int32_t second = add_canvas(plan, levels_type, source_channels, image.second);
    const Source from_first = {Source::Kind::canvas, first}, from_second = {Source::Kind::canvas, second};

    Job job = resize_job(request, {Source::Kind::image, static_cast<std::int32_t>(i)}, image.source, image.first,
                         source_channels);
    job.epilogue = 1;
    job.to = canvas_target(plan, first);
    plan.levels[0].jobs.push_back(job);

    job = resize_job(request, from_first, image.first, image.second, source_channels);
    job.epilogue = 1;
    job.to = canvas_target(plan, second);
    plan.levels[1].jobs.push_back(job);

    // All tiles are one copy: row y goes to tile y / tile, row y % tile.
    const auto unit = static_cast<std::int32_t>(tile);
    Layout tiles = chw_layout(at * frame, tile, tile);
    tiles.y = {image.columns * frame, 0, tile, unit, 1};
    tiles.x = {frame, 0, 1, unit, 1};
    job = copy_job(request, from_second, image.second, channels);
    job.to = {Target::Kind::output, 0, tiles};
    plan.levels[2].jobs.push_back(job);
    if (!image.whole()) {
      job = resize_job(request, from_second, image.second, {tile, tile}, channels);
      job.to = {Target::Kind::output, 0, chw_layout((at + image.rows * image.columns) * frame, tile, tile)};
      plan.levels[2].jobs.push_back(job);
    }
    at += image.frames();
  }

  if (spec.do_pad) {
    Fill ones;
    ones.to = {Target::Kind::output, 1, chw_layout(0, frames, tile * tile)};
    ones.y1 = static_cast<std::int32_t>(frames);
    ones.x1 = static_cast<std::int32_t>(tile * tile);
    ones.value[0] = 1;
    plan.levels[2].fills.push_back(ones);
  }
  return plan;
}

}  // namespace kir
