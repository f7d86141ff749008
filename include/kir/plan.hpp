// The one idea: every processor is a plan of resample jobs, and every backend runs the same plan.
// A Plan is immutable plain data: levels of jobs and fills that read images or canvases and write canvases or outputs.
// It holds no pixels and no weight tables, only their keys (Axis). Shareable between threads.
// Words:
//   level    of a plan: jobs and fills that run at once. A uint8 level, or levels alone: values 0..255 of samples.
//   step     one operation of an epilogue. (In kernels/cuda also 16 source rows, the unit of a tile: tile.hpp.)
//   canvas   an image between two levels of a plan.
//   probe    a question about an image's pixels that is asked before there is a plan.
//   support  what a backend can run (kir/backend.hpp). Where aten's formulas are: half the width of a filter's window.
//   round    to make a uint8 level of a sum.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kir/types.hpp"

namespace kir {

struct ProcessorSpec;

// ---------------------------------------------------------------------------------------------------------------------
// How a pixel is computed

/// Interpolation kernels. Radius in source pixels before widening: box 0.5, bilinear and hamming 1, bicubic 2,
/// lanczos3 3. bicubic has a = -0.5 when antialiased and a = -0.75 when not, as torch has.
enum class Filter : std::uint8_t { nearest, nearest_exact, box, bilinear, hamming, bicubic, lanczos3 };
const char* name_of(Filter filter);

/// What stands beyond the edge. Folded into the weight table: a kernel never sees it. The edge of renormalize and clamp
/// is that of the pixels that the axis's box touches, as if they had been cropped first; the box lies in the source.
/// The edge of the others is the source's: the box may reach beyond it, and taps may reach out of the box.
enum class Border : std::uint8_t {
  renormalize,  ///< the window is cut at the edge and its weights divided by their sum (antialiased torch, Pillow)
  clamp,        ///< the edge pixel repeats (torch without antialias)
  zero,         ///< a tap out there adds nothing
  reflect,      ///< mirrored at the centre of the edge pixel, which stands once (numpy and torch "reflect")
  symmetric,    ///< mirrored at the edge itself: the edge pixel stands twice (numpy "symmetric")
};

/// Whether the border says what stands beyond the source itself: taps and the box may be there.
constexpr bool goes_on_beyond(Border border) {
  return border == Border::zero || border == Border::reflect || border == Border::symmetric;
}

/// Whose weights and sums a resample has, to the bit where that is possible.
enum class Arithmetic : std::uint8_t {
  float32,       ///< torch CPU on float images: float32 weights and sums
  cuda_float32,  ///< torch CUDA: float32 weights and sums, in the order and with the fused products of aten's kernel
  torch_int16,   ///< torch CPU on uint8 images: int16 weights with a power-of-two scale of each axis
  pillow_int22,  ///< Pillow: integer weights in units of 2^-22
  cv2_int11,     ///< OpenCV: integer weights in units of 2^-11
};
const char* name_of(Arithmetic arithmetic);

/// What a caller asks for: the arithmetic, the rounding and the order of passes of a whole plan. plan/numerics.hpp has
/// a row for each.
enum class Numerics : std::uint8_t {
  float32,     ///< torch CPU on float input: float32 weights and sums, never rounded to levels. Has a bound, not bits.
  torch_cpu,   ///< torch CPU on uint8 input: int16 weights, uint8 after each pass
  torch_cuda,  ///< torchvision on CUDA uint8: float as aten's CUDA kernel, one half-even round to uint8 at the end
  pillow11,    ///< Pillow up to 12.1: 22-bit weights, uint8 after each pass, horizontal first
  pillow12,    ///< Pillow 12.2 and 12.3: the same, but the vertical pass comes first in very tall images
  pillow13,    ///< Pillow 13: the same, but the vertical pass comes first where it saves more
};
const char* name_of(Numerics numerics);

/// Whose functions a class calls around its resize, and for it.
enum class Toolkit : std::uint8_t {
  torchvision,  ///< transformers' TorchvisionBackend (image_processing_backends)
  pillow,       ///< its PilBackend: Pillow and numpy
};

/// One axis of a resample: `in` source pixels to `out`, of which the window [first, first + count) is computed.
/// This is the key of a weight table. The source interval [box_begin, box_end) maps to the `out` pixels; with
/// align_corners the centres of its first and last pixel map to those of the first and last output.
struct Axis {
  std::int32_t in = 0, out = 0, first = 0, count = 0;
  double box_begin = 0, box_end = 0;  ///< in source pixels, fractions allowed; {0, in} for the whole axis
  Filter filter = Filter::bilinear;
  Border border = Border::renormalize;
  bool antialias = true, align_corners = false;
  friend bool operator==(const Axis&, const Axis&) = default;
};

/// Which axes are resampled, and in which order. An axis that is not resampled is copied from its window [first, first
/// + count) of its box, which has whole pixels and lies in the source. (What is copied from beyond the source is
/// resampled by `nearest` to as many pixels as the box has.)
enum class Passes : std::uint8_t { copy, x, y, xy, yx };

constexpr bool resamples_x(Passes passes) {
  return passes != Passes::copy && passes != Passes::y;
}
constexpr bool resamples_y(Passes passes) {
  return passes != Passes::copy && passes != Passes::x;
}

/// Where a sample is rounded to a uint8 level: never (float domain), after the last pass, or after each pass.
enum class Round : std::uint8_t { never, last, each };

/// One operation of the affine, applied to float32 v of source channel c (a one-channel source: of output channel c).
struct Step {
  enum class Op : std::uint8_t {
    mul,    ///< v * c[channel]
    sub,    ///< v - c[channel]
    div,    ///< v / c[channel], a true division
    mix,    ///< every channel becomes c[0]*v0 + c[1]*v1 + c[2]*v2, summed left to right (grey)
    scale,  ///< v * (c[0] + c[1] + c[2]) of every channel, sum and product in double, rounded to float32 once (numpy)
  } op = Op::mul;
  Type rounded_to = Type::f32;  ///< f32, or f16/bf16: the result is rounded to nearest even in that type after the step
  float c[4] = {};
};

/// What happens to a resampled value before it is stored: steps in order, then one conversion to the target's type
/// (f16, bf16: nearest even; u8: nearest even, clamped to 0..255). Uint8-valued jobs may compile it to a 256-entry
/// table per channel.
struct Epilogue {
  std::vector<Step> steps;
};

// ---------------------------------------------------------------------------------------------------------------------
// Where a pixel goes

/// The offset of coordinate v along one axis, for every output layout in use (rows, tiles, all patch token orders), is
/// v / (unit*group) * outer + v / unit % group * middle + v % unit * inner, in elements.
struct Strides {
  std::int64_t outer = 0, middle = 0, inner = 1;
  std::int32_t unit = 1 << 30, group = 1;

