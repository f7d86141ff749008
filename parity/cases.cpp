#include "parity/cases.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "kir/error.hpp"

namespace kir::parity {
namespace {

// ---------------------------------------------------------------------------------------------------------------------
// What the processor makes of a size

/// Probe results of an ordinary picture: enough to plan for the sake of sizes and costs.
std::vector<ProbeResult> ordinary_probes(const ProcessorSpec& spec, std::span<const ImageSize> sizes) {
  std::vector<ProbeResult> results;
  for (const Probe& probe : probes(spec, sizes)) {
    const ImageSize& size = sizes[static_cast<std::size_t>(probe.image)];
    results.push_back({128, 64, 0, 0, size.height, size.width, false});
  }
  return results;
}

Plan plan_alone(const ProcessorSpec& spec, ImageSize size, const PlanOptions& options) {
  const std::vector<ImageSize> sizes{size};
  return plan(spec, sizes, options, ordinary_probes(spec, sizes));
}

/// Samples between the passes and after them, if whole axes are computed (the oracle resizes first and crops then).
std::int64_t resized_samples(const Plan& plan) {
  std::int64_t samples = 0;
  for (const Level& level : plan.levels) {
    for (const Job& job : level.jobs) {
      samples += job.channels * (std::int64_t{job.y.in} + job.y.out) * job.x.out;
    }
  }
  return samples;
}

// ---------------------------------------------------------------------------------------------------------------------
// The images

enum class Content { noise, smooth, black, middle, white };

struct Wish {
  std::string name;
  std::int64_t height, width;
  Content content = Content::noise;
};

std::int64_t odd(Random& random, std::int64_t first, std::int64_t last) {
  return random.between(first, last) | 1;
}

std::int64_t times(double factor, std::int64_t length) {
  return std::max<std::int64_t>(1, std::llround(factor * static_cast<double>(length)));
}

Image make_image(ImageSize size, Content content, Random& random, Memory memory) {
  switch (content) {
    case Content::noise:
      return noise_image(size, random, memory);
    case Content::smooth:
      return smooth_image(size, random, memory);
    case Content::black:
      return constant_image(size, 0, memory);
    case Content::middle:
      return constant_image(size, 128, memory);
    case Content::white:
      return constant_image(size, 255, memory);
  }
  throw Error(ErrorCode::invalid_argument, "content", "unknown");
}

/// The options that a plan may have beside the default ones.
PlanOptions drawn_options(Numerics numerics, Random& random) {
  constexpr Type kTypes[] = {Type::f32, Type::f16, Type::bf16, Type::u8};
  PlanOptions options;
  options.numerics = numerics;
  options.output_type = kTypes[random.below(4)];
  options.order = *options.output_type == Type::f32 || random.below(2) == 0 ? ChannelOrder::nhwc : ChannelOrder::nchw;
  return options;
}

class Generator {
 public:
  Generator(const std::string& config, const ProcessorSpec& spec, const CaseSettings& settings,
            const CaseRequest& request)
      : config_(config), spec_(spec), settings_(settings), request_(request), random_(seed_of(request.seed, config)) {
    options_.numerics = request.numerics;
  }

  CaseList make() {
    const Job job = plan_alone(spec_, {3, 480, 640}, options_).levels.at(0).jobs.at(0);
    const std::int64_t height = job.y.out, width = job.x.out;

    std::vector<Image> images;
    for (const Wish& wish : always_wanted(height, width)) add_image(wish, 3, images);
    if (!request_.quick) add_more(height, width, images);
    add_photos(images);
    add_batches(std::move(images));
    add_grey(height, width);
    add_channels(height, width);
    add_options(height, width);
    add_stacks(height, width);
    return std::move(list_);
  }

 private:
  Memory next_memory() { return static_cast<Memory>(memories_++ % kMemoryKinds); }

  void skip(std::string what, const Error& error) { list_.skips.push_back({config_, std::move(what), error.what()}); }

  /// One axis at the largest ratio; the other must stay small, for aspect-keeping processors would enlarge it too.
  Wish stretched(std::string name, std::int64_t height, std::int64_t width) {
    const std::int64_t thin = random_.between(5, 31);
    if (name == "tall") return {std::move(name), times(settings_.downscale, height), thin};
    return {std::move(name), thin, times(settings_.downscale, width)};
  }

