#include "plan/stages.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace kir {

namespace {

constexpr std::int64_t kMaxTiles = std::int64_t{1} << 30;  // of a batch

void cut(Draft& draft, std::int64_t edge) {
  std::vector<Picture> made;
  made.reserve(2 * draft.pictures.size());
  std::int64_t count = 0;
  for (Picture& picture : draft.pictures) {
    const Interpolation how = picture.how;
    draft.close(picture);
    Picture all = picture;
    all.rows = picture.size.height / edge;
    all.columns = picture.size.width / edge;
    count += all.tiles() + 1;
    if (count > kMaxTiles) {
      refuse_image(static_cast<std::size_t>(picture.image),
                   "brings the batch to more than " + std::to_string(kMaxTiles) + " frames");
    }
    made.push_back(all);
    if (all.tiles() == 1) continue;
    draft.resize(picture, {edge, edge}, how);
    made.push_back(picture);
  }
  draft.pictures = std::move(made);
}

// ---------------------------------------------------------------------------------------------------------------------
// Samples

/// The samples, and where the tiles of each picture stand among those of all.
struct Samples {
  std::vector<std::int64_t> tiles;  ///< how many each sample has
  std::vector<std::int64_t> at;     ///< each picture's first tile, among those of its sample
  std::vector<std::int64_t> of;     ///< each picture's sample
  std::int64_t longest = 0;

  std::int64_t count() const { return static_cast<std::int64_t>(tiles.size()); }
};

Samples samples_of_tiles(const Draft& draft, bool pads) {
  Samples samples;
  std::int64_t last_image = 0;
  auto picture = draft.pictures.begin();
  for (const std::int64_t images : samples_of(draft.request())) {
    std::int64_t count = 0;
    for (last_image += images; picture != draft.pictures.end() && picture->image < last_image; ++picture) {
      samples.at.push_back(count);
      samples.of.push_back(samples.count());
      count += picture->tiles();
    }
    samples.tiles.push_back(count);
    samples.longest = std::max(samples.longest, count);
  }
  if (samples.longest > kMaxTiles / samples.count()) {
    throw Error(ErrorCode::invalid_argument, "images",
                std::to_string(samples.count()) + " samples of " + std::to_string(samples.longest) +
                    " frames are more than " + std::to_string(kMaxTiles) + " frames");
  }
  if (!pads && *std::min_element(samples.tiles.begin(), samples.tiles.end()) != samples.longest) {
    throw Error(ErrorCode::invalid_argument, "groups",
                "the samples have different numbers of frames; without do_pad they must have one");
  }
  return samples;
}

/// Tiles of all samples behind each other: fills [begin, end) of them, `elements` each.
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
void write_padding(const Samples& samples, std::int64_t tile, std::int64_t area, std::int32_t pixels, std::int32_t mask,
                   Level& level) {
  std::int64_t begin = 0;
  for (const std::int64_t tiles : samples.tiles) {
    const std::int64_t end = begin + samples.longest;
    fill_tiles(pixels, begin + tiles, end, tile, 0, level);
    fill_tiles(mask, begin, begin + tiles, area, 1, level);
    fill_tiles(mask, begin + tiles, end, area, 0, level);
    begin = end;
  }
}

/// All tiles of a picture are one copy: row y goes to tile y / edge, row y % edge.
Layout layout_of_tiles(const Picture& picture, std::int64_t edge, std::int64_t base) {
  const std::int64_t tile = picture.channels * edge * edge;
  Layout layout = chw_layout(base, edge, edge);
  if (picture.resampled) return layout;  // the thumbnail
  const auto unit = static_cast<std::int32_t>(edge);
  layout.y = {picture.columns * tile, 0, edge, unit, 1};
  layout.x = {tile, 0, 1, unit, 1};
  return layout;
}

void write_samples(Draft& draft, std::int64_t edge, bool pads) {
  const std::vector<Picture>& pictures = draft.pictures;
  const std::int32_t channels = pictures[0].channels;
  for (const Picture& picture : pictures) {
    if (picture.channels == channels) continue;
    refuse_image(static_cast<std::size_t>(picture.image),
                 "gives frames of another number of channels than images[0]; they share a tensor");
  }
  const Samples samples = samples_of_tiles(draft, pads);

  // do_pad copies the tiles into float32 zeros, levels too.
  const std::int64_t area = edge * edge, tile = channels * area;
  const Type type = draft.pixel_type(pads || draft.is_float(pictures[0]));
  const std::int32_t pixels =
      draft.add_output("pixel_values", type, {samples.count(), samples.longest, channels, edge, edge});
  const std::int32_t mask =
      pads ? draft.add_output("pixel_attention_mask", Type::f32, {samples.count(), samples.longest, edge, edge}) : -1;
  draft.check_outputs();

  Level& level = draft.output_level();
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const std::int64_t at = samples.of[i] * samples.longest + samples.at[i];
    const Layout layout = layout_of_tiles(pictures[i], edge, at * tile);
    draft.write(pictures[i], {Target::Kind::output, pixels, layout}, level);
  }
  if (pads) write_padding(samples, tile, area, pixels, mask, level);
}

/// A small output of one number an image.
void add_counts(Draft& draft, const char* key, std::int64_t Picture::*member) {
  const auto images = static_cast<std::int64_t>(draft.request().images.size());
  std::vector<double> values;
  for (const Picture& picture : draft.pictures) {
    if (picture.resampled) continue;  // the thumbnail
    values.push_back(static_cast<double>(picture.tiles() == 1 ? 0 : picture.*member));
  }
  draft.add_output(key, Type::i64, {images}, {}, std::move(values));
}

}  // namespace

Stage tiles() {
  const auto read = [](Keys& keys) -> Operation {
    const std::int64_t edge = tile_edge(keys);
    return {.text = "tiles of " + std::to_string(edge) + " x " + std::to_string(edge) + ", the whole behind them",
            .extend = [edge](Draft& draft) { cut(draft, edge); }};
  };
  return {"tiles(thumbnail last)", read};
}

Stage samples() {
  const auto read = [](Keys& keys) -> Operation {
    const std::int64_t edge = tile_edge(keys);
    const bool pads = keys.boolean("do_pad");
    return {.text = pads ? "samples, zeros behind the shorter" : "samples",
            .extend = [=](Draft& draft) { write_samples(draft, edge, pads); }};
  };
  return {"samples", read, true};
}

Stage tile_counts() {
  const auto read = [](Keys& keys) -> Operation {
    if (!keys.boolean("return_row_col_info")) return {};
    return {.text = "and rows, cols", .extend = [](Draft& draft) {
              add_counts(draft, "rows", &Picture::rows);
              add_counts(draft, "cols", &Picture::columns);
            }};
  };
  return {"rows, cols", read};
}

}  // namespace kir
