// Videos of different lengths in one tensor, zeros behind the shorter, and what videos have besides pixels.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "plan/stages.hpp"

namespace kir {

namespace {

Target output(std::int32_t index, const Layout& layout) {
  return {Target::Kind::output, index, layout};
}

/// Rows [0, rows) and columns [x0, x1).
void fill(Target to, std::int64_t rows, std::int64_t x0, std::int64_t x1, double value, Level& level) {
  if (rows == 0 || x0 == x1) return;
  Fill made;
  made.to = to;
  made.y1 = static_cast<std::int32_t>(rows);
  made.x0 = static_cast<std::int32_t>(x0);
  made.x1 = static_cast<std::int32_t>(x1);
  made.value[0] = value;
  level.fills.push_back(made);
}

/// (videos, longest, C, H, W); the caller adds what masks it has before anything is written.
std::int32_t add_pixels(Draft& draft, const Samples& videos, const char* key) {
  check_stack(draft, 0, draft.pictures.size());
  const Picture& first = draft.pictures[0];
  const std::int64_t channels = first.channels;
  const auto [height, width] = first.size;
  const Type type = draft.pixel_type(draft.is_float(first));
  if (draft.request().options.order == ChannelOrder::nhwc) {
    return draft.add_output(key, type, {videos.count(), videos.longest, height, width, channels});
  }
  return draft.add_output(key, type, {videos.count(), videos.longest, channels, height, width});
}

void write_pixels(Draft& draft, const Samples& videos, std::int32_t pixels, Level& level) {
  const Picture& first = draft.pictures[0];
  const std::int64_t elements = first.channels * first.size.height * first.size.width;
  auto picture = draft.pictures.begin();
  std::int64_t at = 0;
  for (const std::int64_t frames : videos.lengths) {
    for (std::int64_t i = 0; i < frames; ++i, ++picture) {
      const Layout layout = Draft::layout_of(*picture, draft.request().options.order, (at + i) * elements);
      draft.write(*picture, output(pixels, layout), level);
    }
    const std::int64_t missing = videos.longest - frames;
    fill(output(pixels, chw_layout((at + frames) * elements, missing, elements)), missing, 0, elements, 0, level);
    at += videos.longest;
  }
}

/// padding_mask_videos: the frames that are of the video.
void write_frame_mask(const Samples& videos, std::int32_t mask, Level& level) {
  std::int64_t at = 0;
  for (const std::int64_t frames : videos.lengths) {
    const Target row = output(mask, chw_layout(at, 1, videos.longest));
    fill(row, 1, 0, frames, 1, level);
    fill(row, 1, frames, videos.longest, 0, level);
    at += videos.longest;
  }
}

/// pixel_attention_mask: the pixels inside of the padding of each frame, in the frames behind a shorter video too.
void write_pixel_mask(const Draft& draft, const Samples& videos, std::int32_t mask, Level& level) {
  const auto [height, width] = draft.pictures[0].size;
  std::size_t first = 0;
  std::int64_t base = 0;
  // Rows [y, y + rows) of all frames of a video.
  const auto rows_of_frames = [&, height = height, width = width](std::int64_t y, std::int64_t rows) {
    Layout layout = chw_layout(base + y * width, rows, width);
    layout.y = {height * width, 0, width, static_cast<std::int32_t>(std::max<std::int64_t>(rows, 1)), 1};
    return output(mask, layout);
  };
  for (const std::int64_t frames : videos.lengths) {
    const Extent inside = draft.pictures[first].unpadded;
    const std::int64_t below = height - inside.height;
    fill(rows_of_frames(0, inside.height), videos.longest * inside.height, 0, inside.width, 1, level);
    fill(rows_of_frames(0, inside.height), videos.longest * inside.height, inside.width, width, 0, level);
    fill(rows_of_frames(inside.height, below), videos.longest * below, 0, width, 0, level);
    base += videos.longest * height * width;
    first += static_cast<std::size_t>(frames);
  }
}

void write_by_frames(Draft& draft) {
  constexpr const char* kKey = "pixel_values_videos";
  if (!are_alike(draft.pictures)) return write_videos(draft, kKey);
  const Samples videos = samples_of(draft.request());
  const std::int32_t pixels = add_pixels(draft, videos, kKey);
  const bool masks = !videos.are_alike();
  const std::int32_t mask =
      masks ? draft.add_output("padding_mask_videos", Type::boolean, {videos.count(), videos.longest}) : -1;
  draft.check_outputs();
  Level& level = draft.output_level();
  write_pixels(draft, videos, pixels, level);
  if (masks) write_frame_mask(videos, mask, level);
}

void write_by_pixels(Draft& draft) {
  const Samples videos = samples_of(draft.request());
  const std::int32_t pixels = add_pixels(draft, videos, "pixel_values");
  const auto [height, width] = draft.pictures[0].size;
  const std::int32_t mask =
      draft.add_output("pixel_attention_mask", Type::i64, {videos.count(), videos.longest, height, width});
  draft.check_outputs();
  Level& level = draft.output_level();
  write_pixels(draft, videos, pixels, level);
  write_pixel_mask(draft, videos, mask, level);
}

}  // namespace

Stage padded_videos() {
  const auto read = [](Keys&) { return Operation{.text = "zeros behind shorter videos", .extend = write_by_frames}; };
  return {"padded_videos", read, true};
}

Stage masked_videos() {
  const auto read = [](Keys& keys) {
    if (!keys.boolean("do_pad")) return videos().read(keys);
    return Operation{.text = "zeros behind shorter videos, and the mask of their pixels", .extend = write_by_pixels};
  };
  return {"masked_videos", read, true};
}

Stage video_sizes() {
  const auto read = [](Keys& keys) -> Operation {
    const SizeKeys size = keys.size("size", keys.boolean("default_to_square", true));
    if (size.height == 0) keys.refuse("size", keys.text("size") + " has no height and width, which are an output");
    return {.text = "and original_sizes, reshaped_input_sizes", .extend = [size](Draft& draft) {
              std::vector<double> original, reshaped;
              std::size_t first = 0;
              const Samples videos = samples_of(draft.request());
              for (const std::int64_t frames : videos.lengths) {
                const ImageSize& frame = draft.request().images[first];
                for (const auto side : {frame.height, frame.width}) original.push_back(static_cast<double>(side));
                for (const auto side : {size.height, size.width}) reshaped.push_back(static_cast<double>(side));
                first += static_cast<std::size_t>(frames);
              }
              draft.add_numbers("original_sizes", 2, std::move(original));
              draft.add_numbers("reshaped_input_sizes", 2, std::move(reshaped));
            }};
  };
  return {"original_sizes, reshaped_input_sizes", read};
}

Stage video_tokens_kept() {
  const auto read = [](Keys& keys) -> Operation {
    const std::int64_t merge = keys.required_integer("merge_size", 1, kMaxPatch);
    const std::int64_t patch = keys.required_integer("patch_size", 1, kMaxPatch);
    const std::int64_t slots = keys.required_integer("temporal_patch_size", 1, kMaxPatch);
    if (keys.boolean("use_token_compression")) {
      keys.not_built("use_token_compression", "which tokens are kept follows from the pixels; false keeps all");
    }
    return {.text = "and video_merge_sizes, video_compression_mask", .extend = [=](Draft& draft) {
              const Samples videos = samples_of(draft.request());
              std::int64_t tokens = 0;
              std::size_t first = 0;
              for (const std::int64_t frames : videos.lengths) {
                const Extent size = draft.pictures[first].size;
                tokens += up_to_multiple(frames, slots) / slots * (size.height / patch) * (size.width / patch);
                first += static_cast<std::size_t>(frames);
              }
              const std::int64_t kept = tokens / (merge * merge);
              draft.add_numbers("video_merge_sizes", 1,
                                std::vector<double>(videos.lengths.size(), static_cast<double>(merge)));
              const std::int32_t mask = draft.add_output("video_compression_mask", Type::boolean, {kept});
              fill(output(mask, chw_layout(0, 1, kept)), 1, 0, kept, 1, draft.output_level());
            }};
  };
  return {"video_merge_sizes, video_compression_mask", read};
}

}  // namespace kir
