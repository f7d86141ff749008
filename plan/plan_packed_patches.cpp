// Packed patches (Qwen2-VL): each image on its own patch grid, the tokens of all images one after another, and a grid
// an image. models/qwen2_vl: Qwen2VLImageProcessor._preprocess and patchify.
//
// Token order YXyx (merge blocks row by row, then the merge x merge tokens in a block), inside a token ctij: channel,
// temporal copy, pixel row, pixel column. Both are Steps of the layout, so a job writes tokens as it would write rows.
#include <string>
#include <vector>

#include "plan/request.hpp"

namespace kir {

namespace {

/// The layout of one image of `columns` patches a row, from element `base` on.
Layout token_layout(const ProcessorSpec& spec, std::int64_t channels, std::int64_t columns, std::int64_t base) {
  const std::int64_t patch = spec.patch_size, merge = spec.merge_size, copies = spec.temporal_patch_size;
  const std::int64_t token = channels * copies * patch * patch, block = merge * merge * token;
  const auto unit = static_cast<std::int32_t>(patch), group = static_cast<std::int32_t>(merge);
  Layout layout;
  layout.base = base;
  layout.channel = copies * patch * patch;
  layout.y = {columns / merge * block, merge * token, patch, unit, group};
  layout.x = {block, token, 1, unit, group};
  layout.copies = static_cast<std::int32_t>(copies);
  layout.copy = patch * patch;
  return layout;
}

Extent resized_size(const ProcessorSpec& spec, std::size_t index, Extent image) {
  const std::int64_t factor = spec.patch_size * spec.merge_size;
  if (spec.do_resize) return size_rules::smart_resize(image, factor, spec.size.shortest_edge, spec.size.longest_edge);
  if (image.height % factor != 0 || image.width % factor != 0) {
    refuse_image(index, std::to_string(image.height) + " x " + std::to_string(image.width) +
                            "; without do_resize both sides must be multiples of patch_size * merge_size = " +
                            std::to_string(factor));
  }
  return image;
}

}  // namespace

Plan plan_packed_patches(const Request& request) {
  const ProcessorSpec& spec = request.spec;
  const Affine affine = affine_of(spec);
  const std::size_t count = request.images.size();

  Plan plan;
  plan.epilogues = {affine.after};
  plan.levels.resize(1);
  plan.levels[0].jobs.reserve(count);

  Output grid = {"image_grid_thw", Type::i64, {static_cast<std::int64_t>(count), 3}, -1, {}};
  grid.values.reserve(3 * count);
  std::int64_t tokens = 0, token = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const ImageSize& image = request.images[i];
    const Extent source = {image.height, image.width};
    const Extent resized = resized_size(spec, i, source);
    check_resized(i, resized);
    const std::int64_t rows = resized.height / spec.patch_size, columns = resized.width / spec.patch_size;
    const std::int32_t channels = channels_after(spec, affine.after, image.channels, i);
    const std::int64_t image_token = channels * spec.temporal_patch_size * spec.patch_size * spec.patch_size;
    if (i > 0 && image_token != token) {
      refuse_image(i, "gives tokens of " + std::to_string(channels) +
                          " channels, images[0] another number; they share a tensor");
    }
    token = image_token;
    if ((tokens + rows * columns) > kMaxElements / token)
      refuse_image(i, "makes the output larger than " + std::to_string(kMaxElements) + " elements");

    Job job = resize_job(request, {Source::Kind::image, static_cast<std::int32_t>(i)}, source, resized, channels);
    job.to = {Target::Kind::output, 0, token_layout(spec, channels, columns, tokens * token)};
    plan.levels[0].jobs.push_back(job);
    tokens += rows * columns;
    for (const std::int64_t value : {std::int64_t{1}, rows, columns}) grid.values.push_back(static_cast<double>(value));
  }

  plan.outputs.push_back({"pixel_values", pixel_type(request, !affine.after.steps.empty()), {tokens, token}, -1, {}});
  plan.outputs.push_back(std::move(grid));
  return plan;
}

}  // namespace kir
