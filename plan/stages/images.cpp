#include "plan/stages.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace kir {

namespace {

bool same_shape(const Picture& a, const Picture& b) {
  return a.channels == b.channels && a.size == b.size;
}

}  // namespace

void check_stack(const Draft& draft, std::size_t first, std::size_t count) {
  for (std::size_t i = first; i < first + count; ++i) {
    const Picture& picture = draft.pictures[i];
    if (same_shape(picture, draft.pictures[first])) continue;
    refuse_image(static_cast<std::size_t>(picture.image),
                 "becomes " + text_of(picture.size) + " of " + std::to_string(picture.channels) + " channels, images[" +
                     std::to_string(draft.pictures[first].image) + "] another shape; " +
                     draft.request().spec.class_name + " stacks them");
  }
}

bool are_alike(const std::vector<Picture>& pictures) {
  return std::all_of(pictures.begin(), pictures.end(),
                     [&](const Picture& each) { return same_shape(each, pictures[0]); });
}

namespace {

// ---------------------------------------------------------------------------------------------------------------------
// Outputs

/// Where a picture stands: in which output, behind how many others.
struct Stand {
  std::int32_t output = 0;
  std::int64_t index = 0;
};

std::int32_t add_pixels(Draft& draft, const Picture& like, std::initializer_list<std::int64_t> stacked, Type type,
                        Share of) {
  std::vector<std::int64_t> shape = stacked;
  const Extent size = like.size;
  const bool last = draft.request().options.order == ChannelOrder::nhwc;
  for (const std::int64_t side : last ? std::array{size.height, size.width, std::int64_t{like.channels}}
                                      : std::array{std::int64_t{like.channels}, size.height, size.width}) {
    shape.push_back(side);
  }
  return draft.add_output(draft.pixel_key, type, std::move(shape), of);
}

/// One output for all, tiles behind each other; or where shapes differ one an image.
std::vector<Stand> stand_images(Draft& draft, Type type) {
  const std::vector<Picture>& pictures = draft.pictures;
  std::vector<Stand> stands(pictures.size());
  if (are_alike(pictures)) {
    std::int64_t count = 0;
    for (std::size_t i = 0; i < stands.size(); ++i) {
      stands[i].index = count;
      count += pictures[i].tiles();
    }
    const std::int32_t output = add_pixels(draft, pictures[0], {count}, type, {});
    for (Stand& stand : stands) stand.output = output;
    return stands;
  }
  for (std::size_t i = 0; i < stands.size(); ++i) {
    const bool is_image = pictures[i].tiles() == 1 && (i == 0 || pictures[i].image != pictures[i - 1].image);
    if (!is_image) check_stack(draft, 0, pictures.size());
    stands[i].output = add_pixels(draft, pictures[i], {}, type, {Share::Kind::image, pictures[i].image});
  }
  return stands;
}

/// One output for all samples of as many frames of one shape, else one a sample.
std::vector<Stand> stand_videos(Draft& draft, Type type) {
  const std::vector<Picture>& pictures = draft.pictures;
  const Samples samples = samples_of(draft.request());
  std::size_t first = 0;
  for (const std::int64_t count : samples.lengths) {
    check_stack(draft, first, static_cast<std::size_t>(count));
    first += static_cast<std::size_t>(count);
  }

  const bool one = are_alike(pictures) && samples.are_alike();
  std::vector<Stand> stands;
  stands.reserve(pictures.size());
  std::int32_t output = -1;
  if (one) output = add_pixels(draft, pictures[0], {samples.count(), samples.longest}, type, {});
  for (std::size_t sample = 0; sample < samples.lengths.size(); ++sample) {
    const Share of = {Share::Kind::sample, static_cast<std::int32_t>(sample)};
    if (!one) output = add_pixels(draft, pictures[stands.size()], {samples.lengths[sample]}, type, of);
    for (std::int64_t i = 0; i < samples.lengths[sample]; ++i) {
      stands.push_back({output, one ? static_cast<std::int64_t>(stands.size()) : i});
    }
  }
  return stands;
}

std::int32_t add_mask(Draft& draft) {
  const Extent size = draft.pictures[0].size;
  return draft.add_output("pixel_mask", Type::i64,
                          {static_cast<std::int64_t>(draft.pictures.size()), size.height, size.width});
}

/// pixel_mask: 1 where the picture is, 0 in its padding.
void write_mask(const Picture& picture, std::int32_t output, std::int64_t index, Level& level) {
  const auto height = static_cast<std::int32_t>(picture.size.height);
  const auto width = static_cast<std::int32_t>(picture.size.width);
  Fill mask;
  mask.to = {Target::Kind::output, output, chw_layout(index * height * width, height, width)};
  mask.y1 = static_cast<std::int32_t>(picture.unpadded.height);
  mask.x1 = static_cast<std::int32_t>(picture.unpadded.width);
  fill_around(level.fills, mask, {0, 0, height, width}, {0, 0, mask.y1, mask.x1});
  mask.value[0] = 1;
  level.fills.push_back(mask);
}

using StandPictures = std::vector<Stand> (*)(Draft&, Type);

void write(Draft& draft, StandPictures stand) {
  const std::vector<Picture>& pictures = draft.pictures;
  const bool is_float =
      std::any_of(pictures.begin(), pictures.end(), [&](const Picture& picture) { return draft.is_float(picture); });
  std::int32_t mask = -1;
  if (draft.mask == Mask::ahead) mask = add_mask(draft);
  const std::vector<Stand> stands = stand(draft, draft.pixel_type(is_float));
  if (draft.mask == Mask::behind) mask = add_mask(draft);
  draft.check_outputs();

  Level& level = draft.output_level();
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const Picture& picture = pictures[i];
    const std::int64_t elements = picture.channels * picture.size.height * picture.size.width;
    const Layout layout = Draft::layout_of(picture, draft.request().options.order, stands[i].index * elements);
    draft.write(picture, {Target::Kind::output, stands[i].output, layout}, level);
    if (mask >= 0) write_mask(picture, mask, static_cast<std::int64_t>(i), level);
  }
}

