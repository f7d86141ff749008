// A row of tokens an image.
#include <string>
#include <utility>

#include "plan/stages/token_layout.hpp"

namespace kir {

namespace {

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
