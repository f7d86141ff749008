// Packed patches (Qwen2-VL): each image or clip on its own patch grid, the tokens of all one after another, and a grid
// each. models/qwen2_vl: Qwen2VLImageProcessor._preprocess and patchify; its video processor's for clips.
//
// Token order YXyx (merge blocks row by row, then the merge x merge tokens in a block), inside a token ctij: channel,
// temporal slot, pixel row, pixel column. Both are Steps of the layout, so a job writes tokens as it would write rows.
// A clip is cut into groups of as many frames as a token has slots; its last frame fills the slots that are left over,
// as an image fills them all.
#include <string>
#include <vector>

#include "plan/packed_patches.hpp"

namespace kir {

namespace {

/// The layout of one frame of `columns` patches a row, from element `base` on, in the slots [slot, slot + copies).
Layout token_layout(const ProcessorSpec& spec, std::int64_t channels, std::int64_t columns, std::int64_t base,
                    std::int64_t slot, std::int64_t copies) {
  const std::int64_t patch = spec.patch_size, merge = spec.merge_size;
  const std::int64_t area = patch * patch, token = channels * spec.temporal_patch_size * area;
  const std::int64_t block = merge * merge * token;
  const auto unit = static_cast<std::int32_t>(patch), group = static_cast<std::int32_t>(merge);
  Layout layout;
  layout.base = base + slot * area;
  layout.channel = spec.temporal_patch_size * area;
  layout.y = {columns / merge * block, merge * token, patch, unit, group};
  layout.x = {block, token, 1, unit, group};
  layout.copies = static_cast<std::int32_t>(copies);
  layout.copy = area;
  return layout;
}

}  // namespace

Plan plan_tokens(const Request& request, std::span<const Extent> resized, const Items& items) {
  const ProcessorSpec& spec = request.spec;
  const Affine affine = affine_of(spec);
  const std::size_t count = items.lengths.size();
  const std::int64_t slots = spec.temporal_patch_size;

  Plan plan;
  plan.epilogues = {affine.after};
  plan.levels.resize(1);
  plan.levels[0].jobs.reserve(items.frames.size());

  Output grid = {"image_grid_thw", Type::i64, {static_cast<std::int64_t>(count), 3}, {}, {}};
  grid.values.reserve(3 * count);
  std::int64_t tokens = 0, token = 0;
  auto next = items.frames.begin();
  for (const std::int32_t length : items.lengths) {
    const auto first = static_cast<std::size_t>(*next);
    const std::int64_t rows = resized[first].height / spec.patch_size;
    const std::int64_t columns = resized[first].width / spec.patch_size;
    const std::int64_t groups = up_to_multiple(length, slots) / slots;
    for (std::int64_t k = 0; k < length; ++k, ++next) {
      const auto frame = static_cast<std::size_t>(*next);
      const ImageSize& image = request.images[frame];
      const std::int32_t channels = channels_after(spec, affine.after, image.channels, frame);
      const std::int64_t frame_token = channels * slots * spec.patch_size * spec.patch_size;
      if (token != 0 && frame_token != token) {
        refuse_image(frame, "gives tokens of " + std::to_string(channels) +
                                " channels, the first image another number; they share a tensor");
      }
      token = frame_token;
      if (tokens + groups * rows * columns > kMaxElements / token) {
        refuse_image(frame, "makes the output larger than " + std::to_string(kMaxElements) + " elements");
      }

      Job job =
          resize_job(request, {Source::Kind::image, *next}, {image.height, image.width}, resized[frame], channels);
      const std::int64_t slot = k % slots, copies = k + 1 == length ? slots - slot : 1;
      const std::int64_t base = (tokens + k / slots * rows * columns) * token;
      job.to = {Target::Kind::output, 0, token_layout(spec, channels, columns, base, slot, copies)};
      plan.levels[0].jobs.push_back(job);
    }
    tokens += groups * rows * columns;
    for (const std::int64_t value : {groups, rows, columns}) grid.values.push_back(static_cast<double>(value));
  }

  plan.outputs.push_back({"pixel_values", pixel_type(request, !affine.after.steps.empty()), {tokens, token}, {}, {}});
  plan.outputs.push_back(std::move(grid));
  return plan;
}

// ---------------------------------------------------------------------------------------------------------------------
// The processor: every image is an item, and its size follows from its own

namespace {

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
  const std::size_t count = request.images.size();
  std::vector<Extent> resized(count);
  Items items = {std::vector<std::int32_t>(count), std::vector<std::int32_t>(count, 1)};
  for (std::size_t i = 0; i < count; ++i) {
    resized[i] = resized_size(request.spec, i, {request.images[i].height, request.images[i].width});
    check_resized(i, resized[i]);
    items.frames[i] = static_cast<std::int32_t>(i);
  }
  return plan_tokens(request, resized, items);
}

}  // namespace kir
