// The size rules: what height and width an image is resized to. Each is a pure function with its source in transformers
// 5.17.0, and rounds as that source does. Python's int() cuts towards zero, its round() goes half to even, and a
// division of two integers is their correctly rounded quotient, as it is here while both are below 2^53.
#pragma once

#include <cstdint>
#include <string>

namespace kir {

/// Rows and columns, in pixels.
struct Extent {
  std::int64_t height = 0, width = 0;
  friend bool operator==(const Extent&, const Extent&) = default;
};

/// "480 x 640", for messages.
std::string text_of(Extent size);

namespace size_rules {

/// The short side becomes `edge`, the long one int(edge * long / short).
/// image_transforms.get_resize_output_image_size(default_to_square=False)
Extent shortest_edge(Extent image, std::int64_t edge);

/// The short side becomes `edge` unless the long one would exceed `longest`; then short = int(round(longest * short /
/// long)). image_transforms.get_size_with_aspect_ratio
Extent shortest_longest_edge(Extent image, std::int64_t edge, std::int64_t longest);

/// The largest size inside max_height x max_width: both sides times the smaller ratio, int().
/// image_utils.get_image_size_for_max_height_width
Extent max_height_width(Extent image, std::int64_t max_height, std::int64_t max_width);

/// shortest_edge of int(256 / 224 * edge). models/levit: LevitImageProcessor.resize
Extent levit(Extent image, std::int64_t edge);

/// int(crop * 256 / 224), the shortest edge of a crop. models/vjepa2: VJEPA2VideoProcessor.__init__
std::int64_t vjepa2_edge(std::int64_t crop);

/// shortest_edge of int(edge / crop_pct). models/poolformer: PoolFormerImageProcessor.resize; below 384 also
/// models/convnext: ConvNextImageProcessor.resize
Extent shortest_edge_over_crop(Extent image, std::int64_t edge, double crop_pct);

/// Both sides times resize_short / short, round(), then up to a multiple of `divisor`.
/// models/pp_lcnet: PPLCNetImageProcessor.get_image_size
Extent pp_lcnet(Extent image, std::int64_t resize_short, std::int64_t divisor);

/// round(ratio * side / multiple) * multiple with the ratio of each side to `target`, or with `keep_aspect_ratio` the
/// ratio nearer to 1 for both (the height's on a tie). models/dpt: get_resize_output_image_size
Extent dpt(Extent image, Extent target, bool keep_aspect_ratio, std::int64_t multiple);

/// Multiples of `factor` with min_pixels <= height * width <= max_pixels, the aspect kept as nearly as that allows:
/// round(), and floor or ceil where a bound is broken. models/qwen2_vl: smart_resize
/// Throws Error{invalid_argument, "images", ...} when one side is over 200 times the other.
Extent smart_resize(Extent image, std::int64_t factor, std::int64_t min_pixels, std::int64_t max_pixels);

/// smart_resize of an image that stands for `frames` of them, whose pixels count for the bounds; one with a side below
/// `factor` is first scaled up to it, int(). models/glm4v: smart_resize
Extent smart_resize_frames(Extent image, std::int64_t factor, std::int64_t min_pixels, std::int64_t max_pixels,
                           std::int64_t frames);

/// smart_resize_frames of a video, of at least `temporal` frames; whether a bound is broken is decided by their number
/// rounded to a multiple of it. models/qwen3_vl: smart_resize of the video processor
Extent smart_resize_video(Extent image, std::int64_t factor, std::int64_t min_pixels, std::int64_t max_pixels,
                          std::int64_t frames, std::int64_t temporal);

/// smart_resize; a side below `factor` first becomes it, and the other keeps the aspect, round(). models/paddleocr_vl:
/// smart_resize
Extent smart_resize_paddle(Extent image, std::int64_t factor, std::int64_t min_pixels, std::int64_t max_pixels);

/// Half the size, in multiples of `factor`, of an image scaled to a short side of at least sqrt(min_pixels) and a long
/// one of at most sqrt(max_pixels). models/glm_image: smart_resize
/// Throws Error{invalid_argument, "images", ...} for a side below `factor`, and when one is over 4 times the other.
Extent glm_image(Extent image, std::int64_t factor, std::int64_t min_pixels, std::int64_t max_pixels);

/// The grid (rows, columns) of at most max_tokens squares of `side` whose aspect is nearest the image's. Of grids that
/// are as near, the one that comes first in the set that the class makes of them. models/muse_glimmer: smart_resize
Extent muse_glimmer_grid(Extent image, std::int64_t side, std::int64_t max_tokens);

/// The long side becomes `longest` (at most 4096), the short one int() of the aspect, up to an even number.
/// models/idefics3: get_resize_output_image_size
Extent idefics3(Extent image, std::int64_t longest);

/// Both sides up to multiples of `tile`, the second from the aspect of the first.
/// models/idefics3: Idefics3ImageProcessor.resize_for_vision_encoder
Extent idefics3_tiles(Extent image, std::int64_t tile);

/// Both sides down to multiples of `divisor`. models/glpn: GLPNImageProcessor.resize
Extent floor_multiple(Extent image, std::int64_t divisor);

/// shortest_edge, up to multiples of `divisor`. models/textnet: TextNetImageProcessor.resize
Extent textnet(Extent image, std::int64_t edge, std::int64_t divisor);

/// Which side a limit is of: it lowers the long one, raises the short one, or is the long one.
enum class Limit : std::uint8_t { max, min, resize_long };

/// The limit's ratio of both sides, int(); beyond `longest` (0: no bound) once more; round() to multiples of 32.
/// models/pp_ocrv5_server_det: PPOCRV5ServerDetImageProcessor.get_image_size
Extent text_page(Extent image, std::int64_t side, Limit limit, std::int64_t longest);

/// The height of `least`, the width of the aspect, at most `longest`.
/// models/pp_ocrv5_server_rec: PPOCRV5ServerRecImageProcessor.get_target_size, of the widest image of a batch
Extent text_line(Extent widest, Extent least, std::int64_t longest);

/// The long side becomes `longest`, both int(side * scale + 0.5). models/sam: SamImageProcessor._get_preprocess_shape
Extent sam(Extent image, std::int64_t longest);

/// The long side becomes `longest`, the short one int() of the aspect. models/tvp: TvpImageProcessor.resize
Extent tvp(Extent image, std::int64_t longest);

/// The short side becomes `shorter`, unless the long one would exceed int(1333 / 800 * shorter); int(side + 0.5), down
/// to multiples of `divisor`. models/vilt: ViltImageProcessor.resize, models/bridgetower: get_resize_output_image_size
Extent vilt(Extent image, std::int64_t shorter, std::int64_t divisor);

/// shortest_longest_edge, down to multiples of 16. models/yolos: get_size_with_aspect_ratio_yolos
Extent yolos(Extent image, std::int64_t edge, std::int64_t longest);

/// Inside of `most` by floor() of the ratio, up to whole patches. models/pixtral: get_resize_output_image_size
Extent pixtral(Extent image, Extent most, Extent patch);

/// The long side becomes `edge`: round(side * (edge / long)), at least `least`. models/janus:
/// JanusImageProcessor.resize
Extent janus(Extent image, std::int64_t edge, std::int64_t least);
/// No side longer than that of `target`, the long one of an image that is not square exactly, the short one int() of
/// the aspect. models/donut: DonutImageProcessor.thumbnail
Extent thumbnail(Extent image, Extent target);

/// The patch grid (rows, columns) of at most max_patches patches that keeps the aspect.
/// models/pix2struct: Pix2StructImageProcessor.extract_flattened_patches
Extent pix2struct_grid(Extent image, std::int64_t max_patches, Extent patch);

/// The same with another root. models/kosmos2_5: Kosmos2_5ImageProcessor.extract_flattened_patches
Extent kosmos2_5_grid(Extent image, std::int64_t max_patches, Extent patch);

/// Both sides times the largest scale, by bisection, that gives at most max_patches patches, up to multiples of a
/// patch. models/siglip2: get_image_size_for_max_num_patches
Extent naflex(Extent image, std::int64_t patch, std::int64_t max_patches);

/// Multiples of patch * kernel that keep the aspect in max_patches patches, which have room for several of them.
/// models/gemma4: get_aspect_ratio_preserving_size, whose own refusals need less room
Extent gemma4(Extent image, std::int64_t patch, std::int64_t kernel, std::int64_t max_patches);

}  // namespace size_rules

/// The offset of a centred window of `window` out of `size` >= window: int((size - window) / 2.0).
/// image_processing_backends: TorchvisionBackend.center_crop
constexpr std::int64_t center_offset(std::int64_t size, std::int64_t window) {
  return (size - window) / 2;
}

/// `value` up to a multiple of `multiple`: math.ceil(value / multiple) * multiple.
constexpr std::int64_t up_to_multiple(std::int64_t value, std::int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

}  // namespace kir
