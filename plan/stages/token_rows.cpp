// A row of tokens an image.
#include <string>
#include <utility>

#include "plan/numerics.hpp"
#include "plan/stages/token_layout.hpp"

namespace kir {

namespace {

/// A part of an output that is one number, from element `base` on.
Fill rectangle(std::int32_t output, std::int64_t base, std::int64_t rows, std::int64_t columns, double value) {
  Fill fill;
  fill.to = {Target::Kind::output, output, chw_layout(base, rows, columns)};
  fill.y1 = static_cast<std::int32_t>(rows);
  fill.x1 = static_cast<std::int32_t>(columns);
  fill.value[0] = value;
  return fill;
}

/// Where tokens are numbered: a value in each, `stride` from that of the next.
struct Numbered {
  std::int32_t output;
  std::int64_t stride;
  double first;
};

/// Writes the number of each token's row at `row`, and of its column at `column`.
void write_numbers(Level& level, const Numbered& where, Extent grid, std::int64_t row, std::int64_t column) {
  Fill numbers = rectangle(where.output, 0, grid.height, grid.width, where.first);
  numbers.to.layout.y.inner = grid.width * where.stride;
  numbers.to.layout.x.inner = where.stride;
  numbers.to.layout.base = row;
  numbers.ramp_y = 1;
  level.fills.push_back(numbers);
  numbers.to.layout.base = column;
  numbers.ramp_y = 0;
  numbers.ramp_x = 1;
  level.fills.push_back(numbers);
}

/// The outputs of rows, and how long a row is.
struct RowOutputs {
  const TokenRows& kind;
  Extent patch;
  std::int64_t length = 0, values = 0;
  std::int32_t pixels = -1, beside = -1;
};

/// What stands around the pixels of a row's tokens: their numbers, the zeros behind them, and what says which are used.
void write_around(const RowOutputs& to, Extent grid, std::int64_t index, Level& level) {
  const std::int64_t used = grid.height * grid.width, rest = to.length - used;
  const std::int64_t base = index * to.length * to.values;
  if (to.kind.header != 0) write_numbers(level, {to.pixels, to.values, 1}, grid, base, base + 1);
  if (rest != 0) level.fills.push_back(rectangle(to.pixels, base + used * to.values, rest, to.values, 0));
  if (to.kind.positions) {
    const std::int64_t first = index * to.length * 2;
    write_numbers(level, {to.beside, 2, 0}, grid, first + 1, first);
    if (rest != 0) level.fills.push_back(rectangle(to.beside, first + used * 2, rest, 2, -1));
    return;
  }
  level.fills.push_back(rectangle(to.beside, index * to.length, 1, used, 1));
  if (rest != 0) level.fills.push_back(rectangle(to.beside, index * to.length + used, 1, rest, 0));
}

/// Refuses uint8 levels where the class unfolds the picture with torch, which has no unfold of them.
void check_unfold(const Draft& draft, const TokenRows& kind) {
  const Request& request = draft.request();
  const bool levels = !draft.is_float(draft.pictures[0]) && row_of(request.options.numerics).canvas == Type::u8;
  if (!kind.unfolds || !levels) return;
  throw Error(ErrorCode::invalid_argument, request.spec.source + ": do_normalize",
              "false: " + request.spec.class_name + " unfolds floats, and refuses uint8 images then; true is allowed");
}

void write_rows(Draft& draft, TokenOrder order, RowOutputs to) {
  const std::vector<Picture>& pictures = draft.pictures;
  const auto count = static_cast<std::int64_t>(pictures.size());
  const Picture& first = pictures[0];
  const std::int32_t channels = to.kind.channels != 0 ? to.kind.channels : first.channels;
  check_unfold(draft, to.kind);
  const auto shape_of = [&](const Picture& picture) {
    return TokenShape{.columns = picture.size.width / to.patch.width,
                      .patch = to.patch,
                      .channels = picture.channels,
                      .header = to.kind.header};
  };
  to.values = shape_of(first).values();
  const Type type = draft.pixel_type(to.kind.header != 0 || draft.is_float(first));
  to.pixels = draft.add_output(to.kind.pixels, type, {count, to.length, to.values});
  std::vector<std::int64_t> beside = {count, to.length};
  if (to.kind.positions) beside.push_back(2);
  to.beside = draft.add_output(to.kind.beside, to.kind.type, std::move(beside));
  draft.check_outputs();

  Level& level = draft.output_level();
  level.fills.reserve(level.fills.size() + 5 * pictures.size());
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const Picture& picture = pictures[i];
    const auto image = static_cast<std::size_t>(picture.image);
    if (picture.channels != channels) {
      refuse_channels(image, picture.channels,
                      " behind the affine; tokens of " + std::to_string(channels) + " share the tensor");
    }
    check_sides(picture, to.patch, to.kind.sides);
    const Extent grid = {picture.size.height / to.patch.height, picture.size.width / to.patch.width};
    if (grid.height * grid.width > to.length) {
      refuse_image(image, "needs " + text_of(grid) + " patches; " + to.kind.most + " is " + std::to_string(to.length));
    }
    const auto index = static_cast<std::int64_t>(i);
    const Layout layout = layout_of_tokens(order, shape_of(picture), index * to.length * to.values);
    draft.write(picture, {Target::Kind::output, to.pixels, layout}, level);
    write_around(to, grid, index, level);
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// The rows that classes have

std::int64_t max_patches(const Keys& keys) {
  return keys.required_integer("max_patches", 1, kMaxPatches);
}

std::int64_t max_num_patches(const Keys& keys) {
  return keys.required_integer("max_num_patches", 1, kMaxPatches);
}

Extent pooled_patch(const Keys& keys) {
  const std::int64_t edge = square_patch(keys).height * pooling_kernel(keys);
  return {edge, edge};
}

}  // namespace

const TokenRows pix2struct_rows = {.pixels = "flattened_patches",
                                   .header = 2,
                                   .patch = patch_of,
                                   .sides = "patch_size",
                                   .length = max_patches,
                                   .most = "max_patches",
                                   .beside = "attention_mask",
                                   .type = Type::f32};
const TokenRows kosmos2_5_rows = [] {
  TokenRows rows = pix2struct_rows;
  rows.unfolds = true;
  return rows;
}();
const TokenRows naflex_rows = {.patch = square_patch,
                               .sides = "patch_size",
                               .length = max_num_patches,
                               .most = "max_num_patches",
                               .beside = "pixel_attention_mask",
                               .type = Type::i32};
const TokenRows gemma4_rows = {.patch = square_patch,
                               .sides = "patch_size",
                               .length = pooled_patches,
                               .most = "max_soft_tokens * pooling_kernel_size * pooling_kernel_size",
                               .beside = "image_position_ids",
                               .type = Type::i64,
                               .positions = true};
const TokenRows gemma4_unified_rows = {.patch = pooled_patch,
                                       .sides = "patch_size * pooling_kernel_size",
                                       .length = soft_tokens,
                                       .most = "max_soft_tokens",
                                       .beside = "image_position_ids",
                                       .type = Type::i64,
                                       .positions = true,
                                       .channels = 3};

Stage token_rows(TokenOrder order, const TokenRows& kind) {
  const auto read = [order, &kind](Keys& keys) -> Operation {
    const RowOutputs to = {.kind = kind, .patch = kind.patch(keys), .length = kind.length(keys)};
    return {.text = "rows of " + std::to_string(to.length) + " tokens",
            .extend = [=](Draft& draft) { write_rows(draft, order, to); }};
  };
  return {"rows(" + std::string(order) + (kind.header != 0 ? ", header)" : ")"), read, true};
}

}  // namespace kir
