#include "plan/stages.hpp"

#include <array>
#include <numeric>
#include <string>
#include <utility>

namespace kir {

namespace {

/// The lengths of the axes of a picture's tokens.
struct TokenShape {
  std::int64_t columns = 1;  ///< of tokens
  Extent patch;
  std::int64_t merge = 1, channels = 1, slots = 1;
  std::int64_t header = 0;  ///< values ahead of the pixels of a token

  std::int64_t area() const { return patch.height * patch.width; }
  std::int64_t values() const { return header + channels * slots * area(); }
};

/// Where a picture's elements go, from element `base` on: the Strides of a layout carry every order.
Layout layout_of_tokens(TokenOrder order, const TokenShape& shape, std::int64_t base) {
  Layout layout;
  layout.base = base + shape.header;
  layout.y.unit = static_cast<std::int32_t>(shape.patch.height);
  layout.x.unit = static_cast<std::int32_t>(shape.patch.width);
  layout.y.group = layout.x.group = static_cast<std::int32_t>(shape.merge);
  struct Axis {
    char name;
    std::int64_t& stride;
    std::int64_t length;
  };
  // The first four count tokens. Nothing stands outside of the rows of blocks: their number does not matter.
  const Axis axes[] = {{'Y', layout.y.outer, 1},
                       {'X', layout.x.outer, shape.columns / shape.merge},
                       {'y', layout.y.middle, shape.merge},
                       {'x', layout.x.middle, shape.merge},
                       {'i', layout.y.inner, shape.patch.height},
                       {'j', layout.x.inner, shape.patch.width},
                       {'c', layout.channel, shape.channels},
                       {'t', layout.copy, shape.slots}};
  // The stride of an axis is the product of the lengths of those behind it; a token begins with its header.
  std::int64_t stride = 1;
  bool in_token = true;
  for (std::size_t i = order.size(); i-- > 0;) {
    const Axis* axis = axes;
    while (axis->name != order[i]) ++axis;
    if (in_token && axis < axes + 4) stride += shape.header;
    in_token = axis >= axes + 4;
    axis->stride = stride;
    stride *= axis->length;
  }
  return layout;
}

// ---------------------------------------------------------------------------------------------------------------------
// Tokens of all images behind each other

/// Every image is an item.
Items one_each(std::size_t count) {
  Items items = {std::vector<std::int32_t>(count), std::vector<std::int32_t>(count, 1)};
  std::iota(items.frames.begin(), items.frames.end(), 0);
  return items;
}

/// The first token of each item, the tokens of a frame, and what the grid says of it.
struct TokenPlaces {
  std::vector<std::int64_t> first;
  std::int64_t tokens = 0, values = 0;
  std::vector<double> grid;
};

TokenPlaces place(const Draft& draft, const TokenSides& sides, const Items& items) {
  TokenPlaces places;
  places.first.reserve(items.lengths.size());
  places.grid.reserve(3 * items.lengths.size());
  const std::int64_t factor = sides.patch * sides.merge;
  auto next = items.frames.begin();
  for (const std::int32_t length : items.lengths) {
    const Extent size = draft.pictures[static_cast<std::size_t>(*next)].size;
    const std::int64_t rows = size.height / sides.patch, columns = size.width / sides.patch;
    const std::int64_t groups = up_to_multiple(length, sides.slots) / sides.slots;
    for (std::int32_t k = 0; k < length; ++k, ++next) {
      const auto frame = static_cast<std::size_t>(*next);
      const Picture& picture = draft.pictures[frame];
      if (!picture.resampled && (picture.size.height % factor != 0 || picture.size.width % factor != 0)) {
        refuse_image(frame, text_of(picture.size) +
                                "; without do_resize both sides must be multiples of patch_size * merge_size = " +
                                std::to_string(factor));
      }
      const std::int64_t values = picture.channels * sides.slots * sides.patch * sides.patch;
      if (places.values != 0 && values != places.values) {
        refuse_image(frame, "gives tokens of " + std::to_string(picture.channels) +
                                " channels, the first image another number; they share a tensor");
      }
      places.values = values;
      if (places.tokens + groups * rows * columns > kMaxElements / values) {
        refuse_image(frame, "makes the output larger than " + std::to_string(kMaxElements) + " elements");
      }
    }
    places.first.push_back(places.tokens);
    places.tokens += groups * rows * columns;
    for (const std::int64_t value : {groups, rows, columns}) places.grid.push_back(static_cast<double>(value));
  }
  return places;
}

// ---------------------------------------------------------------------------------------------------------------------
// A row of tokens an image

Fill rectangle(Target to, std::int64_t rows, std::int64_t columns, double value) {
  Fill fill;
  fill.to = to;
  fill.y1 = static_cast<std::int32_t>(rows);
  fill.x1 = static_cast<std::int32_t>(columns);
  fill.value[0] = value;
  return fill;
}

/// The header numbers of the used tokens, the zeros behind them, and the mask.
void write_around(Extent grid, std::int64_t max_patches, std::int64_t values, std::int64_t index, std::int32_t patches,
                  std::int32_t masks, Level& level) {
  const std::int64_t base = index * max_patches * values, used = grid.height * grid.width;
  Target header = {Target::Kind::output, patches, {}};
  header.layout.base = base;
  header.layout.y.inner = grid.width * values;
  header.layout.x.inner = values;
  Fill rows = rectangle(header, grid.height, grid.width, 1);
  rows.ramp_y = 1;
  header.layout.base = base + 1;
  Fill columns = rectangle(header, grid.height, grid.width, 1);
  columns.ramp_x = 1;
  level.fills.push_back(rows);
  level.fills.push_back(columns);

  if (used < max_patches) {
    const Target rest = {Target::Kind::output, patches, chw_layout(base + used * values, max_patches - used, values)};
    level.fills.push_back(rectangle(rest, max_patches - used, values, 0));
  }
  const Target mask = {Target::Kind::output, masks, chw_layout(index * max_patches, 1, max_patches)};
  level.fills.push_back(rectangle(mask, 1, used, 1));
  if (used < max_patches) {
    Fill zeros = rectangle(mask, 1, max_patches, 0);
    zeros.x0 = static_cast<std::int32_t>(used);
    level.fills.push_back(zeros);
  }
}

void write_rows(Draft& draft, TokenOrder order, Extent patch, std::int64_t max_patches) {
  constexpr std::int64_t kHeader = 2;  // row and column, counted from 1
  const std::vector<Picture>& pictures = draft.pictures;
  const auto count = static_cast<std::int64_t>(pictures.size());
  const std::int32_t channels = pictures[0].channels;
  const auto shape_of = [&](const Picture& picture) {
    return TokenShape{
        .columns = picture.size.width / patch.width, .patch = patch, .channels = channels, .header = kHeader};
  };
  const std::int64_t values = shape_of(pictures[0]).values();
  const std::int32_t patches =
      draft.add_output("flattened_patches", draft.pixel_type(true), {count, max_patches, values});
  const std::int32_t masks = draft.add_output("attention_mask", Type::f32, {count, max_patches});
  draft.check_outputs();

  Level& level = draft.output_level();
  level.fills.reserve(5 * pictures.size());
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const Picture& picture = pictures[i];
    if (picture.channels != channels) {
      refuse_image(i, std::to_string(picture.channels) + " channels, images[0] has " + std::to_string(channels) +
                          "; their patches share a tensor");
    }
    const Extent grid = {picture.size.height / patch.height, picture.size.width / patch.width};
    if (grid.height * grid.width > max_patches) {
      refuse_image(i, "needs " + text_of(grid) + " patches; max_patches is " + std::to_string(max_patches));
    }
    const auto index = static_cast<std::int64_t>(i);
    const Layout layout = layout_of_tokens(order, shape_of(picture), index * max_patches * values);
    draft.write(picture, {Target::Kind::output, patches, layout}, level);
    write_around(grid, max_patches, values, index, patches, masks, level);
  }
}

}  // namespace

