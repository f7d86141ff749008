// What a model wants of its images: a ProcessorSpec, read from a `preprocessor_config.json`-shaped file.
// Thread safety: a ProcessorSpec is plain data; all functions here are pure.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kir/plan.hpp"

namespace kir {

/// What a processor class returns for a batch.
enum class Returns : std::uint8_t {
  features,  ///< a dictionary; of images a list where the caller asks for no tensors
  pixels,    ///< the pixel values alone, which transformers puts into a dictionary
  pair,      ///< the pixel values and the sizes that the images were resized to, as `pixels`
  stacked,   ///< a dictionary with one tensor a key, whatever the caller asks for
  samples,   ///< as stacked; numbers an image in a list a sample
};
const char* name_of(Returns returns);

/// The lists of lists of images that a class takes (PlanOptions::groups).
enum class Groups : std::uint8_t {
  none,
  videos,   ///< a sample is a list of frames, at least one
  samples,  ///< a sample is a list of images, or none
};
const char* name_of(Groups groups);

/// The stages of a class with the values of a configuration in them. Immutable; shared by the copies of a spec.
struct ResolvedRecipe;

/// Which of a model's two processors a configuration is read for.
enum class Media : std::uint8_t {
  images,
  videos,  ///< each sample is a video: its frames are consecutive images (PlanOptions::groups)
};

/// A processor: its class's recipe with its configuration's values, checked. Build one with parse_spec, load_spec or
/// resize_normalize_spec.
struct ProcessorSpec {
  std::string source;      ///< the file (or "<memory>"), for messages
  std::string class_name;  ///< e.g. "CLIPImageProcessor"
  /// For people: what the images go through, a stage each, as "resize automatic shortest_edge 224, bicubic". A stage
  /// that the configuration switches off is not there.
  std::vector<std::string> stages;
  std::string writes;  ///< the stage that writes the outputs: images, stack, videos, samples, tokens or rows
  Returns returns = Returns::features;
  Groups groups = Groups::none;
  /// How many channels an image must have, unless it has one: as many as the mean and the standard deviation have
  /// values. 0: any number.
  std::int32_t channels = 0;
  /// Whether it resizes uint8 levels, and not floats: what it gives depends on how the numerics round then.
  bool resizes_levels = false;

  /// Empty when the planner builds this class with this configuration; else the reason, naming the class or the key:
  /// in torchvision's functions, and in Pillow's.
  std::string unsupported, unsupported_by_pillow;
  /// Keys of the file that have no meaning here (kept for the report, never silently dropped).
  std::vector<std::string> unknown_keys;

  std::shared_ptr<const ResolvedRecipe> recipe;  ///< what plan() runs; nullptr for a class that is not built
};

/// The one of the two reasons that holds with these numerics.
const std::string& why_unsupported(const ProcessorSpec& spec, Numerics numerics);

/// An image or video processor class of transformers 5.17.0.
struct ProcessorClass {
  std::string name;    ///< "CLIPImageProcessor"
  std::string recipe;  ///< its stages, in order: "resize(automatic) window(crop_size) affine ..."; empty: not built
};

/// All 126 classes of images, or all 30 of videos, in alphabetical order.
std::vector<ProcessorClass> processor_classes(Media media = Media::images);

/// Parses the text of a `preprocessor_config.json`, a `video_preprocessor_config.json` or a `processor_config.json`,
/// of which `media` chooses where it holds both processors. `source` names it in messages.
/// Accepts the class names of old files too: "CLIPImageProcessorFast", and "CLIPFeatureExtractor" under its own key.
/// Throws Error{invalid_argument, "SOURCE: KEY", ...} for malformed JSON and for a missing, contradictory, wrong-typed
/// or out-of-range key, naming the value and what is allowed. A class that is not built parses, with `unsupported`
/// set; nothing but its name is read then.
ProcessorSpec parse_spec(std::string_view json_text, std::string source = "<memory>", Media media = Media::images);

/// parse_spec of a file, or of a model's folder: of the image processor's part of its processor_config.json, else of
/// its preprocessor_config.json; with Media::videos of the video processor's part, else of its
/// video_preprocessor_config.json, else of the image processor's file. Where that names no class, the folder's
/// config.json names the model. Error{io} when it cannot be read.
ProcessorSpec load_spec(const std::string& path, Media media = Media::images);

/// Resize (and centre crop), rescale and normalize as one call, without a processor class: what resize_normalize of the
/// Python package asks for.
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
/// YXyx ctij, and "image_grid_thw" int64 (items, 3).
/// Throws Error{invalid_argument}, naming the member ("target_sizes[2]", "items[0]"), for what it does not allow.
Plan plan_patchify(const Patchify& request, std::span<const ImageSize> frames, const PlanOptions& options = {});

}  // namespace kir
