// Outputs of tiles: those of an image, or of a sample of images, behind each other.
#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "plan/numerics.hpp"
#include "plan/stages.hpp"

namespace kir {

namespace {

constexpr std::int64_t kMaxTiles = std::int64_t{1} << 30;  // of a batch

/// Groups of images, and where the tiles of each picture stand among those of its group.
struct Rows {
  Samples tiles;                 ///< how many each group has
  std::vector<std::int64_t> at;  ///< each picture's first tile
  std::vector<std::int64_t> of;  ///< each picture's group
};

/// `groups`: how many images each has.
Rows rows_of(const std::vector<Picture>& pictures, std::span<const std::int64_t> groups) {
  Rows rows;
  rows.tiles.lengths.reserve(groups.size());
  rows.at.reserve(pictures.size());
  rows.of.reserve(pictures.size());
  std::int64_t last_image = 0;
  auto picture = pictures.begin();
  for (const std::int64_t images : groups) {
    std::int64_t count = 0;
    for (last_image += images; picture != pictures.end() && picture->image < last_image; ++picture) {
      rows.at.push_back(count);
      rows.of.push_back(rows.tiles.count());
      count += picture->tiles();
    }
    rows.tiles.lengths.push_back(count);
    rows.tiles.longest = std::max(rows.tiles.longest, count);
  }
  if (rows.tiles.longest > kMaxTiles / rows.tiles.count()) {
    throw Error(ErrorCode::invalid_argument, "images",
                std::to_string(rows.tiles.count()) + " samples of " + std::to_string(rows.tiles.longest) +
                    " frames are more than " + std::to_string(kMaxTiles) + " frames");
  }
  return rows;
}

void check_channels(const std::vector<Picture>& pictures) {
  for (const Picture& picture : pictures) {
    if (picture.channels == pictures[0].channels) continue;
    refuse_image(static_cast<std::size_t>(picture.image),
                 "gives frames of another number of channels than images[0]; they share a tensor");
  }
}

/// Tiles of all groups behind each other: fills [begin, end) of them, `elements` each.
void fill_tiles(std::int32_t output, std::int64_t begin, std::int64_t end, std::int64_t elements, double value,
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

/// Zeros behind the tiles of a sample, and the mask of its tiles.
void write_padding(const Rows& rows, std::int64_t tile, std::int64_t area, std::int32_t pixels, std::int32_t mask,
                   Level& level) {
  std::int64_t begin = 0;
  for (const std::int64_t tiles : rows.tiles.lengths) {
    const std::int64_t end = begin + rows.tiles.longest;
    fill_tiles(pixels, begin + tiles, end, tile, 0, level);
    fill_tiles(mask, begin, begin + tiles, area, 1, level);
    fill_tiles(mask, begin + tiles, end, area, 0, level);
    begin = end;
  }
}

void write_samples(Draft& draft, bool pads) {
  const std::vector<Picture>& pictures = draft.pictures;
  check_channels(pictures);
  const Rows rows = rows_of(pictures, samples_of(draft.request()).lengths);
  if (!pads && !rows.tiles.are_alike()) {
    throw Error(ErrorCode::invalid_argument, "groups",
                "the samples have different numbers of frames; without do_pad they must have one");
  }

  // do_pad copies the tiles into float32 zeros, levels too.
  const auto [height, width] = pictures[0].size;
  const std::int64_t channels = pictures[0].channels, area = height * width, tile = channels * area;
  const Type type = draft.pixel_type(pads || draft.is_float(pictures[0]));
  const std::int32_t pixels =
      draft.add_output(draft.pixel_key, type, {rows.tiles.count(), rows.tiles.longest, channels, height, width});
  const bool by_pillow = row_of(draft.request().options.numerics).toolkit == Toolkit::pillow;
  const Type mask_type = by_pillow ? Type::i64 : Type::f32;  // numpy's masks are int64 (image_processing_pil_idefics3)
  const std::int32_t mask = pads ? draft.add_output("pixel_attention_mask", mask_type,
                                                    {rows.tiles.count(), rows.tiles.longest, height, width})
                                 : -1;
  draft.check_outputs();

  Level& level = draft.output_level();
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const std::int64_t at = rows.of[i] * rows.tiles.longest + rows.at[i];
    const Layout layout = Draft::layout_of(pictures[i], ChannelOrder::nchw, at * tile);
    draft.write(pictures[i], {Target::Kind::output, pixels, layout}, level);
  }
  if (pads) write_padding(rows, tile, area, pixels, mask, level);
}

/// (stacked..., C, h, w)
std::vector<std::int64_t> shape_of(const Picture& picture, std::initializer_list<std::int64_t> stacked) {
  std::vector<std::int64_t> shape = stacked;
  shape.insert(shape.end(), {picture.channels, picture.size.height, picture.size.width});
  return shape;
}

void write_views(Draft& draft) {
  const std::vector<Picture>& pictures = draft.pictures;
  const std::size_t images = draft.request().images.size();
  const Rows rows = rows_of(pictures, std::vector<std::int64_t>(images, 1));
  const auto is_float = [&](const Picture& picture) { return draft.is_float(picture); };
  const Type type = draft.pixel_type(std::any_of(pictures.begin(), pictures.end(), is_float));
  const bool one = rows.tiles.are_alike() && are_alike(pictures);
  std::vector<std::int32_t> outputs(pictures.size());
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const std::int64_t tiles = rows.tiles.lengths[static_cast<std::size_t>(rows.of[i])];
    if (i != 0 && (one || rows.at[i] != 0)) {
      outputs[i] = outputs[i - 1];
    } else if (one) {
      outputs[i] = draft.add_output(draft.pixel_key, type, shape_of(pictures[i], {rows.tiles.count(), tiles}));
    } else {
      const Share of = {Share::Kind::image, pictures[i].image};
      outputs[i] = draft.add_output(draft.pixel_key, type, shape_of(pictures[i], {tiles}), of);
    }
  }
  draft.check_outputs();