void write_tokens(Draft& draft, TokenOrder order, const TokenSides& sides, const Items& items) {
  TokenPlaces places = place(draft, sides, items);
  const bool is_float = draft.is_float(draft.pictures[static_cast<std::size_t>(items.frames[0])]);
  const auto count = static_cast<std::int64_t>(items.lengths.size());
  const std::int32_t pixels =
      draft.add_output("pixel_values", draft.pixel_type(is_float), {places.tokens, places.values});
  draft.add_output("image_grid_thw", Type::i64, {count, 3}, {}, std::move(places.grid));

  Level& level = draft.output_level();
  auto next = items.frames.begin();
  for (std::size_t item = 0; item < items.lengths.size(); ++item) {
    for (std::int64_t k = 0; k < items.lengths[item]; ++k, ++next) {
      const Picture& picture = draft.pictures[static_cast<std::size_t>(*next)];
      const std::int64_t rows = picture.size.height / sides.patch, columns = picture.size.width / sides.patch;
      const std::int64_t slot = k % sides.slots;
      const std::int64_t base = (places.first[item] + k / sides.slots * rows * columns) * places.values;
      const TokenShape shape = {
          .columns = columns,
          .patch = {sides.patch, sides.patch},
          .merge = sides.merge,
          .channels = picture.channels,
          .slots = sides.slots,
      };
      Layout layout = layout_of_tokens(order, shape, base);
      layout.base += slot * layout.copy;
      layout.copies = static_cast<std::int32_t>(k + 1 == items.lengths[item] ? sides.slots - slot : 1);
      draft.write(picture, {Target::Kind::output, pixels, layout}, level);
    }
  }
}

Stage tokens(TokenOrder order) {
  const auto read = [order](Keys& keys) -> Operation {
    const TokenSides sides = {keys.required_integer("patch_size", 1, kMaxPatch),
                              keys.required_integer("merge_size", 1, kMaxPatch),
                              keys.required_integer("temporal_patch_size", 1, kMaxPatch)};
    return {.text = "tokens of patches " + std::to_string(sides.patch) + " x " + std::to_string(sides.patch),
            .extend = [=](Draft& draft) { write_tokens(draft, order, sides, one_each(draft.pictures.size())); }};
  };
  return {"tokens(" + std::string(order) + ")", read, true};
}

Stage token_rows(TokenOrder order) {
  const auto read = [order](Keys& keys) -> Operation {
    const Extent patch = patch_of(keys);
    const std::int64_t max_patches = keys.required_integer("max_patches", 1, kMaxPatches);
    return {.text = "rows of " + std::to_string(max_patches) + " tokens",
            .extend = [=](Draft& draft) { write_rows(draft, order, patch, max_patches); }};
  };
  return {"rows(" + std::string(order) + ", header)", read, true};
}

}  // namespace kir
