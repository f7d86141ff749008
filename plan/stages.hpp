// The stages that recipes are made of, and operations whose values a caller knows. Each stage reads the keys that it
// names; plan/stages/ has a file for each kind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/canvas_rule.hpp"
#include "plan/draft.hpp"
#include "plan/grid_rule.hpp"
#include "plan/size_rule.hpp"
#include "plan/stage.hpp"

namespace kir {

// Resizing

/// What a class's resize does otherwise than TorchvisionBackend.resize.
struct ResizeOptions {
  bool antialias = true;
  bool always = false;                ///< whatever do_resize says
  const char* on = "do_resize";       ///< its switch
  bool or_bicubic = false;            ///< Pillow's class is bicubic where `resample` is 0 or null: refused there
  bool floats = false;                ///< it makes floats of uint8 levels first
  bool by_widest = false;             ///< all become what the widest picture of the batch becomes
  std::optional<Filter> filter = {};  ///< in place of the key `resample`
  bool torchvision = false;           ///< resample is torchvision's: 0 is nearest, and there is no Lanczos
};

/// resize(rule): do_resize, size (unless the rule has keys of its own), resample, and the rule's keys.
Stage resize(const SizeRule& rule, ResizeOptions options = {});

/// The operation of a resize whose values are known.
Operation resize_to(SizeOf size_of, Interpolation how, std::string text);

// Parts and turns of the source

/// turn: do_align_long_axis, size: a quarter turn clockwise where the long axis is not that of `size`.
/// models/donut: DonutImageProcessor.align_long_axis
Stage turn();

// Windows: a centred part, 0 beyond the edges of the picture

/// window(crop_size): do_center_crop, crop_size.
Stage window();

/// window(crop_size.shortest_edge): do_center_crop, crop_size, squared. models/bridgetower
Stage window_of_shortest();

/// window(size): what ConvNext's and Sapiens2's resize ends with: do_resize, size; of ConvNext only below an edge of
/// 384, of Sapiens2 only with do_pad.
Stage window_of_convnext();
Stage window_of_sapiens2();

/// window(perceiver): do_center_crop, crop_size, size; of the source: an axis has int(size / crop_size * the short
/// side). models/perceiver: PerceiverImageProcessor.center_crop
Stage window_of_perceiver();

/// The operation of a window that is known.
Operation window_to(Extent size);

// Padding. Where it stands decides what its value goes through: before the affine a level, behind it 0

/// What a padding is filled with.
struct PadValue {
  const char* name;                         ///< as a row reads; empty: zeros
  std::vector<double> (*read)(Keys& keys);  ///< one value, or one a channel
  const char* key;                          ///< that messages name
};
namespace around {
extern const PadValue zeros;
extern const PadValue mean;             ///< int(image_mean * 255)
extern const PadValue background;       ///< of an image_mean in the file int(mean * 255), else 127
extern const PadValue constant_values;  ///< that key
}  // namespace around

struct PadOptions {
  bool centred = false;  ///< the near side with the smaller half; else the padding is at the bottom and the right
  const PadValue& value = around::zeros;
  Mask mask = Mask::none;
  bool always = false;  ///< whatever do_pad says
};

/// pad(CANVAS): do_pad, the canvas rule's keys, the value's. A picture that is larger than its canvas is refused.
Stage pad(const CanvasRule& rule, PadOptions options = {});

/// pad(batch), with pixel_mask where the class has one; Detr's older name of the switch is pad_and_return_pixel_mask.
Stage pad_batch(bool with_mask = false);

/// pad(multiple): centred. models/dpt: DPTImageProcessor.pad_image. Without a divisor the padding is refused, or if
/// `optional` left out.
Stage pad_multiple(bool optional = false);

/// pad(size): do_pad, size: centred in it, with 0, the near side with the smaller half; of a larger picture the near
/// side loses the larger half. models/donut: DonutImageProcessor.pad_image
Stage pad_size();

/// pad(square, mean): centred. models/llava: LlavaImageProcessor.pad_to_square
Stage pad_square();

// Values: rescale and normalize, as the installed transformers and torchvision run them in float32, in their order and
// with their constants. A step that changes nothing but the sign of zero (sub 0) is left in: the processor computes it

/// affine: do_rescale, rescale_factor, do_normalize, image_mean, image_std. Both in one where both are on:
///   sub f32(mean) * f32(1/scale), div by f32(std) * f32(1/scale)
///   (TorchvisionBackend._fuse_mean_std_and_rescale_factor)
/// rescale alone: mul f32(scale); normalize alone: sub f32(mean), div f32(std).
Stage affine();

/// affine(bf16), of Llama4: both on: in bfloat16, as the output is: mul, then sub and div by bfloat16 values.
/// models/llama4: Llama4ImageProcessor.rescale_and_normalize
Stage affine_bf16();

/// affine(offset), of EfficientNet: with rescale_offset mul, sub 1, then normalize, not in one; include_top divides by
/// f32(std) once more. A class that does not know rescale_offset (Vivit) has it always.
Stage affine_offset();

/// rescale, normalize: each alone, for classes that do something between them or ignore the other.
Stage rescale();
Stage normalize();

/// normalize(image): do_normalize; each image by its own mean and standard deviation, the latter at least 1 / sqrt of
/// its samples. models/pix2struct: Pix2StructImageProcessor.normalize
Stage normalize_by_image();

/// A rescale and a normalization as one affine.
std::vector<Step> affine_steps(double rescale_factor, const std::vector<double>& mean, const std::vector<double>& std);

/// The operation of steps that are known; their constants are for `constants` channels, 1: for any number.
Operation apply_steps(std::vector<Step> steps, std::int32_t constants);

// Channels

/// reverse(rgb): do_flip_channel_order where the class knows it, else always; by the indices 2, 1, 0: exactly three
/// channels.
Stage reverse_rgb();

/// reverse(all): do_flip_channel_order where the class knows it, else always; any number of channels.
Stage reverse_all();

// Tiles

/// grid(rule): the tiles of each image, by its size here. The rule's keys.
Stage grid(const GridRule& rule);

/// A size that a grid has.
struct GridSize {
  const char* name;
  Extent (*of)(const Draft&, const Picture&);
};
extern const GridSize canvas;   ///< of all tiles
extern const GridSize content;  ///< that stands on the canvas
extern const GridSize one_tile;

/// resize!(canvas), resize!(content), resize!(tile): resample; to a size of the image's grid, whatever do_resize says.
Stage resize(const GridSize& to, ResizeOptions options = {});

/// pad(canvas): bottom right, with 0, to the grid's canvas.
Stage pad_canvas();

/// cut: each picture, of the size of its grid's canvas, to the tiles, row by row.
Stage cut();

// Lists of stages in a list

/// Which images go through a list of a fork.
struct Condition {
  const char* name = "";
  bool (*holds)(const Draft&, const Picture&) = nullptr;  ///< nullptr: all of them
};
extern const Condition many_tiles;  ///< more than one

/// A switch that is no stage's own: a key, or what several say.
struct Switch {
  std::string name;
  std::function<bool(Keys&)> is_on;
};

/// A list of a fork.
struct Branch {
  Branch(std::initializer_list<Stage> list) : stages(list) {}