  Level& level = draft.output_level();
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const Picture& picture = pictures[i];
    const std::int64_t at = rows.at[i] + (one ? rows.of[i] * rows.tiles.longest : 0);
    const std::int64_t tile = picture.channels * picture.size.height * picture.size.width;
    const Layout layout = Draft::layout_of(picture, ChannelOrder::nchw, at * tile);
    draft.write(picture, {Target::Kind::output, outputs[i], layout}, level);
  }
}

void write_views_of_samples(Draft& draft, std::int64_t most) {
  const std::vector<Picture>& pictures = draft.pictures;
  check_channels(pictures);
  const Samples samples = samples_of(draft.request());
  const std::int64_t count = samples.count(), longest = samples.longest;
  if (longest * most > kMaxTiles / count) {
    throw Error(ErrorCode::invalid_argument, "images",
                "more than " + std::to_string(kMaxTiles) + " tiles in " + std::to_string(count) + " samples");
  }
  const Type type = draft.pixel_type(true);
  const std::int32_t pixels = draft.add_output(draft.pixel_key, type, shape_of(pictures[0], {count, longest, most}));
  draft.check_outputs();

  Level& level = draft.output_level();
  const Extent size = pictures[0].size;
  const std::int64_t tile = pictures[0].channels * size.height * size.width;
  auto picture = pictures.begin();
  for (std::int64_t sample = 0; sample < count; ++sample) {
    std::int64_t at = sample * longest * most;
    for (std::int64_t i = 0; i < samples.lengths[static_cast<std::size_t>(sample)]; ++i, ++picture, at += most) {
      const Layout layout = Draft::layout_of(*picture, ChannelOrder::nchw, at * tile);
      draft.write(*picture, {Target::Kind::output, pixels, layout}, level);
      fill_tiles(pixels, at + picture->tiles(), at + most, tile, 0, level);
    }
    fill_tiles(pixels, at, (sample + 1) * longest * most, tile, 0, level);
  }
}

}  // namespace

Stage views() {
  return {"views", [](Keys&) { return Operation{.text = "views", .extend = write_views, .keeps_tiles = true}; }, true};
}

Stage views_of_samples() {
  const auto read = [](Keys& keys) -> Operation {
    const std::int64_t most = max_image_tiles(keys);
    return {.text = "samples of views, zeros behind",
            .extend = [most](Draft& draft) { write_views_of_samples(draft, most); },
            .keeps_tiles = true};
  };
  return {"views(max_image_tiles)", read, true};
}

Stage samples() {
  const auto read = [](Keys& keys) -> Operation {
    const bool pads = keys.boolean("do_pad");
    return {.text = pads ? "samples, zeros behind the shorter" : "samples",
            .extend = [pads](Draft& draft) { write_samples(draft, pads); },
            .keeps_tiles = true};
  };
  return {"samples", read, true};
}

}  // namespace kir
