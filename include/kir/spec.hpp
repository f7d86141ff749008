// What a model wants of its images: a ProcessorSpec, read from a `preprocessor_config.json`-shaped file.
// Thread safety: a ProcessorSpec is plain data; all functions here are pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kir/plan.hpp"

namespace kir {

/// The pipeline families of transformers' image processors.
enum class Family : std::uint8_t {
  stretch,         ///< resize to a fixed height x width, aspect ignored; optional centre window
  shortest_crop,   ///< shortest edge to a length, optional centre window
  aligned,         ///< aspect-keeping or multiple-of size; the resized size is the output size (ragged)
  pad_multiple,    ///< no resize, padding to a multiple
  fit_pad,         ///< fit into a box, then padding to a fixed canvas
  batch_pad,       ///< aspect-keeping size, then padding to the largest of the batch, with a mask
  packed_patches,  ///< aspect-keeping size on a patch grid, patches of all images concatenated, a grid per image
  padded_patches,  ///< aspect-keeping size under a token budget, patches padded to a fixed count
  tiles,           ///< one or more resized canvases cut to equal tiles, plus a thumbnail
  warp,            ///< affine or grid warp per box
  pil_only,        ///< not a torchvision processor: numpy/Pillow or timm
};
const char* name_of(Family family);

/// How the resized size follows from the source size. Each is one pure function in plan/size_rules.cpp, with its
/// source. Named here: those of the families that the planner builds; the others arrive with their families.
enum class SizeRule : std::uint8_t {
  automatic,  ///< the keys of `size` decide (transformers' TorchvisionBackend.resize)
  fixed,      ///< (size.height, size.width)
  levit,
  poolformer,
  convnext,
  pp_lcnet,
  dpt,
  detr,
  smart_resize,  ///< Qwen2-VL: multiples of patch*merge within a pixel budget
  idefics3,
  pix2struct,
  unplanned,  ///< the class belongs to a family that is not built yet
};

/// The `size` (or `crop_size`, `pad_size`) dictionary of a configuration, in pixels unless the class says otherwise
/// (Qwen2-VL's shortest_edge and longest_edge are pixel counts). 0 = key absent.
struct SizeKeys {
  std::int64_t height = 0, width = 0;
  std::int64_t shortest_edge = 0, longest_edge = 0;
  std::int64_t max_height = 0, max_width = 0;
  friend bool operator==(const SizeKeys&, const SizeKeys&) = default;
};

/// When the affine (rescale, normalize) runs. What runs before the resize puts the resize into the float domain: a
/// canvas of f32 that is never rounded to levels.
enum class AffineOrder : std::uint8_t {
  after_resize,   ///< resize, crop, then rescale and normalize in one affine
  rescale_first,  ///< rescale, resize, crop, then normalize (DINOv3)
  before_resize,  ///< rescale and normalize, then resize (DepthPro)
};

/// What `do_pad` pads, with zeros unless said otherwise.
enum class PadRule : std::uint8_t {
  none,           ///< the class ignores do_pad
  batch,          ///< after the affine, bottom right, to pad_size or to the largest of the batch
  multiple,       ///< after the affine, centred, each edge up to a multiple of size_divisor
  square_source,  ///< before the resize, centred, to a square of the longer edge; filled with the mean's level
  fit_window,     ///< the resize keeps the aspect inside `size`; then a centre window of `size`, in the pixel domain
};

/// Facts of a processor class that its configuration does not show (reversed channels, ignored keys, ...).
/// The table of all 126 classes is plan/class_facts.cpp.
struct ClassFacts {
  std::string_view class_name = {};  ///< "CLIPImageProcessor"
  Family family = Family::stretch;
  SizeRule size_rule = SizeRule::unplanned;
  bool antialias = true;  ///< false: the class resizes without antialiasing
  AffineOrder affine = AffineOrder::after_resize;
  PadRule pad = PadRule::none;
  bool center_crops = true, rescales = true, normalizes = true;  ///< false: the class ignores do_center_crop, ...
  bool crops_source = false;      ///< the centre crop is of the source, before the resize (Perceiver)
  bool reverse_channels = false;  ///< BGR output; reversed after the affine, so a mean meets its input channel
  bool indexes_rgb = false;       ///< reverses by the indices 2, 1, 0: exactly three channels
  bool stacks = false;            ///< refuses a batch whose output shapes differ (others return a list)
  bool pixel_mask = false;        ///< do_pad adds a pixel_mask
  bool optional_divisor = false;  ///< without a size_divisor do_pad does nothing (PadRule::multiple; others refuse it)
  bool frames = false;            ///< a flat list of images is one video: (1, images, C, H, W)
  bool original_sizes = false, num_crops = false;  ///< small outputs of that name
  /// Why the planner refuses the class whatever its configuration; empty = it plans it. Else it names the family.
  std::string_view unsupported = {};
};

/// All classes, in alphabetical order.
const std::vector<ClassFacts>& class_facts();

/// A processor: the class's facts and its configuration's values, checked. Build one with parse_spec, load_spec or
/// resize_normalize_spec.
struct ProcessorSpec {
  std::string source;      ///< the file (or "<memory>"), for messages
  std::string class_name;  ///< e.g. "CLIPImageProcessor"
  ClassFacts facts;