  std::vector<Stage> stages;
  Condition when = {};
  std::optional<Switch> on = {};
};
Branch only(Condition when, Branch branch);
Branch only(Switch on, Branch branch);

/// fork(list | list ...): every list has the pictures as they are here, and what comes of them goes on behind each
/// other, image by image. What lists read together is a canvas unless it is the image itself.
Stage fork(std::vector<Branch> branches);

/// ?switch[stages]: the stages, where the switch is on.
Stage where(Switch on, std::vector<Stage> stages);
/// The switch of a key.
Switch key(const char* name);
/// models/ovis2: Ovis2ImageProcessor._preprocess
Switch crops_to_patches();
/// vision_input_type is "thumb+tile". models/perception_lm: PerceptionLMImageProcessor._preprocess
Switch thumbnail_and_tiles();

// Outputs of tiles

/// samples: do_pad. A sample is a list of images and gives the tiles of all: pixel_values is (samples, tiles of the
/// longest, C, tile, tile). With do_pad zeros stand behind a shorter one, where pixel_attention_mask is 0; without, all
/// samples must have as many. A flat list of images is one sample. models/idefics3: Idefics3ImageProcessor._preprocess
Stage samples();

/// views: the tiles of an image are a tensor, (images, tiles, C, h, w); where images have different numbers or shapes,
/// (tiles, C, h, w) each.
Stage views();

/// views(max_image_tiles): a sample is a list of images, at least one: float32 (samples, images of the longest,
/// max_image_tiles, C, h, w), zeros behind the tiles of an image and the images of a sample. models/mllama:
/// pad_batches_and_tiles
Stage views_of_samples();

/// aspect_ratio_ids, aspect_ratio_mask, num_tiles: max_image_tiles. The number of the shape among all shapes, from 1
/// on; 1 for each tile, and for the first of an image that a sample has not; the tiles of each image, a sample's in a
/// row. models/mllama: convert_aspect_ratios_to_ids, build_aspect_ratio_mask
Stage aspect_ratio_ids();

/// num_patches: the tiles of an image, and the whole of it where it is more than one.
Stage num_patches();
/// grids, aspect_ratios: rows and columns of the tiles of an image.
Stage grids();
Stage aspect_ratios();
/// rows, cols: return_row_col_info: the numbers of tiles an image, 0 where it is one tile.
Stage rows_cols();

// Image-shaped outputs

/// images: pixel_values, one tensor for all, tiles as images in a row; or where shapes differ one an image. Behind
/// pixel_mask where the padding has one. The last stage of a recipe that names no other.
Stage images();

/// stack: images; refuses a batch whose shapes differ.
Stage images_stacked();

/// frames: the first of a video class: the frames of a video have one shape. frames(rgb): do_convert_rgb too: grey ones
/// become three channels; other numbers than 1 and 3 are refused, since an alpha channel is blended by its values.
/// video_processing_utils: BaseVideoProcessor.convert_to_rgb
Stage frames(bool rgb = true);

/// Whether all have one shape.
bool are_alike(const std::vector<Picture>& pictures);

/// Refuses the pictures [first, first + count) unless they have one shape.
void check_stack(const Draft& draft, std::size_t first, std::size_t count);

/// videos: each sample is a list of frames; (samples, frames, C, H, W), or where samples differ one tensor a sample,
/// under this key. The frames of one must have one shape.
Stage videos(const char* key = "pixel_values");

/// The outputs of videos.
void write_videos(Draft& draft, const char* key);

/// padded_videos: pixel_values_videos of all videos, zeros behind the shorter; of different lengths also
/// padding_mask_videos, boolean, the frames of each. Where frames of two videos have different shapes, as videos.
/// models/pe_video: PeVideoVideoProcessor._preprocess, for tensors
Stage padded_videos();

/// masked_videos: do_pad: pixel_values of all videos, zeros behind the shorter, and pixel_attention_mask, of every
/// frame the pixels that no padding is; without do_pad videos. models/smolvlm: SmolVLMVideoProcessor.pad
Stage masked_videos();

/// original_sizes, reshaped_input_sizes: size: height and width of each video, and of `size`. models/sam2_video
Stage video_sizes();

/// A key that has this value: the constructor of the class refuses others.
Stage requires_value(const char* key, std::int64_t value);

/// The operation of images.
Operation write_images();

/// original_sizes: the heights and widths of the images.
Stage original_sizes();

/// KEY: the heights and widths that the images were resized to.
Stage resized_sizes(const char* key);

/// target_sizes, of float32: do_resize: the heights and widths of the images. models/pp_ocrv5_server_det
Stage target_sizes();

/// num_crops: 0 an image, without pan-and-scan.
Stage num_crops();

// Patch tokens

/// An order of tokens, from the slowest axis to the fastest: rows Y and columns X of blocks of merge x merge tokens,
/// rows y and columns x of tokens in a block, and inside of a token its pixel rows i and pixel columns j, channels c
/// and slots t (frames). A word is a dimension of the output, the first that of the tokens: "YXyx ctij", Qwen2-VL's, is
/// (tokens, values), "YX c i j" (tokens, channels, rows, columns). Without merging Y and X alone.
using TokenOrder = std::string_view;

/// Whose the tokens are. Of images: pixel_values and image_grid_thw, the frames, rows and columns of tokens of each. Of
/// videos: pixel_values_videos and video_grid_thw.
enum class TokenGrid : std::uint8_t { images, videos };

/// tokens(ORDER): patch_size, where the order has y and x merge_size, where it has t temporal_patch_size: the tokens of
/// all images behind each other in pixel_values, and their grids. An image fills all slots of its tokens. The frames of
/// a video fill them one after another, the last all that are left over.
Stage tokens(TokenOrder order, TokenGrid grid = TokenGrid::images);

/// image_merge_sizes: merge_size, for each image.
Stage merge_sizes();

/// video_merge_sizes, video_compression_mask: merge_size, for each video, and true for each merged token of all.
/// models/video_llama_3: VideoLlama3VideoProcessor._preprocess without use_token_compression
Stage video_tokens_kept();

/// The rows of tokens that a class makes: of which size, how many, and what stands beside them.
struct TokenRows {
  const char* pixels = "pixel_values";  ///< key of their output
  std::int64_t header = 0;              ///< 2: a token is {row, column, values}, counted from 1
  Extent (*patch)(const Keys&);
  const char* sides;  ///< the keys that make the patch, for messages
  std::int64_t (*length)(const Keys&);
  const char* most;    ///< the keys that make the length
  const char* beside;  ///< key of the other output: 1 where a token is used, else 0; or positions
  Type type;
  bool positions = false;     ///< column and row of each token, -1 where it is not used
  std::int32_t channels = 0;  ///< that a picture must have here; 0: any number
  bool unfolds = false;       ///< uint8 levels are refused
};
extern const TokenRows pix2struct_rows;      ///< patch_size, max_patches: flattened_patches, attention_mask
extern const TokenRows kosmos2_5_rows;       ///< the same, of floats alone
extern const TokenRows naflex_rows;          ///< patch_size, max_num_patches: and pixel_attention_mask
extern const TokenRows gemma4_rows;          ///< patch_size, max_soft_tokens, pooling_kernel_size: image_position_ids
extern const TokenRows gemma4_unified_rows;  ///< the same, of patches that pooling_kernel_size has made one

/// rows(ORDER), rows(ORDER, header): each picture is a row of as many tokens, zeros behind the last that it has. One
/// with more is refused. models/pix2struct: extract_flattened_patches, models/siglip2: pad_along_first_dim
Stage token_rows(TokenOrder order, const TokenRows& kind);

/// spatial_shapes: patch_size: the rows and columns of each picture's tokens.
Stage spatial_shapes();

/// num_soft_tokens_per_image: patch_size, pooling_kernel_size: the number of each picture's squares of tokens.
Stage soft_token_counts();

/// width, height, rows, cols: patch_size: of each resized picture, in pixels and in patches.
Stage resized_grids();

/// The sides of tokens.
struct TokenSides {
  std::int64_t patch = 1, merge = 1, slots = 1;
};

/// Images and clips as lists of frames: item i has the next lengths[i] >= 1 of `frames`, indices into the request's
/// images. A clip is cut into groups of as many frames as a token has slots; its last frame fills the slots that are
/// left over, as an image fills them all.
struct Items {
  std::vector<std::int32_t> frames, lengths;
};

/// The outputs of tokens(ORDER), of these items.
void write_tokens(Draft& draft, TokenOrder order, const TokenSides& sides, const Items& items, TokenGrid grid);

}  // namespace kir
