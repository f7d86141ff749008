#include "plan/canvas_rule.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "plan/draft.hpp"

namespace kir {

namespace {

Extent largest(Extent a, Extent b) {
  return {std::max(a.height, b.height), std::max(a.width, b.width)};
}

Extent largest_of(const Draft& draft) {
  Extent most;
  for (const Picture& picture : draft.pictures) most = largest(most, picture.size);
  return most;
}

/// pad_size, of height and width; {0, 0} where there is none.
Extent read_pad_size(const Keys& keys) {
  const SizeKeys size = keys.size("pad_size", true);
  if (!(size == SizeKeys{}) && size.height == 0) {
    keys.refuse("pad_size", keys.text("pad_size") + " has no height and width");
  }
  return {size.height, size.width};
}

SizeOf always(Extent size) {
  return [size](Extent) { return size; };
}

Canvas bind_batch_max(Keys&) {
  return {.text = "the largest of the batch", .of_batch = largest_of};
}

/// image_processing_backends: TorchvisionBackend.pad
Canvas bind_batch(Keys& keys) {
  const Extent full = read_pad_size(keys);
  if (full.height == 0) return bind_batch_max(keys);
  return {.text = text_of(full), .of_each = always(full)};
}

/// models/tvp: TvpImageProcessor._preprocess pads frames of one size at a time.
Canvas bind_frames(Keys& keys) {
  const Extent full = read_pad_size(keys);
  if (full.height == 0) return {};
  return {.text = text_of(full), .of_each = always(full)};
}

Canvas bind_square(Keys&) {
  return {.text = "a square", .of_each = [](Extent size) {
            const std::int64_t edge = std::max(size.height, size.width);
            return Extent{edge, edge};
          }};
}

Canvas bind_divided(Keys& keys) {
  const std::int64_t divisor = keys.integer("size_divisor", 1, kMaxEdge, 0);
  if (divisor == 0) return {};
  return {.text = "multiples of " + std::to_string(divisor), .of_each = [divisor](Extent size) {
            return Extent{up_to_multiple(size.height, divisor), up_to_multiple(size.width, divisor)};
          }};
}

Canvas bind_multiple(Keys& keys) {
  if (keys.integer("size_divisor", 1, kMaxEdge, 0) == 0) keys.refuse_missing("size_divisor", "do_pad is true");
  return bind_divided(keys);
}

/// models/pp_ocrv5_server_rec: PPOCRV5ServerRecImageProcessor._preprocess: the width is that of the resize, also where
/// it is off.
Canvas bind_text_line(Keys& keys) {
  const Extent full = read_pad_size(keys);
  if (full.height == 0) keys.refuse_missing("pad_size", "do_pad is true");
  return {.text = text_of(full) + ", unless the lines are wider",
          .of_batch = [full, line = ocr_rec.bind(keys, read_size(keys, ocr_rec))](const Draft& draft) {
            const auto narrower = [](const ImageSize& a, const ImageSize& b) { return a.width < b.width; };
            const auto images = draft.request().images;
            const ImageSize& widest = *std::max_element(images.begin(), images.end(), narrower);
            return line({widest.height, widest.width}).width < full.width ? full : Extent{};
          }};
}

/// models/pixtral: PixtralImageProcessor._pad_for_batching adds what the resized image lacks, also to a crop of it;
/// the batch is then stacked.
Canvas bind_resized(Keys&) {
  return {.text = "the largest of the batch", .of_batch = [](const Draft& draft) {
            const std::vector<Picture>& pictures = draft.pictures;
            const Picture& first = pictures[0];
            const bool cropped = std::any_of(pictures.begin(), pictures.end(),
                                             [](const Picture& each) { return !(each.size == each.resized); });
            for (const Picture& picture : pictures) {
              if (!cropped || picture.resized == first.resized) continue;
              refuse_image(static_cast<std::size_t>(picture.image),
                           "is resized to " + text_of(picture.resized) + ", images[0] to " + text_of(first.resized) +
                               "; with do_center_crop " + draft.request().spec.class_name + " stacks one size alone");
            }
            return largest_of(draft);
          }};
}

}  // namespace

namespace canvases {

const CanvasRule batch = {"batch", bind_batch};
const CanvasRule batch_max = {"batch max", bind_batch_max};
const CanvasRule frames = {"frames", bind_frames};
const CanvasRule square = {"square", bind_square};
const CanvasRule multiple = {"multiple", bind_multiple};
const CanvasRule divided = {"multiple, if size_divisor", bind_divided};
const CanvasRule text_line = {"text line", bind_text_line};
const CanvasRule resized = {"resized", bind_resized};

}  // namespace canvases

}  // namespace kir
