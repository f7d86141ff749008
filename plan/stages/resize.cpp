#include "plan/stages.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "plan/numerics.hpp"

namespace kir {

namespace {

// Numbered as Pillow does.
constexpr std::array<Filter, 6> kResampling = {Filter::nearest_exact, Filter::lanczos3, Filter::bilinear,
                                               Filter::bicubic,       Filter::box,      Filter::hamming};

/// resample: an integer of PIL.Image.Resampling; of a class that does not insist on one, none is bilinear
/// (TorchvisionBackend.resize). A class that hands it to torchvision has another nearest, and must have one.
Filter read_resample(Keys& keys, bool torchvision) {
  const nlohmann::json* value = keys.find("resample");
  if (value == nullptr && torchvision) keys.refuse_missing("resample", "do_resize is true");
  if (value == nullptr) return Filter::bilinear;
  const std::int64_t number = value->is_boolean()          ? value->get<bool>()
                              : value->is_number_integer() ? value->get<std::int64_t>()
                                                           : -1;
  if (number < 0 || number >= static_cast<std::int64_t>(kResampling.size())) {
    keys.refuse("resample", value->dump() +
                                " is unknown; 0 (nearest), 1 (lanczos), 2 (bilinear), 3 (bicubic), 4 (box) and 5 "
                                "(hamming) are allowed");
  }
  const Filter filter = kResampling[static_cast<std::size_t>(number)];
  if (filter == Filter::box || filter == Filter::hamming || (torchvision && filter == Filter::lanczos3)) {
    keys.not_built("resample", std::string("torchvision does not resize tensors with ") + name_of(filter),
                   Toolkit::torchvision);
  }
  return filter;
}

/// With a space ahead; empty for a rule that has keys of its own.
std::string text_of(const SizeKeys& size) {
  if (size.height != 0) return " " + text_of(Extent{size.height, size.width});
  if (size.max_height != 0) return " at most " + text_of(Extent{size.max_height, size.max_width});
  std::string text;
  if (size.shortest_edge != 0) text += " shortest_edge " + std::to_string(size.shortest_edge);
  if (size.longest_edge != 0)
    text += (text.empty() ? "" : ",") + (" longest_edge " + std::to_string(size.longest_edge));
  return text;
}

Interpolation read_interpolation(Keys& keys, const ResizeOptions& options) {
  const Filter filter = options.filter ? *options.filter : read_resample(keys, options.torchvision);
  return {filter, options.antialias, true, options.torchvision};
}

/// What a toolkit makes of it. LANCZOS is bicubic in torchvision 0.26, which has no Lanczos for tensors
/// (image_utils.pil_torch_interpolation_mapping); Pillow antialiases whatever a class says.
Interpolation interpolation_in(Toolkit toolkit, Interpolation how) {
  if (!how.of_class) return how;
  if (toolkit == Toolkit::pillow) return {how.filter, true, true};
  if (how.torchvision && how.filter == Filter::nearest_exact) return {Filter::nearest, how.antialias, true};
  return {how.filter == Filter::lanczos3 ? Filter::bicubic : how.filter, how.antialias, true};
}

/// Resizes each picture, or each tile of one: where tiles keep their size, all as they are. sizes_of(draft) gives what
/// gives the size of each. `once`: a picture that a resize has made of that size stays as it is, too.
template <class SizesOf>
Operation resizing(SizesOf sizes_of, Interpolation how, bool once, std::string text) {
  text += std::string(", ") + name_of(how.filter) + (how.antialias ? "" : ", not antialiased");
  const auto extend = [sizes_of = std::move(sizes_of), how, once](Draft& draft) {
    const Interpolation ours = interpolation_in(row_of(draft.request().options.numerics).toolkit, how);
    const auto size_of = sizes_of(draft);
    draft.separate([&](const Picture& picture) { return picture.is_cut() && size_of(picture) != picture.size; });
    for (Picture& picture : draft.pictures) {
      if (picture.is_cut()) continue;
      const Extent size = size_of(picture);
      if (!once || !picture.resampled || !(size == picture.size)) draft.resize(picture, size, ours);
    }
  };
  return {.text = std::move(text), .extend = extend, .resizes = true, .keeps_tiles = true};
}

/// resize_to by the number of frames too.
Operation resize_video_to(VideoSizeOf size_of, Interpolation how, std::string text) {
  const auto of = [size_of = std::move(size_of)](const Draft&) {
    return [&size_of](const Picture& picture) { return size_of(picture.size, picture.frames); };
  };
  return resizing(of, how, true, std::move(text));
}

/// resize_to what the widest picture of the batch becomes, all of them.
Operation resize_to_widest(SizeOf size_of, Interpolation how, std::string text) {
  const auto of = [size_of = std::move(size_of)](const Draft& draft) {
    const auto narrower = [](const Picture& a, const Picture& b) { return a.size.width < b.size.width; };
    const Extent one = size_of(std::max_element(draft.pictures.begin(), draft.pictures.end(), narrower)->size);
    return [one](const Picture&) { return one; };
  };
  return resizing(of, how, true, std::move(text));
}

/// What the parentheses of a stage's name say.
std::string name_of(std::string name, const ResizeOptions& options) {
  if (options.filter) name += std::string(", ") + kir::name_of(*options.filter);
  if (!options.antialias) name += ", no antialias";
  if (options.floats) name += ", of floats";
  if (options.by_widest) name += ", by the widest";
  return name + ")";
}

}  // namespace

Operation resize_to(SizeOf size_of, Interpolation how, std::string text) {
  const auto of = [size_of = std::move(size_of)](const Draft&) {
    return [&size_of](const Picture& picture) { return size_of(picture.size); };
  };
  return resizing(of, how, true, std::move(text));
}

Stage resize(const GridSize& to, ResizeOptions options) {
  const auto read = [&to, options](Keys& keys) {
    const auto of = [&to](const Draft& draft) {
      return [&to, &draft](const Picture& picture) { return to.of(draft, picture); };
    };
    return resizing(of, read_interpolation(keys, options), false, std::string("resize to the ") + to.name);
  };
  return {"resize!(" + name_of(to.name, options), read};
}

Stage resize(const SizeRule& rule, ResizeOptions options) {
  const auto read = [&rule, options](Keys& keys) -> Operation {
    if (!options.always && !keys.boolean(options.on)) return {};
    const Interpolation how = read_interpolation(keys, options);
    if (options.or_bicubic && (keys.find("resample") == nullptr || how.filter == Filter::nearest_exact)) {
      keys.not_built("resample", keys.text("resample") + ": Pillow's class makes thumbnails by bicubic then",
                     Toolkit::pillow);
    }
    const SizeKeys size = rule.reads_size ? read_size(keys, rule, options.on) : SizeKeys{};
    std::string text = std::string("resize ") + rule.name + text_of(size);
    Operation operation = rule.bind_video != nullptr
                              ? resize_video_to(rule.bind_video(keys, size), how, std::move(text))
                              : (options.by_widest ? resize_to_widest : resize_to)(rule.bind(keys, size), how, text);
    if (options.floats) {
      keys.not_built("size", "Pillow's functions resize no floats as torchvision's do", Toolkit::pillow);
      operation.text += ", of floats";
      operation.floats = true;
      operation.resizes = false;
      operation.extend = [resize = std::move(operation.extend)](Draft& draft) {
        for (Picture& picture : draft.pictures) picture.rounds = false;
        resize(draft);
      };
    }
    return operation;
  };
  return {(options.always ? "resize!(" : "resize(") + name_of(rule.name, options), read};
}

}  // namespace kir
