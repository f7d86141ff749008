#include "plan/draft.hpp"

#include <algorithm>
#include <utility>

#include "plan/epilogue.hpp"
#include "plan/numerics.hpp"

namespace kir {

namespace {

std::int32_t narrow(std::int64_t value) {
  return static_cast<std::int32_t>(value);
}

Rectangle whole(Extent size) {
  return {0, 0, narrow(size.height), narrow(size.width)};
}

bool is_empty(const Rectangle& rectangle) {
  return rectangle.y0 >= rectangle.y1 || rectangle.x0 >= rectangle.x1;
}

/// What of `rectangle` is in the window that begins at (y, x), counted from there.
Rectangle clipped(const Rectangle& rectangle, std::int64_t y, std::int64_t x, Extent window) {
  const auto clip = [](std::int64_t at, std::int64_t from, std::int64_t size) {
    return narrow(std::clamp<std::int64_t>(at - from, 0, size));
  };
  return {clip(rectangle.y0, y, window.height), clip(rectangle.x0, x, window.width),
          clip(rectangle.y1, y, window.height), clip(rectangle.x1, x, window.width)};
}

Rectangle shifted(const Rectangle& rectangle, std::int64_t y, std::int64_t x) {
  return {narrow(rectangle.y0 + y), narrow(rectangle.x0 + x), narrow(rectangle.y1 + y), narrow(rectangle.x1 + x)};
}

Extent size_of(const Rectangle& rectangle) {
  return {rectangle.y1 - rectangle.y0, rectangle.x1 - rectangle.x0};
}

/// Of the pixels [begin, end) of `in`.
Axis identity_axis(std::int64_t in, std::int32_t begin, std::int32_t end) {
  Axis axis;
  axis.in = narrow(in);
  axis.out = axis.count = end - begin;
  axis.box_begin = begin;
  axis.box_end = end;
  return axis;
}

Axis resampled_axis(Axis axis, std::int64_t out, Interpolation how) {
  axis.out = narrow(out);
  axis.filter = how.filter;
  // torchvision antialiases no nearest (v2/functional/_geometry.py: resize_image).
  axis.antialias = how.antialias && how.filter != Filter::nearest && how.filter != Filter::nearest_exact;
  axis.border = axis.antialias ? Border::renormalize : Border::clamp;
  return axis;
}

/// Pillow takes the last of 2 or 4 channels for alpha, and resizes the others multiplied by it (Image.resize).
void check_pillow_mode(const Picture& picture) {
  if (picture.channels == 1 || picture.channels == 3) return;
  refuse_channels(static_cast<std::size_t>(picture.image), picture.channels,
                  ": Pillow resizes the last of them as alpha; 1 and 3 are allowed");
}

}  // namespace

Samples samples_of(const Request& request) {
  Samples samples = {request.options.groups};
  if (samples.lengths.empty()) samples.lengths = {static_cast<std::int64_t>(request.images.size())};
  samples.longest = *std::max_element(samples.lengths.begin(), samples.lengths.end());
  return samples;
}

void check_resized(std::int32_t index, Extent size) {
  for (const std::int64_t side : {size.height, size.width}) {
    if (side < 1 || side > kMaxEdge) {
      refuse_image(static_cast<std::size_t>(index), "would be resized to " + text_of(size) + "; a side may have 1.." +
                                                        std::to_string(kMaxEdge) + " pixels");
    }
  }
}

Draft::Draft(const Request& request) : request_(request), lists_(1), epilogues_(1, -1) {
  pictures.resize(request.images.size());
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const ImageSize& image = request.images[i];
    Picture& picture = pictures[i];
    picture.image = static_cast<std::int32_t>(i);
    picture.from = {Source::Kind::image, picture.image};
    picture.source = picture.resized = picture.size = picture.unpadded = {image.height, image.width};
    picture.content = picture.box = whole(picture.size);
    picture.channels = image.channels;
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// What stages do to a picture

void Draft::resize(Picture& picture, Extent size, Interpolation how) {
  check_resized(picture.image, size);
  share(picture);
  picture.resampled = true;
  picture.how = how;
  picture.resized = picture.size = picture.unpadded = size;
  picture.content = whole(size);
}

void Draft::window(Picture& picture, Extent size) {
  // A larger window is padded first: half of the difference on the near side, which torchvision rounds down and numpy
  // up (image_transforms: center_crop).
  const std::int64_t up = row_of(request_.options.numerics).toolkit == Toolkit::pillow ? 1 : 0;
  const auto offset = [up](std::int64_t before, std::int64_t window) {
    return window > before ? (window - before + up) / 2 : -center_offset(before, window);
  };
  place(picture, size, offset(picture.size.height, size.height), offset(picture.size.width, size.width));
}

void Draft::place(Picture& picture, Extent size, std::int64_t y, std::int64_t x) {
  const Extent before = picture.size;
  const Extent padded = {std::max(before.height, size.height), std::max(before.width, size.width)};
  if (!(padded == before)) pad(picture, padded, std::max<std::int64_t>(y, 0), std::max<std::int64_t>(x, 0));
  const std::int64_t from_y = std::max<std::int64_t>(-y, 0), from_x = std::max<std::int64_t>(-x, 0);
  picture.first_y += narrow(std::max<std::int64_t>(from_y - picture.content.y0, 0));
  picture.first_x += narrow(std::max<std::int64_t>(from_x - picture.content.x0, 0));
  picture.content = clipped(picture.content, from_y, from_x, size);
  for (std::size_t i = 0; i < picture.margin_count; ++i) {
    picture.margins[i].edge = clipped(picture.margins[i].edge, from_y, from_x, size);
  }
  picture.size = picture.unpadded = size;
}

void Draft::turn(Picture& picture) {
  share(picture);
  const Rectangle box = picture.box;
  const std::int32_t height = narrow(picture.source.height);
  picture.from.turn = (picture.from.turn + 1) % 4;
  picture.source = {picture.source.width, picture.source.height};
  picture.box = {box.x0, height - box.y1, box.x1, height - box.y0};
  picture.resized = picture.size = picture.unpadded = size_of(picture.box);
  picture.content = whole(picture.size);
}

void Draft::pad(Picture& picture, Extent size, std::int64_t y, std::int64_t x, std::array<float, 4> value) {
  if (size == picture.size) return;
  // A margin of the same value, with the same steps ahead, grows. Behind the last one that fits a canvas begins.
  const auto steps = static_cast<std::int32_t>(steps_of(picture).size());
  const auto grows = [&] {
    const Margin& last = picture.margins[picture.margin_count - 1];
    return last.value == value && last.steps == steps;
  };
  const bool new_margin = picture.margin_count == 0 || !grows();
  if (new_margin && picture.margin_count == picture.margins.size()) close(picture);

  picture.content = shifted(picture.content, y, x);
  for (std::size_t i = 0; i < picture.margin_count; ++i) {
    picture.margins[i].edge = shifted(picture.margins[i].edge, y, x);
  }
  picture.size = size;
  if (new_margin) {
    picture.margins[picture.margin_count++] = {whole(size), value, static_cast<std::int32_t>(steps_of(picture).size())};
  } else {
    picture.margins[picture.margin_count - 1].edge = whole(size);
  }
}

void Draft::append(std::span<Picture> some, std::span<const Step> steps) {
  std::int32_t from = -1, to = -1;  // of the picture before, mostly that of the next
  for (Picture& picture : some) {
    if (picture.reversed) {
      std::vector<Step> backwards(steps.begin(), steps.end());
      for (Step& step : backwards) {
        if (step.op != Step::Op::scale) std::reverse(step.c, step.c + picture.channels);
      }
      picture.steps = list_of(steps_of(picture), backwards);
      continue;
    }
    if (picture.steps != from) {
      from = picture.steps;
      to = list_of(steps_of(picture), steps);
    }
    picture.steps = to;
  }
}

void Draft::cut(Picture& picture, Extent tile) {
  picture.rows = picture.size.height / tile.height;
  picture.columns = picture.size.width / tile.width;
  picture.size = picture.unpadded = tile;
}

void Draft::separate(const std::function<bool(const Picture&)>& cut) {
  if (std::none_of(pictures.begin(), pictures.end(), cut)) return;
  std::vector<Picture> made;
  made.reserve(pictures.size());
  for (Picture& picture : pictures) {
    if (!cut(picture)) {
      made.push_back(picture);
      continue;
    }
    share(picture);
    Picture tile = picture;
    tile.rows = tile.columns = 0;
    tile.resized = tile.unpadded = tile.size;
    tile.content = whole(tile.size);
    const std::int32_t height = narrow(tile.size.height), width = narrow(tile.size.width);
    for (std::int32_t row = 0; row < picture.rows; ++row) {
      for (std::int32_t column = 0; column < picture.columns; ++column) {
        const std::int32_t y = picture.box.y0 + row * height, x = picture.box.x0 + column * width;
        tile.box = {y, x, y + height, x + width};
        made.push_back(tile);
      }
    }
  }
  pictures = std::move(made);
}

void Draft::share(Picture& picture) {
  const bool untouched = !picture.resampled && picture.steps == 0 && picture.margin_count == 0 &&
                         picture.content == whole(size_of(picture.box));
  if (!untouched) close(picture);
}

void Draft::close(Picture& picture) {
  const bool floats = is_float(picture);
  const Type levels = picture.resampled ? row_of(request_.options.numerics).canvas : Type::u8;
  const Extent size = picture.whole();
  const auto canvas = static_cast<std::int32_t>(plan_.canvases.size());
  if (canvas == 0) plan_.canvases.reserve(pictures.size());
  plan_.canvases.push_back({floats ? Type::f32 : levels, picture.channels, narrow(size.height), narrow(size.width)});
  write(picture, {Target::Kind::canvas, canvas, chw_layout(0, size.height, size.width)}, level(picture.level));

  Picture next;
  next.image = picture.image;
  next.from = {Source::Kind::canvas, canvas};
  next.level = picture.level + 1;
  next.source = next.resized = size;
  next.content = next.box = whole(size);
  next.size = picture.size;
  next.rows = picture.rows;
  next.columns = picture.columns;
  next.unpadded = picture.unpadded;
  next.frames = picture.frames;
  next.channels = picture.channels;
  next.rounds = !floats;
  next.reversed = picture.reversed;
  picture = next;
}

std::span<const Step> Draft::steps_of(const Picture& picture) const {
  return lists_[static_cast<std::size_t>(picture.steps)];
}

bool Draft::is_float(const Picture& picture) const {
  return !picture.rounds || picture.steps != 0;
}

std::int32_t Draft::list_of(std::span<const Step> head, std::span<const Step> tail) {
  const std::size_t length = head.size() + tail.size();
  // From the last: pictures of a batch mostly have the same list.
  for (std::size_t i = lists_.size(); i-- > 0;) {
    const std::span<const Step> list = lists_[i];
    if (list.size() == length && same_steps(list.first(head.size()), head) &&
        same_steps(list.subspan(head.size()), tail)) {
      return static_cast<std::int32_t>(i);
    }
  }
  std::vector<Step> list(head.begin(), head.end());
  list.insert(list.end(), tail.begin(), tail.end());
  lists_.push_back(std::move(list));
  epilogues_.push_back(-1);
  return static_cast<std::int32_t>(lists_.size()) - 1;
}

// ---------------------------------------------------------------------------------------------------------------------
// From pictures to jobs and fills

Type Draft::pixel_type(bool float_valued) const {
  if (request_.options.output_type) return *request_.options.output_type;
  if (!float_valued) return row_of(request_.options.numerics).canvas;
  return pictures[0].steps == 0 ? Type::f32 : steps_of(pictures[0]).back().rounded_to;
}

std::int32_t Draft::add_output(std::string key, Type type, std::vector<std::int64_t> shape, Share of,
                               std::vector<double> values) {
  plan_.outputs.push_back({std::move(key), type, std::move(shape), of, std::move(values)});
  return static_cast<std::int32_t>(plan_.outputs.size()) - 1;
}

void Draft::add_numbers(std::string key, std::int64_t columns, std::vector<double> values) {
  std::vector<std::int64_t> shape = {static_cast<std::int64_t>(values.size()) / columns};
  if (columns > 1) shape.push_back(columns);
  add_output(std::move(key), Type::i64, std::move(shape), {}, std::move(values));
}

void Draft::check_outputs() const {
  for (const Output& output : plan_.outputs) {
    std::int64_t count = 1;
    for (const std::int64_t side : output.shape) {
      if (side != 0 && count > kMaxElements / side) {
        throw Error(ErrorCode::invalid_argument, "images",
                    "the output " + output.key + " would have more than " + std::to_string(kMaxElements) + " elements");
      }
      count *= side;
    }
  }
}

Level& Draft::output_level() {
  std::int32_t last = 0;
  for (const Picture& picture : pictures) last = std::max(last, picture.level);
  return level(last);
}

Level& Draft::level(std::int32_t index) {
  while (plan_.levels.size() <= static_cast<std::size_t>(index)) {
    plan_.levels.emplace_back().jobs.reserve(pictures.size());
  }
  return plan_.levels[static_cast<std::size_t>(index)];
}

std::int32_t Draft::epilogue_of(std::int32_t list) {
  std::int32_t& epilogue = epilogues_[static_cast<std::size_t>(list)];
  if (epilogue < 0) {
    epilogue = static_cast<std::int32_t>(plan_.epilogues.size());
    plan_.epilogues.push_back({lists_[static_cast<std::size_t>(list)]});
  }
  return epilogue;
}

Layout Draft::layout_of(const Picture& picture, ChannelOrder order, std::int64_t base) {
  const Extent size = picture.size;
  Layout layout = chw_layout(base, size.height, size.width);
  if (order == ChannelOrder::nhwc) {
    layout.channel = 1;
    layout.x.inner = picture.channels;
    layout.y.inner = size.width * picture.channels;
  }
  if (picture.is_cut()) {
    const std::int64_t tile = picture.channels * size.height * size.width;
    layout.y.outer = picture.columns * tile;
    layout.x.outer = tile;
    layout.y.unit = narrow(size.height);
    layout.x.unit = narrow(size.width);
  }
  if (picture.reversed) {  // backwards from the last
    layout.base += (picture.channels - 1) * layout.channel;
    layout.channel = -layout.channel;
  }
  return layout;
}

void Draft::fill_in(Job& job, const Picture& picture, const Target& to) {
  const NumericsRow& row = row_of(request_.options.numerics);
  job.from = picture.from;
  job.y = identity_axis(picture.source.height, picture.box.y0, picture.box.y1);
  job.x = identity_axis(picture.source.width, picture.box.x0, picture.box.x1);
  if (picture.resampled) {
    if (row.toolkit == Toolkit::pillow) check_pillow_mode(picture);
    job.y = resampled_axis(job.y, picture.resized.height, picture.how);
    job.x = resampled_axis(job.x, picture.resized.width, picture.how);
  }
  const Rectangle& content = picture.content;
  job.y.first = picture.first_y;
  job.y.count = content.y1 - content.y0;
  job.x.first = picture.first_x;
  job.x.count = content.x1 - content.x0;
  job.passes = passes_of(row.order, job.y, job.x);
  // Levels that are only made floats, for a canvas, meet no resample.
  const bool only_converts = !picture.resampled && picture.steps != 0 && to.kind == Target::Kind::canvas;
  const bool rounds = picture.rounds && !only_converts;
  job.round = rounds ? row.round : Round::never;
  job.arithmetic = rounds ? row.arithmetic : Arithmetic::float32;
  job.channels = picture.channels;
  job.epilogue = epilogue_of(picture.steps);
  job.to = to;
  job.at_y = content.y0;
  job.at_x = content.x0;
}

void Draft::write(const Picture& picture, const Target& to, Level& level) {
  if (!is_empty(picture.content)) fill_in(level.jobs.emplace_back(), picture, to);

  // Margins, from the inside out: the steps that were added behind a margin are applied to its value.
  Rectangle inside = picture.content;
  for (std::size_t i = 0; i < picture.margin_count; ++i) {
    const Margin& margin = picture.margins[i];
    const std::span<const Step> later = steps_of(picture).subspan(static_cast<std::size_t>(margin.steps));
    Fill fill;
    fill.to = to;
    fill.channels = picture.channels;
    for (std::int32_t c = 0; c < picture.channels; ++c) {
      fill.value[c] = applied(later, margin.value[static_cast<std::size_t>(c)], c);
    }
    fill_around(level.fills, fill, margin.edge, inside);
    inside = margin.edge;
  }
}

void fill_around(std::vector<Fill>& fills, Fill fill, const Rectangle& edge, const Rectangle& inside) {
  const auto add = [&](const Rectangle& part) {
    if (is_empty(part)) return;
    fill.y0 = part.y0;
    fill.x0 = part.x0;
    fill.y1 = part.y1;
    fill.x1 = part.x1;
    fills.push_back(fill);
  };
  add({edge.y0, edge.x0, inside.y0, edge.x1});
  add({inside.y0, edge.x0, inside.y1, inside.x0});
  add({inside.y0, inside.x1, inside.y1, edge.x1});
  add({inside.y1, edge.x0, edge.y1, edge.x1});
}

}  // namespace kir