  constexpr std::int64_t operator()(std::int64_t v) const {
    return v / (std::int64_t{unit} * group) * outer + v / unit % group * middle + v % unit * inner;
  }
};

/// Element (c, y, x) of a target is at base + c*channel + y(y) + x(x). A negative `channel` with a shifted base
/// reverses channels. `copies` > 1 repeats the element every `copy` elements (temporal patches).
struct Layout {
  std::int64_t base = 0, channel = 0;
  Strides y, x;
  std::int32_t copies = 1;
  std::int64_t copy = 0;
};

/// A contiguous CHW layout at `base` for canvases `height` x `width`.
constexpr Layout chw_layout(std::int64_t base, std::int64_t height, std::int64_t width) {
  return {base, height * width, Strides{0, 0, width}, Strides{0, 0, 1}, 1, 0};
}

/// An intermediate image, u8 or f32, contiguous CHW; lives in the workspace between two levels.
struct Buffer {
  Type type = Type::u8;
  std::int32_t channels = 3, height = 0, width = 0;
};

struct Source {
  enum class Kind : std::uint8_t { image, canvas } kind = Kind::image;
  std::int32_t index = 0;  ///< into Plan::images or Plan::canvases
  /// Quarter turns clockwise, 0..3, before anything else: the job's axes are those of the turned source, whose rows are
  /// columns of the source when `turn` is odd. One is torch.rot90(image, -1, (1, 2)).
  std::int32_t turn = 0;
};

struct Target {
  enum class Kind : std::uint8_t { output, canvas } kind = Kind::output;
  std::int32_t index = 0;  ///< into Plan::outputs or Plan::canvases
  Layout layout;           ///< of a canvas: chw_layout(0, height, width)
};

/// Resample `from`, turned, by (y, x), round, apply the epilogue, and store element (c, i, j) of the window at (c, at_y
/// + i, at_x + j) of `to`. `channels` is the number of output channels: the source's, or any number from a one-channel
/// source, which feeds them all.
struct Job {
  Source from;
  Axis y, x;
  Passes passes = Passes::xy;
  Arithmetic arithmetic = Arithmetic::float32;  ///< float32 wherever the source is a canvas of f32
  Round round = Round::never;
  std::int32_t channels = 3;
  std::int32_t epilogue = 0;  ///< into Plan::epilogues
  Target to;
  std::int32_t at_y = 0, at_x = 0;
};

/// Writes value[c] + ramp_y * y + ramp_x * x, converted to the target's type, to the rows [y0, y1) and columns [x0, x1)
/// of every channel. Padding, masks, and the row and column numbers of patch tokens, in output units (levels, on a u8
/// canvas).
struct Fill {
  Target to;
  std::int32_t y0 = 0, x0 = 0, y1 = 0, x1 = 0;
  std::int32_t channels = 1;
  double value[4] = {};
  double ramp_y = 0, ramp_x = 0;
};

/// Jobs and fills that may run in any order, at once: they read images and the canvases of earlier levels, and no two
/// of them write the same element. Over all levels every element of every output and canvas is written exactly once.
struct Level {
  std::vector<Job> jobs;
  std::vector<Fill> fills;
};

/// Whose an output is: the whole batch's, or image `index`'s alone, or sample `index`'s (a video, a list of images).
struct Share {
  enum class Kind : std::uint8_t { batch, image, sample } kind = Kind::batch;
  std::int32_t index = 0;  ///< into Plan::images, or of the sample; 0 for the batch
};

/// One tensor of the result, contiguous. A batch whose images (or samples) have different output shapes gives one
/// Output to each, in their order and all with the same key.
struct Output {
  std::string key;  ///< "pixel_values", "pixel_mask", "image_grid_thw", ...
  Type type = Type::f32;
  std::vector<std::int64_t> shape;
  Share of;
  std::vector<double>
      values;  ///< not empty: a small output that the plan alone knows (grids, sizes); backends leave it alone

