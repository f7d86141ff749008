// One resize an image, image-shaped outputs: the families stretch and shortest_crop, and the batch_pad of Detr.
//
// Per axis an image goes   source -> resized -> centre windows (zeros beyond the edges, in the pixel domain)
//                                 -> affine -> padding (zeros, after the affine).
// One job computes the window alone; fills write the rest. A class that crops, pads or rescales before the resize gets
// a canvas and a level of its own for it.
#include <algorithm>
#include <string>
#include <vector>

#include "plan/request.hpp"

namespace kir {

namespace {

// ---------------------------------------------------------------------------------------------------------------------
// One axis

/// The window [first, first + count) of the resized axis, standing at `at` of a content of `size` pixels whose rest is
/// 0.
struct View {
  std::int64_t first = 0, count = 0, at = 0, size = 0;

  static View whole(std::int64_t size) { return {0, size, 0, size}; }

  /// TorchvisionBackend.center_crop, one axis: a larger window is padded, (window - size) // 2 on the near side.
  void center(std::int64_t window) {
    if (window > size) {
      at += (window - size) / 2;
    } else {
      const std::int64_t offset = center_offset(size, window);
      const std::int64_t begin = std::max(at, offset), end = std::min(at + count, offset + window);
      first += begin - at;
      count = std::max<std::int64_t>(end - begin, 0);
      at = begin - offset;
    }
    size = window;
  }
};

/// Where the content stands in the output: at `at` of `size`.
struct Place {
  std::int64_t at = 0, size = 0;
};

struct Geometry {
  Source from;  ///< the image, or a canvas of level 0
  Extent source, resized;
  View y, x;
  Place to_y, to_x;
  std::int32_t channels = 0;  ///< of the output
};

// ---------------------------------------------------------------------------------------------------------------------
// Sizes

Extent resized_size(const ProcessorSpec& spec, Extent image) {
  const SizeKeys& size = spec.size;
  if (!spec.do_resize) return image;
  if (spec.do_pad && spec.facts.pad == PadRule::fit_window) {
    return size_rules::max_height_width(image, size.height, size.width);
  }
  switch (spec.facts.size_rule) {
    case SizeRule::convnext:
      // ConvNextImageProcessor.resize: from 384 up a square, below a centre crop of what crop_pct leaves room for.
      if (size.shortest_edge >= 384) return {size.shortest_edge, size.shortest_edge};
      return size_rules::shortest_edge_over_crop(image, size.shortest_edge, spec.crop_pct);
    case SizeRule::dpt:
      return size_rules::dpt(image, {size.height, size.width}, spec.keep_aspect_ratio, spec.ensure_multiple_of);
    case SizeRule::levit:
      if (size.shortest_edge != 0) return size_rules::levit(image, size.shortest_edge);
      break;
    case SizeRule::poolformer:
      if (size.shortest_edge != 0 || size.height == size.width) {
        const std::int64_t edge = size.shortest_edge != 0 ? size.shortest_edge : size.height;
        return size_rules::shortest_edge_over_crop(image, edge, spec.crop_pct);
      }
      return {static_cast<std::int64_t>(static_cast<double>(size.height) / spec.crop_pct),
              static_cast<std::int64_t>(static_cast<double>(size.width) / spec.crop_pct)};
    case SizeRule::pp_lcnet:
      return size_rules::pp_lcnet(image, spec.resize_short, std::max<std::int64_t>(spec.size_divisor, 1));
    default:
      break;
  }

  // TorchvisionBackend.resize: the keys decide, in this order.
  if (size.shortest_edge != 0 && size.longest_edge != 0) {
    return size_rules::shortest_longest_edge(image, size.shortest_edge, size.longest_edge);
  }
  if (size.shortest_edge != 0) return size_rules::shortest_edge(image, size.shortest_edge);
  if (size.max_height != 0) return size_rules::max_height_width(image, size.max_height, size.max_width);
  return {size.height, size.width};
}

/// Windows of the resized image, in the order in which the class crops.
void crop(const ProcessorSpec& spec, Geometry& image) {
  const auto center = [&](std::int64_t height, std::int64_t width) {
    image.y.center(height);
    image.x.center(width);
  };
  const SizeKeys& size = spec.size;
  if (spec.do_resize && spec.facts.size_rule == SizeRule::convnext && size.shortest_edge < 384) {
    center(size.shortest_edge, size.shortest_edge);
  }
  if (spec.do_resize && spec.do_pad && spec.facts.pad == PadRule::fit_window) center(size.height, size.width);
  if (spec.do_center_crop && !spec.facts.crops_source) center(spec.crop_size.height, spec.crop_size.width);
}

/// Padding after the affine. Sets the places, given the largest content of the batch.
void pad(const ProcessorSpec& spec, Extent largest, std::size_t index, Geometry& image) {
  image.to_y = {0, image.y.size};
  image.to_x = {0, image.x.size};
  if (!spec.do_pad) return;
  if (spec.facts.pad == PadRule::batch) {
    const Extent full = spec.pad_size.height != 0 ? Extent{spec.pad_size.height, spec.pad_size.width} : largest;
    if (full.height < image.y.size || full.width < image.x.size) {
      refuse_image(index, "becomes " + std::to_string(image.y.size) + " x " + std::to_string(image.x.size) +
                              ", larger than pad_size, " + std::to_string(full.height) + " x " +
                              std::to_string(full.width));
    }
    image.to_y.size = full.height;
    image.to_x.size = full.width;
  } else if (spec.facts.pad == PadRule::multiple) {
    // DPTImageProcessor.pad_image: the near side gets the smaller half.
    image.to_y.size = up_to_multiple(image.y.size, spec.size_divisor);
    image.to_x.size = up_to_multiple(image.x.size, spec.size_divisor);
    image.to_y.at = (image.to_y.size - image.y.size) / 2;
    image.to_x.at = (image.to_x.size - image.x.size) / 2;
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// What runs before the resize: a canvas of level 0

class Sources {
 public:
  Sources(const Request& request, Plan& plan, const Affine& affine) : request_(request), plan_(plan) {
    if (!affine.before.steps.empty()) epilogue_ = 1;  // plan.epilogues: 0 is after, 1 before, 2 empty
  }

  /// Sets from, source and channels.
  void prepare(std::size_t index, const Affine& affine, Geometry& image) {
    const ProcessorSpec& spec = request_.spec;
    const ImageSize& size = request_.images[index];
    image.from = {Source::Kind::image, static_cast<std::int32_t>(index)};
    image.source = {size.height, size.width};
    image.channels = channels_after(spec, affine.before, size.channels, index);

    if (spec.facts.crops_source && spec.do_center_crop) {
      crop_source(index, image);
    } else if (spec.facts.pad == PadRule::square_source && spec.do_pad && size.height != size.width) {
      square_source(index, image);
    } else if (!affine.before.steps.empty()) {
      const std::int32_t canvas = add_canvas(plan_, Type::f32, image.channels, image.source);
      Job job = copy_job(request_, image.from, image.source, image.channels);
      set_float_domain(job);
      place(job, canvas, epilogue_, image);
    }
    image.channels = channels_after(spec, affine.after, image.channels, index);
  }

 private:
  /// PerceiverImageProcessor.center_crop: int(size / crop_size * short side), of the source.
  void crop_source(std::size_t index, Geometry& image) {
    const ProcessorSpec& spec = request_.spec;
    const auto shorter = static_cast<double>(std::min(image.source.height, image.source.width));
    const auto side = [&](std::int64_t target, std::int64_t of) {
      return static_cast<std::int64_t>(static_cast<double>(target) / static_cast<double>(of) * shorter);
    };
    const Extent window = {side(spec.size.height, spec.crop_size.height), side(spec.size.width, spec.crop_size.width)};
    check_resized(index, window);

    View y = View::whole(image.source.height), x = View::whole(image.source.width);
    y.center(window.height);
    x.center(window.width);
    const std::int32_t canvas = add_canvas(plan_, Type::u8, image.channels, window);
    Job job = copy_job(request_, image.from, image.source, image.channels);
    set_window(job.y, y);
    set_window(job.x, x);
    job.at_y = static_cast<std::int32_t>(y.at);
    job.at_x = static_cast<std::int32_t>(x.at);
    Fill border;
    border.to = canvas_target(plan_, canvas);
    border.channels = image.channels;
    fill_around(plan_.levels[0].fills, border, window.height, window.width, y.at, x.at, y.at + y.count, x.at + x.count);
    place(job, canvas, kNoSteps, image);
    image.source = window;
  }

  /// LlavaImageProcessor.pad_to_square, filled with int(mean * 255).
  void square_source(std::size_t index, Geometry& image) {
    const std::vector<double>& mean = request_.spec.image_mean;
    if (mean.size() != static_cast<std::size_t>(image.channels)) {
      throw Error(ErrorCode::invalid_argument, "images[" + std::to_string(index) + "].channels",
                  std::to_string(image.channels) + " channels; do_pad fills with image_mean, which has " +
                      std::to_string(mean.size()) + " values");
    }
    const std::int64_t edge = std::max(image.source.height, image.source.width);
    const std::int64_t top = (edge - image.source.height) / 2, left = (edge - image.source.width) / 2;
    const std::int32_t canvas = add_canvas(plan_, Type::u8, image.channels, {edge, edge});
    Fill background;
    background.to = canvas_target(plan_, canvas);
    background.channels = image.channels;
    for (std::size_t c = 0; c < mean.size(); ++c) background.value[c] = static_cast<std::int64_t>(mean[c] * 255);
    fill_around(plan_.levels[0].fills, background, edge, edge, top, left, top + image.source.height,
                left + image.source.width);
    Job job = copy_job(request_, image.from, image.source, image.channels);
    job.at_y = static_cast<std::int32_t>(top);
    job.at_x = static_cast<std::int32_t>(left);
    place(job, canvas, kNoSteps, image);
    image.source = {edge, edge};
  }

  void place(Job& job, std::int32_t canvas, std::int32_t epilogue, Geometry& image) {
    job.to = canvas_target(plan_, canvas);
    job.epilogue = epilogue;
    plan_.levels[0].jobs.push_back(job);
    image.from = {Source::Kind::canvas, canvas};
  }

  static void set_window(Axis& axis, const View& view) {
    axis.first = static_cast<std::int32_t>(view.first);
    axis.count = static_cast<std::int32_t>(view.count);
  }

  static constexpr std::int32_t kNoSteps = 2;
  const Request& request_;
  Plan& plan_;
  std::int32_t epilogue_ = kNoSteps;
};

bool has_source_level(const ProcessorSpec& spec, const Affine& affine) {
  return !affine.before.steps.empty() || (spec.facts.crops_source && spec.do_center_crop) ||
         (spec.facts.pad == PadRule::square_source && spec.do_pad);
}

// ---------------------------------------------------------------------------------------------------------------------
// Outputs

std::vector<std::int64_t> shape_of(const Geometry& image, ChannelOrder order) {
  if (order == ChannelOrder::nhwc) return {image.to_y.size, image.to_x.size, image.channels};
  return {image.channels, image.to_y.size, image.to_x.size};
}

bool same_shape(const Geometry& a, const Geometry& b) {
  return a.channels == b.channels && a.to_y.size == b.to_y.size && a.to_x.size == b.to_x.size;
}

/// The layout of one image in its output, from element `base` on; reversed channels run backwards from the last.
Layout layout_of(const Geometry& image, ChannelOrder order, bool reversed, std::int64_t base) {
  Layout layout = chw_layout(base, image.to_y.size, image.to_x.size);
  if (order == ChannelOrder::nhwc) {
    layout.channel = 1;
    layout.x.inner = image.channels;
    layout.y.inner = image.to_x.size * image.channels;
  }
  if (reversed) {
    layout.base += (image.channels - 1) * layout.channel;
    layout.channel = -layout.channel;
  }
  return layout;
}

/// Refuses the images [first, first + count) unless they have one shape.
void check_stack(const Request& request, const std::vector<Geometry>& images, std::size_t first, std::size_t count) {
  for (std::size_t i = first; i < first + count; ++i) {
    const Geometry& image = images[i];
    if (same_shape(image, images[first])) continue;
    refuse_image(i, "becomes " + std::to_string(image.to_y.size) + " x " + std::to_string(image.to_x.size) + " of " +
                        std::to_string(image.channels) + " channels, images[" + std::to_string(first) +
                        "] another shape; " + request.spec.class_name + " stacks them");
  }
}

void check_batch(const Request& request, const std::vector<Geometry>& images) {
  const ClassFacts& facts = request.spec.facts;
  if (facts.stacks) check_stack(request, images, 0, images.size());
  if (facts.frames) {
    std::size_t first = 0;
    for (const std::int64_t count : samples_of(request)) {
      check_stack(request, images, first, static_cast<std::size_t>(count));
      first += static_cast<std::size_t>(count);
    }
  }
  if (!request.spec.reverse_channels || !facts.indexes_rgb) return;
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (images[i].channels != 3) {
      throw Error(ErrorCode::invalid_argument, "images[" + std::to_string(i) + "].channels",
                  std::to_string(images[i].channels) + " channels after the affine; " + request.spec.class_name +
                      " reverses exactly 3");
    }
  }
}

/// Where an image stands: in which output, behind how many others.
struct Stand {
  std::int32_t output = 0;
  std::int64_t index = 0;
};

/// Adds the pixel outputs: one for all, or where shapes differ one an image, or one a sample of frames.
std::vector<Stand> add_pixels(const Request& request, const std::vector<Geometry>& images, bool uniform, Type type,
                              Plan& plan) {
  const auto add = [&](std::size_t image, std::initializer_list<std::int64_t> stacked, Share of) {
    std::vector<std::int64_t> shape = shape_of(images[image], request.options.order);
    shape.insert(shape.begin(), stacked);
    plan.outputs.push_back({"pixel_values", type, std::move(shape), of, {}});
  };
  const auto count = static_cast<std::int64_t>(images.size());
  const bool frames = request.spec.facts.frames;
  const std::vector<std::int64_t> samples = frames ? samples_of(request) : std::vector<std::int64_t>(images.size(), 1);
  const bool alike =
      uniform && std::all_of(samples.begin(), samples.end(), [&](std::int64_t n) { return n == samples[0]; });

  std::vector<Stand> stands;
  stands.reserve(images.size());
  const std::size_t whole = plan.outputs.size();
  if (alike && frames) add(0, {static_cast<std::int64_t>(samples.size()), samples[0]}, {});
  if (alike && !frames) add(0, {count}, {});
  for (std::size_t sample = 0; sample < samples.size(); ++sample) {
    const std::size_t first = stands.size();
    const auto output = static_cast<std::int32_t>(alike ? whole : plan.outputs.size());
    const auto index = static_cast<std::int32_t>(sample);
    if (!alike && frames) add(first, {samples[sample]}, {Share::Kind::sample, index});
    if (!alike && !frames) add(first, {}, {Share::Kind::image, index});
    for (std::int64_t i = 0; i < samples[sample]; ++i) {
      stands.push_back({output, alike ? static_cast<std::int64_t>(stands.size()) : i});
    }
  }
  return stands;
}

void add_small_outputs(const Request& request, const std::vector<Geometry>& images, Plan& plan) {
  const auto count = static_cast<std::int64_t>(images.size());
  const ProcessorSpec& spec = request.spec;
  if (spec.facts.original_sizes) {
    Output sizes = {"original_sizes", Type::i64, {count, 2}, {}, {}};
    for (const ImageSize& size : request.images) {
      sizes.values.push_back(size.height);
      sizes.values.push_back(size.width);
    }
    plan.outputs.push_back(std::move(sizes));
  }
  if (spec.facts.num_crops) {  // without pan-and-scan every image has none
    plan.outputs.push_back({"num_crops", Type::i64, {count}, {}, std::vector<double>(images.size(), 0.0)});
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Jobs and fills of the last level

void add_image(const Request& request, const Geometry& image, const Affine& affine, bool float_domain, Target to,
               Level& level) {
  const std::int64_t top = image.to_y.at + image.y.at, left = image.to_x.at + image.x.at;
  if (image.y.count > 0 && image.x.count > 0) {
    Job job = resize_job(request, image.from, image.source, image.resized, image.channels);
    job.y.first = static_cast<std::int32_t>(image.y.first);
    job.y.count = static_cast<std::int32_t>(image.y.count);
    job.x.first = static_cast<std::int32_t>(image.x.first);
    job.x.count = static_cast<std::int32_t>(image.x.count);
    if (float_domain) set_float_domain(job);
    job.to = to;
    job.at_y = static_cast<std::int32_t>(top);
    job.at_x = static_cast<std::int32_t>(left);
    level.jobs.push_back(job);
  }

  // The border of a window that is larger than the image: 0 in the pixel domain, so it goes through the affine.
  if (image.y.count != image.y.size || image.x.count != image.x.size) {
    Fill border;
    border.to = to;
    border.to.layout.base += to.layout.y(image.to_y.at) + to.layout.x(image.to_x.at);
    border.channels = image.channels;
    for (std::int32_t c = 0; c < image.channels; ++c) border.value[c] = applied(affine.after, 0.0f, c);
    fill_around(level.fills, border, image.y.size, image.x.size, image.y.at, image.x.at, image.y.at + image.y.count,
                image.x.at + image.x.count);
  }

  Fill padding;
  padding.to = to;
  padding.channels = image.channels;
  fill_around(level.fills, padding, image.to_y.size, image.to_x.size, image.to_y.at, image.to_x.at,
              image.to_y.at + image.y.size, image.to_x.at + image.x.size);
}

/// pixel_mask: 1 where the content is.
void add_mask(const Geometry& image, std::int32_t output, std::int64_t index, Level& level) {
  Fill mask;
  mask.to = {Target::Kind::output, output,
             chw_layout(index * image.to_y.size * image.to_x.size, image.to_y.size, image.to_x.size)};
  fill_around(level.fills, mask, image.to_y.size, image.to_x.size, 0, 0, image.y.size, image.x.size);
  mask.value[0] = 1;
  mask.y1 = static_cast<std::int32_t>(image.y.size);
  mask.x1 = static_cast<std::int32_t>(image.x.size);
  level.fills.push_back(mask);
}

}  // namespace

Plan plan_images(const Request& request) {
  const ProcessorSpec& spec = request.spec;
  const Affine affine = affine_of(spec);
  const bool float_domain = !affine.before.steps.empty();
  const std::size_t count = request.images.size();

  Plan plan;
  plan.epilogues = {affine.after, affine.before, Epilogue{}};
  const bool two_levels = has_source_level(spec, affine);
  plan.levels.resize(two_levels ? 2 : 1);
  if (two_levels) {
    plan.canvases.reserve(count);
    plan.levels[0].jobs.reserve(count);
  }

  // Geometry: each image alone, then what the batch decides.
  std::vector<Geometry> images(count);
  Sources sources(request, plan, affine);
  Extent largest;
  for (std::size_t i = 0; i < count; ++i) {
    Geometry& image = images[i];
    sources.prepare(i, affine, image);
    image.resized = resized_size(spec, image.source);
    check_resized(i, image.resized);
    image.y = View::whole(image.resized.height);
    image.x = View::whole(image.resized.width);
    crop(spec, image);
    largest = {std::max(largest.height, image.y.size), std::max(largest.width, image.x.size)};
  }
  bool uniform = true;
  for (std::size_t i = 0; i < count; ++i) {
    pad(spec, largest, i, images[i]);
    uniform = uniform && same_shape(images[i], images[0]);
  }
  check_batch(request, images);
  const Type type = pixel_type(request, float_domain || !affine.after.steps.empty());
  const bool masked = spec.do_pad && spec.facts.pixel_mask;
  if (masked) {  // before the pixels, as the classes have it: tuple(features.values()) is a model's arguments
    const Geometry& first = images[0];
    plan.outputs.push_back(
        {"pixel_mask", Type::i64, {static_cast<std::int64_t>(count), first.to_y.size, first.to_x.size}, {}, {}});
  }
  const std::vector<Stand> stands = add_pixels(request, images, uniform, type, plan);
  add_small_outputs(request, images, plan);
  check_outputs(plan);

  // Jobs and fills.
  Level& level = plan.levels.back();
  level.jobs.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto index = static_cast<std::int64_t>(i);
    const std::int64_t elements = images[i].channels * images[i].to_y.size * images[i].to_x.size;
    const Target to = {Target::Kind::output, stands[i].output,
                       layout_of(images[i], request.options.order, spec.reverse_channels, stands[i].index * elements)};
    add_image(request, images[i], affine, float_domain, to, level);
    if (masked) add_mask(images[i], 0, index, level);
  }
  if (two_levels && plan.canvases.empty()) plan.levels.erase(plan.levels.begin());  // every image was square already
  return plan;
}

}  // namespace kir
