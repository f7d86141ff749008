#include "plan/draft.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "plan/epilogue.hpp"
#include "plan/numerics.hpp"

namespace kir {

namespace {

Rectangle whole(Extent size) {
  return {0, 0, size.height, size.width};
}

bool is_empty(const Rectangle& rectangle) {
  return rectangle.y0 >= rectangle.y1 || rectangle.x0 >= rectangle.x1;
}

/// What of `rectangle` is in the window that begins at (y, x), counted from there.
Rectangle clipped(const Rectangle& rectangle, std::int64_t y, std::int64_t x, Extent window) {
  const auto clip = [](std::int64_t at, std::int64_t from, std::int64_t size) {
    return std::clamp<std::int64_t>(at - from, 0, size);
  };
  return {clip(rectangle.y0, y, window.height), clip(rectangle.x0, x, window.width),
          clip(rectangle.y1, y, window.height), clip(rectangle.x1, x, window.width)};
}

Axis identity_axis(std::int64_t size) {
  Axis axis;
  axis.in = axis.out = axis.count = static_cast<std::int32_t>(size);
  axis.box_end = static_cast<double>(size);
  return axis;
}

Axis resampled_axis(std::int64_t in, std::int64_t out, Interpolation how) {
  Axis axis = identity_axis(in);
  axis.out = static_cast<std::int32_t>(out);
  axis.filter = how.filter;
  // torchvision antialiases no nearest (v2/functional/_geometry.py: resize_image).
  axis.antialias = how.antialias && how.filter != Filter::nearest && how.filter != Filter::nearest_exact;
  axis.border = axis.antialias ? Border::renormalize : Border::clamp;
  return axis;
}

}  // namespace

void check_resized(std::int32_t index, Extent size) {
  for (const std::int64_t side : {size.height, size.width}) {
    if (side < 1 || side > kMaxEdge) {
      refuse_image(static_cast<std::size_t>(index), "would be resized to " + std::to_string(size.height) + " x " +
                                                        std::to_string(size.width) + "; a side may have 1.." +
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
    picture.content = whole(picture.size);
    picture.channels = image.channels;
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// What stages do to a picture

void Draft::resize(Picture& picture, Extent size, Interpolation how) {
  check_resized(picture.image, size);
  const bool untouched =
      !picture.resampled && picture.steps == 0 && picture.margin_count == 0 && picture.content == whole(picture.source);
  if (!untouched) close(picture);
  picture.resampled = true;
  picture.how = how;
  picture.resized = picture.size = picture.unpadded = size;
  picture.content = whole(size);
}

void Draft::window(Picture& picture, Extent size) {
  const Extent before = picture.size;
  // A larger window is padded first, (window - size) // 2 on the near side.
  const Extent padded = {std::max(before.height, size.height), std::max(before.width, size.width)};
  if (!(padded == before)) {
    pad(picture, padded, (padded.height - before.height) / 2, (padded.width - before.width) / 2);
  }
  const std::int64_t y = center_offset(padded.height, size.height), x = center_offset(padded.width, size.width);
  picture.first_y += std::max<std::int64_t>(y - picture.content.y0, 0);
  picture.first_x += std::max<std::int64_t>(x - picture.content.x0, 0);
  picture.content = clipped(picture.content, y, x, size);
  for (std::size_t i = 0; i < picture.margin_count; ++i) {
    picture.margins[i].edge = clipped(picture.margins[i].edge, y, x, size);
  }
  picture.size = picture.unpadded = size;
}

void Draft::pad(Picture& picture, Extent size, std::int64_t y, std::int64_t x, std::array<double, 4> value) {
  const auto shift = [&](Rectangle& rectangle) {
    rectangle = {rectangle.y0 + y, rectangle.x0 + x, rectangle.y1 + y, rectangle.x1 + x};
  };
  shift(picture.content);
  for (std::size_t i = 0; i < picture.margin_count; ++i) shift(picture.margins[i].edge);
  if (size == picture.size) return;
  picture.size = size;

  // A margin of the same value, with the same steps ahead, grows.
  if (picture.margin_count > 0) {
    Margin& last = picture.margins[picture.margin_count - 1];
    if (last.value == value && last.steps == static_cast<std::int32_t>(steps_of(picture).size())) {
      last.edge = whole(size);
      return;
    }
  }
  if (picture.margin_count == picture.margins.size()) close(picture);
  picture.margins[picture.margin_count++] = {whole(size), value, static_cast<std::int32_t>(steps_of(picture).size())};
}

void Draft::append(Picture& picture, std::span<const Step> steps) {
  if (!picture.reversed) {
    picture.steps = list_of(steps_of(picture), steps);
    return;
  }
  std::vector<Step> backwards(steps.begin(), steps.end());
  for (Step& step : backwards) std::reverse(step.c, step.c + picture.channels);
  picture.steps = list_of(steps_of(picture), backwards);
}

void Draft::close(Picture& picture) {
  closed_.reserve(pictures.size());
  const bool becomes_float = is_float(picture);
  closed_.push_back(picture);

  Picture next;
  next.image = picture.image;
  next.from = {Source::Kind::canvas, static_cast<std::int32_t>(closed_.size()) - 1};
  next.level = picture.level + 1;
  next.source = next.resized = next.size = picture.size;
  next.content = whole(next.size);
  next.unpadded = picture.unpadded;
  next.channels = picture.channels;
  next.rounds = !becomes_float;
  next.reversed = picture.reversed;
  picture = next;
}

void Draft::make_float(Picture& picture) {
  picture.rounds = false;
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
  return float_valued ? Type::f32 : row_of(request_.options.numerics).canvas;
}

std::int32_t Draft::add_output(Output output) {
  plan_.outputs.push_back(std::move(output));
  return static_cast<std::int32_t>(plan_.outputs.size()) - 1;
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
  plan_.levels.resize(static_cast<std::size_t>(last) + 1);
  write_canvases();
  plan_.levels.back().jobs.reserve(pictures.size());
  return plan_.levels.back();
}

/// Canvases are numbered image by image, those of one image by level.
void Draft::write_canvases() {
  std::vector<std::int32_t> order(closed_.size());
  std::iota(order.begin(), order.end(), 0);
  const auto closed = [&](std::int32_t index) -> const Picture& { return closed_[static_cast<std::size_t>(index)]; };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int32_t a, std::int32_t b) { return closed(a).image < closed(b).image; });
  canvas_of_.resize(closed_.size());
  plan_.canvases.reserve(closed_.size());
  const NumericsRow& row = row_of(request_.options.numerics);
  for (const std::int32_t index : order) {
    const Picture& picture = closed(index);
    const Type levels = picture.resampled ? row.canvas : Type::u8;
    canvas_of_[static_cast<std::size_t>(index)] = static_cast<std::int32_t>(plan_.canvases.size());
    plan_.canvases.push_back({is_float(picture) ? Type::f32 : levels, picture.channels,
                              static_cast<std::int32_t>(picture.size.height),
                              static_cast<std::int32_t>(picture.size.width)});
  }
  for (Level& level : plan_.levels) level.jobs.reserve(pictures.size());
  for (std::size_t i = 0; i < closed_.size(); ++i) {
    const Picture& picture = closed_[i];
    const Target to = {Target::Kind::canvas, canvas_of_[i], chw_layout(0, picture.size.height, picture.size.width)};
    write(picture, to, plan_.levels[static_cast<std::size_t>(picture.level)]);
  }
}

std::int32_t Draft::epilogue_of(std::int32_t list) {
  std::int32_t& epilogue = epilogues_[static_cast<std::size_t>(list)];
  if (epilogue < 0) {
    epilogue = static_cast<std::int32_t>(plan_.epilogues.size());
    plan_.epilogues.push_back({lists_[static_cast<std::size_t>(list)]});
  }
  return epilogue;
}

void Draft::write(const Picture& picture, const Target& to, Level& level) {
  const NumericsRow& row = row_of(request_.options.numerics);
  const Rectangle& content = picture.content;
  if (!is_empty(content)) {
    Job job;
    job.from = picture.from;
    if (job.from.kind == Source::Kind::canvas) job.from.index = canvas_of_[static_cast<std::size_t>(job.from.index)];
    if (picture.resampled) {
      job.y = resampled_axis(picture.source.height, picture.resized.height, picture.how);
      job.x = resampled_axis(picture.source.width, picture.resized.width, picture.how);
    } else {
      job.y = identity_axis(picture.source.height);
      job.x = identity_axis(picture.source.width);
    }
    job.y.first = static_cast<std::int32_t>(picture.first_y);
    job.y.count = static_cast<std::int32_t>(content.y1 - content.y0);
    job.x.first = static_cast<std::int32_t>(picture.first_x);
    job.x.count = static_cast<std::int32_t>(content.x1 - content.x0);
    job.passes = passes_of(row.order, job.y, job.x);
    // Levels that are only made floats, for a canvas, meet no resample.
    const bool only_converts = !picture.resampled && picture.steps != 0 && to.kind == Target::Kind::canvas;
    const bool rounds = picture.rounds && !only_converts;
    job.round = rounds ? row.round : Round::never;
    job.arithmetic = rounds ? row.arithmetic : Arithmetic::float32;
    job.channels = picture.channels;
    job.epilogue = epilogue_of(picture.steps);
    job.to = to;
    job.at_y = static_cast<std::int32_t>(content.y0);
    job.at_x = static_cast<std::int32_t>(content.x0);
    level.jobs.push_back(job);
  }

  // Margins, from the inside out: the steps that were added behind a margin are applied to its value.
  Rectangle inside = content;
  for (std::size_t i = 0; i < picture.margin_count; ++i) {
    const Margin& margin = picture.margins[i];
    if (margin.edge == inside) continue;
    const std::span<const Step> later = steps_of(picture).subspan(static_cast<std::size_t>(margin.steps));
    Fill fill;
    fill.to = to;
    fill.channels = picture.channels;
    for (std::int32_t c = 0; c < picture.channels; ++c) {
      fill.value[c] = later.empty() ? margin.value[static_cast<std::size_t>(c)]
                                    : applied(later, static_cast<float>(margin.value[static_cast<std::size_t>(c)]), c);
    }
    fill_around(level.fills, fill, margin.edge, inside);
    inside = margin.edge;
  }
}

Layout layout_of(const Picture& picture, ChannelOrder order, std::int64_t base) {
  Layout layout = chw_layout(base, picture.size.height, picture.size.width);
  if (order == ChannelOrder::nhwc) {
    layout.channel = 1;
    layout.x.inner = picture.channels;
    layout.y.inner = picture.size.width * picture.channels;
  }
  if (picture.reversed) {
    layout.base += (picture.channels - 1) * layout.channel;
    layout.channel = -layout.channel;
  }
  return layout;
}

void fill_around(std::vector<Fill>& fills, Fill fill, const Rectangle& edge, const Rectangle& inside) {
  const auto add = [&](std::int64_t top, std::int64_t left, std::int64_t bottom, std::int64_t right) {
    if (top >= bottom || left >= right) return;
    fill.y0 = static_cast<std::int32_t>(top);
    fill.x0 = static_cast<std::int32_t>(left);
    fill.y1 = static_cast<std::int32_t>(bottom);
    fill.x1 = static_cast<std::int32_t>(right);
    fills.push_back(fill);
  };
  add(edge.y0, edge.x0, inside.y0, edge.x1);
  add(inside.y0, edge.x0, inside.y1, inside.x0);
  add(inside.y0, inside.x1, inside.y1, edge.x1);
  add(inside.y1, edge.x0, edge.y1, edge.x1);
}

}  // namespace kir