  /// What every configuration is run on, around the resized size (height, width) of an ordinary picture.
  std::vector<Wish> always_wanted(std::int64_t height, std::int64_t width) {
    second_stretch_ = random_.below(2) == 0 ? "tall" : "wide";
    return {
        {"1x1", 1, 1},
        {"odd", odd(random_, 3, height * 3 / 2), odd(random_, 3, width * 3 / 2)},
        {"unchanged", height, width},
        {"downscale", times(2.3, height), times(1.7, width), Content::smooth},
        stretched(second_stretch_ == "tall" ? "wide" : "tall", height, width),
        {"white", odd(random_, 3, height), odd(random_, 3, width), Content::white},
    };
  }

  /// The rest, in random order, as far as the cost of a configuration allows: where an image is dear some are left out,
  /// others for each seed.
  void add_more(std::int64_t height, std::int64_t width, std::vector<Image>& images) {
    std::vector<Wish> more{
        {"1xN", 1, random_.between(2, 2 * width)},
        {"Nx1", random_.between(2, 2 * height), 1},
        {"odd", odd(random_, 3, height * 5 / 2), odd(random_, 3, width * 5 / 2), Content::smooth},
        {"unchanged height", height, odd(random_, 3, 2 * width)},
        {"unchanged width", odd(random_, 3, 2 * height), width},
        {"upscale", times(0.3, height), times(0.4, width)},
        {"downscale", times(3.1, height), times(2.6, width)},
        stretched(second_stretch_, height, width),
        {"extreme aspect", std::max<std::int64_t>(3, height / 20), 3 * width},
        {"black", odd(random_, 3, height), odd(random_, 3, width), Content::black},
        {"middle", odd(random_, 3, height), odd(random_, 3, width), Content::middle},
    };
    shuffle(more);
    std::int64_t samples = 0;
    for (const Image& image : images) samples += batch_samples({image.size()});
    for (const Wish& wish : more) {
      if (samples > settings_.config_samples) return;
      const std::size_t before = images.size();
      add_image(wish, 3, images);
      if (images.size() > before) samples += batch_samples({images.back().size()});
    }
  }

  /// The image of a wish. A size that the processor refuses is a named skip; its longer side is then shortened until it
  /// is accepted (a ratio limit), or there is no image (a limit on the shorter side).
  void add_image(const Wish& wish, int channels, std::vector<Image>& images) {
    ImageSize size{channels, static_cast<std::int32_t>(wish.height), static_cast<std::int32_t>(wish.width)};
    bool named = false;
    while (size.height > 0 && size.width > 0) {
      try {
        images.push_back(make_image(affordable(size), wish.content, random_, next_memory()));
        return;
      } catch (const Error& error) {
        if (!named) skip(wish.name + " " + std::to_string(size.height) + "x" + std::to_string(size.width), error);
        named = true;
        shorten(size);
      }
    }
  }

  static void shorten(ImageSize& size) {
    std::int32_t& longer = size.height > size.width ? size.height : size.width;
    longer = longer * 7 / 10;
  }

  /// The size with its longer side shortened until it costs no more than allowed, as far as shortening helps: a
  /// processor that enlarges every image to one size costs the same for all.
  ImageSize affordable(ImageSize size) const {
    std::int64_t cost = resized_samples(plan_alone(spec_, size, options_));
    while (cost > settings_.image_samples) {
      ImageSize shorter = size;
      shorten(shorter);
      if (shorter.height < 1 || shorter.width < 1) break;
      const std::int64_t less = resized_samples(plan_alone(spec_, shorter, options_));
      if (less * 10 > cost * 9) break;
      size = shorter;
      cost = less;
    }
    return size;
  }

