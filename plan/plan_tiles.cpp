// Tiles (Idefics3): the image resized to its long side, that resized to multiples of the tile, that cut to tiles row by
// row with the whole of it, resized to one tile, behind them. models/idefics3: Idefics3ImageProcessor._preprocess.
//
// Three resamples deep with levels between, so three levels. A sample is a list of images and gives the frames of all:
// pixel_values is (samples, frames of the longest, C, tile, tile), with zeros behind a shorter one, where the mask is
// 0. A flat list of images is one sample.
#include <algorithm>
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

/// The samples, and where the frames of each image stand among those of all.
struct Samples {
  std::vector<std::int64_t> images;  ///< how many each sample has
  std::vector<std::int64_t> frames;  ///< how many each sample has
  std::vector<std::int64_t> at;      ///< each image's first frame, in samples padded to `longest`
  std::int64_t longest = 0;

  std::int64_t count() const { return static_cast<std::int64_t>(images.size()); }
};

Samples samples_of(const Request& request, const std::vector<Cut>& cuts) {
  Samples samples;
  samples.images = kir::samples_of(request);
  auto cut = cuts.begin();
  for (const std::int64_t count : samples.images) {
    std::int64_t frames = 0;
    for (std::int64_t i = 0; i < count; ++i, ++cut) {
      samples.at.push_back(frames);
      frames += cut->frames();
    }
    samples.frames.push_back(frames);
    samples.longest = std::max(samples.longest, frames);
  }
  std::size_t image = 0;
  for (std::int64_t sample = 0; sample < samples.count(); ++sample) {
    for (std::int64_t i = 0; i < samples.images[static_cast<std::size_t>(sample)]; ++i, ++image) {
      samples.at[image] += sample * samples.longest;
    }
  }
  if (samples.longest > kMaxFrames / samples.count()) {
    throw Error(ErrorCode::invalid_argument, "images",
                std::to_string(samples.count()) + " samples of " + std::to_string(samples.longest) +
                    " frames are more than " + std::to_string(kMaxFrames) + " frames");
  }
  if (!request.spec.do_pad && *std::min_element(samples.frames.begin(), samples.frames.end()) != samples.longest) {
    throw Error(ErrorCode::invalid_argument, "groups",
                "the samples have different numbers of frames; without do_pad they must have one");
  }
  return samples;
}

/// Frames of all samples behind each other: fills [begin, end) of them, `elements` each.
void fill_frames(std::int32_t output, std::int64_t begin, std::int64_t end, std::int64_t elements, double value,
                 Level& level) {
  if (begin == end) return;
  Fill fill;
  fill.to = {Target::Kind::output, output, chw_layout(0, end, elements)};
  fill.y0 = static_cast<std::int32_t>(begin);
  fill.y1 = static_cast<std::int32_t>(end);
  fill.x1 = static_cast<std::int32_t>(elements);
  fill.value[0] = value;
  level.fills.push_back(fill);
}

/// What do_pad adds: zeros behind the frames of a sample, and the mask of its frames.
void pad_samples(const Samples& samples, std::int64_t frame, std::int64_t tile, Level& level) {
  std::int64_t begin = 0;
  for (const std::int64_t frames : samples.frames) {
    const std::int64_t end = begin + samples.longest;
    fill_frames(0, begin + frames, end, frame, 0, level);
    fill_frames(1, begin, begin + frames, tile * tile, 1, level);
    fill_frames(1, begin + frames, end, tile * tile, 0, level);
    begin = end;
  }
}

/// A small output of one number an image.
Output numbers(const char* key, const std::vector<Cut>& cuts, std::int64_t Cut::*member) {
  Output output = {key, Type::i64, {static_cast<std::int64_t>(cuts.size())}, {}, {}};
  for (const Cut& image : cuts) output.values.push_back(static_cast<double>(image.whole() ? 0 : image.*member));
  return output;
}

}  // namespace

Plan plan_tiles(const Request& request) {
  const ProcessorSpec& spec = request.spec;
  const Affine affine = affine_of(spec);
  const std::int64_t tile = spec.max_image_size;
  const std::size_t count = request.images.size();
  const Type levels_type = row_of(request.options.numerics).canvas;
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
  const Samples samples = samples_of(request, cuts);
  const std::vector<std::int64_t> shape = {samples.count(), samples.longest, channels, tile, tile};

  Plan plan;
  plan.epilogues = {affine.after, Epilogue{}};
  plan.levels.resize(3);
  plan.canvases.reserve(2 * count);
  plan.levels[0].jobs.reserve(count);
  plan.levels[1].jobs.reserve(count);
  plan.levels[2].jobs.reserve(2 * count);
  // do_pad copies the frames into float32 zeros, levels too.
  const bool float_valued = spec.do_pad || !affine.after.steps.empty();
  plan.outputs.push_back({"pixel_values", pixel_type(request, float_valued), shape, {}, {}});
  if (spec.do_pad)
    plan.outputs.push_back({"pixel_attention_mask", Type::f32, {shape[0], shape[1], tile, tile}, {}, {}});
  if (spec.return_row_col_info) {
    plan.outputs.push_back(numbers("rows", cuts, &Cut::rows));
    plan.outputs.push_back(numbers("cols", cuts, &Cut::columns));
  }
  check_outputs(plan);

  for (std::size_t i = 0; i < count; ++i) {
    const Cut& image = cuts[i];
    const std::int64_t at = samples.at[i];
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
  }
  if (spec.do_pad) pad_samples(samples, frame, tile, plan.levels[2]);
  return plan;
}

}  // namespace kir