  std::int64_t elements() const;
  std::size_t bytes() const { return static_cast<std::size_t>(elements()) * bytes_of(type); }
};

/// Everything a backend needs. At most 3 levels.
struct Plan {
  Numerics numerics = Numerics::float32;
  std::vector<ImageSize> images;
  std::vector<Level> levels;
  std::vector<Buffer> canvases;
  std::vector<Epilogue> epilogues;
  std::vector<Output> outputs;
};

// ---------------------------------------------------------------------------------------------------------------------
// Making a plan

/// The only pixel-dependent planning: a few numbers of one image that the plan needs.
struct Probe {
  enum class Kind : std::uint8_t { content_box, is_grey, mean_std } kind = Kind::mean_std;
  std::int32_t image = 0;
};
/// mean_std: mean and unbiased (n-1) standard deviation of all samples, in levels. content_box: [y0, y1) x [x0, x1).
/// is_grey: channels equal.
struct ProbeResult {
  double mean = 0, std = 0;
  std::int32_t y0 = 0, x0 = 0, y1 = 0, x1 = 0;
  bool is_grey = false;
};

enum class ChannelOrder : std::uint8_t { nchw, nhwc };

struct PlanOptions {
  Numerics numerics = Numerics::float32;
  /// Type of the pixel output: f32, f16, bf16 or u8. Default: f32, or u8 when neither rescale nor normalize is on and
  /// the numerics round.
  std::optional<Type> output_type;
  /// Layout of image-shaped outputs; patch layouts are the processor's own.
  ChannelOrder order = ChannelOrder::nchw;
  /// For the classes whose samples are lists of images (VideoMAE, Idefics3): how many consecutive images each sample
  /// has. Their sum is the number of images. Idefics3 takes samples of 0 images. Empty: all images are one sample.
  std::vector<std::int64_t> groups;
};

/// What plan() needs to know of the pixels of these images; usually nothing.
std::vector<Probe> probes(const ProcessorSpec& spec, std::span<const ImageSize> images);

/// The plan of one batch. Pure; microseconds; throws Error{invalid_argument} for an empty list, a side
/// outside 1..kMaxEdge, channels outside 1..4 or unlike the mean, a size that the processor itself refuses;
/// Error{unsupported} for what why_unsupported says and for numerics not built. `probe_results` answers probes(spec,
/// images), in order.
Plan plan(const ProcessorSpec& spec, std::span<const ImageSize> images, const PlanOptions& options = {},
          std::span<const ProbeResult> probe_results = {});

/// The plan of a stacked (count, channels, height, width) batch. count = 0 is allowed and gives outputs of 0 images.
Plan plan_stacked(const ProcessorSpec& spec, std::int64_t count, ImageSize size, const PlanOptions& options = {},
                  std::span<const ProbeResult> probe_results = {});

/// Throws Error{invalid_argument, "plan", ...} unless every index, window and written offset is in range, and every
/// element of every output (without values) and canvas is written exactly once. Slow (it visits every element): for
/// tests and for plans made by hand.
void validate(const Plan& plan);

}  // namespace kir