  bool do_resize = true, do_center_crop = false, do_rescale = true, do_normalize = true, do_pad = false;
  bool do_convert_rgb = true;
  SizeKeys size, crop_size, pad_size;
  Filter filter = Filter::bilinear;
  bool antialias = true;
  bool lanczos_as_bicubic =
      false;                      ///< a configuration's LANCZOS: torchvision 0.26 takes bicubic instead; Pillow has it
  bool reverse_channels = false;  ///< the class's fact, unless the configuration turns it off
  double rescale_factor = 1.0 / 255.0;
  std::vector<double> image_mean, image_std;  ///< one value per channel, or one value for all

  // Parameters of some families; 0 or false where the class has no such key.
  double crop_pct = 0.0;                                                 // convnext, poolformer
  std::int64_t resize_short = 0, size_divisor = 0;                       // pp_lcnet; the padding classes
  bool keep_aspect_ratio = false;                                        // dpt
  std::int64_t ensure_multiple_of = 1;                                   // dpt
  bool rescale_offset = false, include_top = false;                      // EfficientNet
  std::int64_t patch_size = 0, merge_size = 0, temporal_patch_size = 0;  // packed patches
  std::int64_t patch_height = 0, patch_width = 0;                        // pix2struct
  std::int64_t max_patches = 0;                                          // pix2struct
  bool do_image_splitting = false, return_row_col_info = false;          // idefics3
  std::int64_t max_image_size = 0;                                       // idefics3: the tile's edge

  /// Empty when the planner builds this class with this configuration; else the reason, naming the family or the key.
  std::string unsupported;
  /// Keys of the file that have no meaning here (kept for the report, never silently dropped).
  std::vector<std::string> unknown_keys;
};

/// Parses the text of a `preprocessor_config.json` or of a `processor_config.json`. `source` names it in messages.
/// Accepts the class names of old files too: "CLIPImageProcessorFast", and "CLIPFeatureExtractor" under its own key.
/// Throws Error{invalid_argument, "SOURCE: KEY", ...} for malformed JSON and for a missing, contradictory, wrong-typed
/// or out-of-range key, naming the value and what is allowed. A class of a family that is not built parses, with
/// `unsupported` set.
ProcessorSpec parse_spec(std::string_view json_text, std::string source = "<memory>");

/// parse_spec of a file, or of a model's folder: of the image processor's part of its processor_config.json, else of
/// its preprocessor_config.json; where that names no class, the folder's config.json names the model.
/// Error{io} when it cannot be read.
ProcessorSpec load_spec(const std::string& path);

/// The seed API in C++: resize (+ centre crop), rescale, normalize, without a processor class.
enum class ResizeMode : std::uint8_t {
  square,         ///< to height x width, aspect ignored
  shortest_edge,  ///< the short side becomes `height` (== `width`), then a centre crop of crop_height x crop_width
};
struct ResizeNormalize {
  std::int64_t height = 0, width = 0;         ///< pixels, 1..kMaxEdge
  std::vector<double> image_mean, image_std;  ///< one value, or one per channel; std finite and > 0
  double rescale_factor = 1.0 / 255.0;        ///< finite, > 0
  Filter resample = Filter::bicubic;
  bool antialias = true;
  std::int64_t crop_height = 0, crop_width = 0;  ///< 0 = no crop
  ResizeMode resize_mode = ResizeMode::square;
};
ProcessorSpec resize_normalize_spec(const ResizeNormalize& request);

/// Tokens as Qwen2-VL has them, of images and clips whose sizes the caller has chosen.
struct Patchify {
  std::vector<double> image_mean, image_std;  ///< one value, or one per channel; std finite and > 0
  double rescale_factor = 1.0 / 255.0;        ///< finite, > 0
  Filter resample = Filter::bicubic;          ///< always antialiased
  std::int64_t patch = 0;                     ///< edge of a patch in pixels, 1..4096
  std::int64_t merge = 1;                     ///< tokens stand in blocks of merge x merge; 1 = row by row
  std::int64_t temporal = 1;                  ///< frames in a token, 1..4096
  /// Rows and columns in pixels that each frame is resized to: multiples of patch * merge, one size an item.
  std::vector<std::pair<std::int64_t, std::int64_t>> target_sizes;
  /// Images and clips as indices of frames. A clip is filled up to a multiple of `temporal` with its last frame.
  std::vector<std::vector<std::int64_t>> items;
};

/// The plan of resize_normalize_patchify: "pixel_values" (tokens, channels * temporal * patch * patch), in the order
/// YXyxctij, and "image_grid_thw" int64 (items, 3).
/// Throws Error{invalid_argument}, naming the member ("target_sizes[2]", "items[0]"), for what it does not allow.
Plan plan_patchify(const Patchify& request, std::span<const ImageSize> frames, const PlanOptions& options = {});

}  // namespace kir