  void add_photos(std::vector<Image>& images) {
    std::vector<std::size_t> order(request_.photos.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    shuffle(order);
    order.resize(std::min<std::size_t>(order.size(), request_.quick ? 1 : static_cast<std::size_t>(settings_.photos)));
    for (const std::size_t i : order) {
      const Image& photo = request_.photos[i];
      try {
        plan_alone(spec_, photo.size(), options_);
        images.push_back(photo);
      } catch (const Error& error) {
        skip(photo.describe(), error);
      }
    }
  }

  /// Shuffled, then packed into batches within both limits; an image alone may exceed the sample limit.
  void add_batches(std::vector<Image> images) {
    shuffle(images);
    Case batch;
    const auto close = [&] {
      if (batch.images.empty()) return;
      batch.name = "batch " + std::to_string(list_.cases.size());
      batch.options = options_;
      list_.cases.push_back(std::move(batch));
      batch = {};
    };
    for (Image& image : images) {
      std::vector<ImageSize> sizes = batch.sizes();
      sizes.push_back(image.size());
      const bool full = static_cast<int>(batch.images.size()) == settings_.batch_images;
      if (full || (sizes.size() > 1 && batch_samples(sizes) > settings_.batch_samples)) close();
      batch.images.push_back(std::move(image));
    }
    close();
  }

  /// Resized samples plus the elements of the outputs, which a batch-maximum padding makes larger.
  std::int64_t batch_samples(const std::vector<ImageSize>& sizes) const {
    const Plan batch = plan(spec_, sizes, options_, ordinary_probes(spec_, sizes));
    std::int64_t samples = resized_samples(batch);
    for (const Output& output : batch.outputs) samples += output.elements();
    return samples;
  }

  /// One channel, which the mean may broadcast to three.
  void add_grey(std::int64_t height, std::int64_t width) {
    Case grey{"grey", {}, options_, false, {}};
    add_image({"grey", odd(random_, 3, height), odd(random_, 3, width)}, 1, grey.images);
    add_image({"grey", height, odd(random_, 3, 2 * width)}, 1, grey.images);
    if (!grey.images.empty()) list_.cases.push_back(std::move(grey));
  }

  /// Two and four channels, where any number is allowed.
  void add_channels(std::int64_t height, std::int64_t width) {
    if (spec_.channels != 0) return;
    for (const int channels : {2, 4}) {
      Case one{std::to_string(channels) + " channels", {}, options_, false, {}};
      add_image({one.name, odd(random_, 3, height), odd(random_, 3, width)}, channels, one.images);
      if (!one.images.empty()) list_.cases.push_back(std::move(one));
    }
  }

  void add_options(std::int64_t height, std::int64_t width) {
    Case one{"options", {}, drawn_options(request_.numerics, random_), false, {}};
    add_image({"options", odd(random_, 3, height), odd(random_, 3, width)}, 3, one.images);
    add_image({"options", height, width, Content::smooth}, 3, one.images);
    if (one.images.empty()) return;
    try {
      const std::vector<ImageSize> sizes = one.sizes();
      plan(spec_, sizes, one.options, ordinary_probes(spec_, sizes));
    } catch (const Error& error) {
      skip(one.describe(), error);
      return;
    }
    list_.cases.push_back(std::move(one));
  }

  void add_stacks(std::int64_t height, std::int64_t width) {
    const Wish wish{"stacked", odd(random_, 3, height), odd(random_, 3, width)};
    for (const int count : {0, 2}) {
      Case stack{count == 0 ? "empty stack" : "stacked", {}, options_, true, {}};
      for (int i = 0; i < count; ++i) add_image(wish, 3, stack.images);
      if (static_cast<int>(stack.images.size()) < count) continue;  // refused, and named by add_image
      stack.stacked_size = {3, static_cast<std::int32_t>(wish.height), static_cast<std::int32_t>(wish.width)};
      if (count > 0) stack.stacked_size = stack.images[0].size();
      try {
        plan_of(spec_, stack, ordinary_probes(spec_, stack.sizes()));
      } catch (const Error& error) {
        skip(stack.describe(), error);
        continue;
      }
      list_.cases.push_back(std::move(stack));
    }
  }

  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      std::swap(items[i - 1], items[static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(i)))]);
    }
  }

  const std::string& config_;
  const ProcessorSpec& spec_;
  const CaseSettings& settings_;
  const CaseRequest& request_;
  PlanOptions options_;
  Random random_;
  int memories_ = 0;
  std::string second_stretch_;  ///< "tall" or "wide": the one that is not always wanted
  CaseList list_;
};

}  // namespace

std::vector<ImageSize> Case::sizes() const {
  std::vector<ImageSize> sizes;
  for (const Image& image : images) sizes.push_back(image.size());
  return sizes;
}

std::vector<ImageView> Case::views() const {
  std::vector<ImageView> views;
  for (const Image& image : images) views.push_back(image.view());
  return views;
}

std::string Case::describe() const {
  std::string text = name;
  if (options.output_type) text += std::string(" ") + name_of(*options.output_type);
  if (options.order == ChannelOrder::nhwc) text += " nhwc";
  const char* separator = ": ";
  for (const Image& image : images) {
    text += separator + image.describe();
    separator = ", ";
  }
  return text;
}

CaseList make_cases(const std::string& config, const ProcessorSpec& spec, const CaseSettings& settings,
                    const CaseRequest& request) {
  return Generator(config, spec, settings, request).make();
}

Plan plan_of(const ProcessorSpec& spec, const Case& one, std::span<const ProbeResult> probe_results) {
  if (one.stacked) {
    return plan_stacked(spec, static_cast<std::int64_t>(one.images.size()), one.stacked_size, one.options,
                        probe_results);
  }
  return plan(spec, one.sizes(), one.options, probe_results);
}

}  // namespace kir::parity