Operation writing(StandPictures stand) {
  return {.text = {}, .extend = [stand](Draft& draft) { write(draft, stand); }, .keeps_tiles = stand == stand_images};
}

Stage writing(const char* name, StandPictures stand) {
  return {name, [stand](Keys&) { return writing(stand); }, true};
}

/// The height and width of each image in `of`'s sense: one output of a row an image, or, where the class keeps them as
/// tensors, one an image if the pixels have one.
void write_sizes(Draft& draft, const char* key, Type type, Extent (*of)(const Draft&, const Picture&)) {
  const bool apart = type == Type::f32 && !are_alike(draft.pictures);
  std::vector<double> values;
  for (const Picture& picture : draft.pictures) {
    const Extent size = of(draft, picture);
    values.insert(values.end(), {static_cast<double>(size.height), static_cast<double>(size.width)});
    if (!apart) continue;
    draft.add_output(key, type, {2}, {Share::Kind::image, picture.image}, std::exchange(values, {}));
  }
  const auto count = static_cast<std::int64_t>(draft.pictures.size());
  if (!apart) draft.add_output(key, type, {count, 2}, {}, std::move(values));
}

Operation sizes(const char* key, Type type, Extent (*of)(const Draft&, const Picture&)) {
  return {.text = std::string("and ") + key, .extend = [=](Draft& draft) { write_sizes(draft, key, type, of); }};
}

Extent source_size(const Draft& draft, const Picture& picture) {
  const ImageSize& image = draft.request().images[static_cast<std::size_t>(picture.image)];
  return {image.height, image.width};
}

}  // namespace

Operation write_images() {
  return writing(stand_images);
}

Stage images() {
  return writing("images", stand_images);
}

Stage images_stacked() {
  return writing("stack", [](Draft& draft, Type type) {
    check_stack(draft, 0, draft.pictures.size());
    return stand_images(draft, type);
  });
}

void write_videos(Draft& draft, const char* key) {
  draft.pixel_key = key;
  write(draft, stand_videos);
}

Stage videos(const char* key) {
  const auto read = [key](Keys&) {
    return Operation{.text = {}, .extend = [key](Draft& draft) { write_videos(draft, key); }};
  };
  return {"videos", read, true};
}

Stage original_sizes() {
  return {"original_sizes", [](Keys&) { return sizes("original_sizes", Type::i64, source_size); }};
}

Stage resized_sizes(const char* key) {
  const auto resized = [](const Draft&, const Picture& picture) { return picture.resized; };
  return {key, [=](Keys&) { return sizes(key, Type::i64, resized); }};
}

Stage target_sizes() {
  const auto read = [](Keys& keys) {
    if (keys.boolean("do_resize")) return sizes("target_sizes", Type::f32, source_size);
    return Operation{.text = {}, .extend = [](Draft& draft) { draft.add_output("target_sizes", Type::f32, {0}); }};
  };
  return {"target_sizes", read};
}

Stage num_crops() {
  const auto extend = [](Draft& draft) {
    draft.add_numbers("num_crops", 1, std::vector<double>(draft.pictures.size(), 0.0));
  };
  return {"num_crops", [=](Keys&) { return Operation{.text = "and num_crops", .extend = extend}; }};
}

}  // namespace kir
