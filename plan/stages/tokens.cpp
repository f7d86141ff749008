// Tokens of all images behind each other.
#include <numeric>
#include <string>
#include <utility>

#include "plan/stages/token_layout.hpp"

namespace kir {

namespace {

/// Every image is an item.
Items one_each(std::size_t count) {
  Items items = {std::vector<std::int32_t>(count), std::vector<std::int32_t>(count, 1)};
  std::iota(items.frames.begin(), items.frames.end(), 0);
  return items;
}

/// Every sample is an item.
Items one_a_sample(const Request& request) {
  Items items = one_each(request.images.size());
  const Samples samples = samples_of(request);
  items.lengths.assign(samples.lengths.begin(), samples.lengths.end());
  return items;
}

bool has_axis(TokenOrder order, char axis) {
  return order.find(axis) != TokenOrder::npos;
}

/// The first token of each item, the tokens of all, and what the grid says of them.
struct TokenPlaces {
  std::vector<std::int64_t> first;
  std::int64_t tokens = 0;
  std::vector<double> grid;
};

TokenShape shape_of(const Picture& picture, const TokenSides& sides) {
  return {.columns = picture.size.width / sides.patch,
          .patch = {sides.patch, sides.patch},
          .merge = sides.merge,
          .channels = picture.channels,
          .slots = sides.slots};
}

TokenPlaces place(const Draft& draft, const TokenSides& sides, const Items& items) {
  TokenPlaces places;
  places.first.reserve(items.lengths.size());
  places.grid.reserve(3 * items.lengths.size());
  const std::int64_t factor = sides.patch * sides.merge;
  const std::int32_t channels = draft.pictures[static_cast<std::size_t>(items.frames[0])].channels;
  auto next = items.frames.begin();
  for (const std::int32_t length : items.lengths) {
    const Extent size = draft.pictures[static_cast<std::size_t>(*next)].size;
    const std::int64_t rows = size.height / sides.patch, columns = size.width / sides.patch;
    const std::int64_t groups = up_to_multiple(length, sides.slots) / sides.slots;
    for (std::int32_t k = 0; k < length; ++k, ++next) {
      const auto frame = static_cast<std::size_t>(*next);
      const Picture& picture = draft.pictures[frame];
      check_sides(picture, {factor, factor}, sides.merge == 1 ? "patch_size" : "patch_size * merge_size");
      if (picture.channels != channels) {
        refuse_image(frame, "gives tokens of " + std::to_string(picture.channels) +
                                " channels, the first image another number; they share a tensor");
      }
      if (places.tokens + groups * rows * columns > kMaxElements / shape_of(picture, sides).values()) {
        refuse_image(frame, "makes the output larger than " + std::to_string(kMaxElements) + " elements");
      }
    }
    places.first.push_back(places.tokens);
    places.tokens += groups * rows * columns;
    for (const std::int64_t value : {groups, rows, columns}) places.grid.push_back(static_cast<double>(value));
  }
  return places;
}

}  // namespace

void write_tokens(Draft& draft, TokenOrder order, const TokenSides& sides, const Items& items, TokenGrid grid) {
  TokenPlaces places = place(draft, sides, items);
  const Picture& first = draft.pictures[static_cast<std::size_t>(items.frames[0])];
  const auto count = static_cast<std::int64_t>(items.lengths.size());
  const bool of_videos = grid == TokenGrid::videos;
  const std::int32_t pixels =
      draft.add_output(of_videos ? "pixel_values_videos" : "pixel_values", draft.pixel_type(draft.is_float(first)),
                       shape_of_tokens(order, shape_of(first, sides), places.tokens));
  draft.add_output(of_videos ? "video_grid_thw" : "image_grid_thw", Type::i64, {count, 3}, {}, std::move(places.grid));

  Level& level = draft.output_level();
  auto next = items.frames.begin();
  for (std::size_t item = 0; item < items.lengths.size(); ++item) {
    for (std::int64_t k = 0; k < items.lengths[item]; ++k, ++next) {
      const Picture& picture = draft.pictures[static_cast<std::size_t>(*next)];
      const TokenShape shape = shape_of(picture, sides);
      const std::int64_t tokens = picture.size.height / sides.patch * shape.columns;
      const std::int64_t slot = k % sides.slots;
      const std::int64_t base = (places.first[item] + k / sides.slots * tokens) * shape.values();
      Layout layout = layout_of_tokens(order, shape, base);
      layout.base += slot * layout.copy;
      layout.copies = static_cast<std::int32_t>(k + 1 == items.lengths[item] ? sides.slots - slot : 1);
      draft.write(picture, {Target::Kind::output, pixels, layout}, level);
    }
  }
}

Stage tokens(TokenOrder order, TokenGrid grid) {
  const auto read = [order, grid](Keys& keys) -> Operation {
    TokenSides sides = {.patch = keys.required_integer("patch_size", 1, kMaxPatch)};
    if (has_axis(order, 'y')) sides.merge = keys.required_integer("merge_size", 1, kMaxPatch);
    if (has_axis(order, 't')) sides.slots = keys.required_integer("temporal_patch_size", 1, kMaxPatch);
    return {.text = "tokens of patches " + std::to_string(sides.patch) + " x " + std::to_string(sides.patch),
            .extend = [=](Draft& draft) {
              const Items items =
                  grid == TokenGrid::videos ? one_a_sample(draft.request()) : one_each(draft.pictures.size());
              write_tokens(draft, order, sides, items, grid);
            }};
  };
  return {"tokens(" + std::string(order) + ")", read, true};
}

}  // namespace kir
