// A plan in the making: the pictures of a batch, which the stages of a recipe extend one after another.
//
// A picture is a job that has not been written yet: where it reads, the resample and the window that wait, the margins
// around them and the steps on their values. What a stage adds is folded into it while one job can still do both; what
// cannot be folded closes the picture into a canvas, and a picture that reads the canvas takes its place. So levels
// follow from dependencies, and steps that are equal are one epilogue.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "kir/error.hpp"
#include "kir/plan.hpp"
#include "kir/spec.hpp"
#include "plan/grid_rules.hpp"
#include "plan/size_rules.hpp"

namespace kir {

/// One call of plan(), checked: images in range, spec supported, numerics built.
struct Request {
  const ProcessorSpec& spec;
  std::span<const ImageSize> images;
  const PlanOptions& options;
  std::span<const ProbeResult> probe_results;
};

/// How many images each sample has, and how many the longest.
struct Samples {
  std::vector<std::int64_t> lengths;
  std::int64_t longest = 0;

  std::int64_t count() const { return static_cast<std::int64_t>(lengths.size()); }
  bool are_alike() const {
    return std::all_of(lengths.begin(), lengths.end(), [&](std::int64_t each) { return each == longest; });
  }
};
/// options.groups, or all images as one.
Samples samples_of(const Request& request);

[[noreturn]] inline void refuse_image(std::size_t index, const std::string& message) {
  throw Error(ErrorCode::invalid_argument, "images[" + std::to_string(index) + "]", message);
}

[[noreturn]] inline void refuse_channels(std::size_t index, std::int32_t channels, const std::string& message) {
  throw Error(ErrorCode::invalid_argument, "images[" + std::to_string(index) + "].channels",
              std::to_string(channels) + " channels" + message);
}

/// Refuses sides outside of 1..kMaxEdge: `size` is what the image of that index would be resized to.
void check_resized(std::int32_t index, Extent size);

/// How a resize interpolates.
struct Interpolation {
  Filter filter = Filter::bilinear;
  bool antialias = true;
  bool of_class = false;     ///< as a class asks for it: each toolkit reads that in its own way
  bool torchvision = false;  ///< the class hands torchvision its number: NEAREST is torchvision's nearest then
};

/// Where pixel_mask stands: the values of a processor's outputs, in their order, are a model's arguments.
enum class Mask : std::uint8_t { none, ahead, behind };  // of pixel_values

/// Rows [y0, y1) and columns [x0, x1).
struct Rectangle {
  std::int32_t y0, x0, y1, x1;
  friend bool operator==(const Rectangle&, const Rectangle&) = default;
};

/// A constant around what is inside, out to `edge`.
struct Margin {
  Rectangle edge;
  std::array<float, 4> value;  ///< as it was when it was added
  std::int32_t steps;          ///< of the picture, that had been added before it; later ones apply to it
};

/// One picture of the batch, behind the stages so far.
struct Picture {
  std::int32_t image = 0;  ///< of the request
  Source from;             ///< that image, or a canvas
  std::int32_t level = 0;  ///< of its job: behind the one that writes what it reads
  Extent source;           ///< of what it reads
  Rectangle box;           ///< the part of the source that it is made of
  std::int32_t channels = 0;
  bool rounds = true;  ///< it holds uint8 levels: a resample rounds as the numerics do. Floats are never rounded.

  bool resampled = false;  ///< a resize waits, if only to the same size
  Extent resized;          ///< what the box becomes
  Interpolation how;
  std::int32_t first_y = 0, first_x = 0;  ///< the window's first row and column in `resized`
  Rectangle content;                      ///< where the window stands, in the whole
  std::array<Margin, 3> margins{};        ///< from the inside out; the last reaches to the edges of the whole
  std::uint32_t margin_count = 0;
  Extent size;                         ///< of the whole, or of each tile that it is cut to
  std::int64_t rows = 0, columns = 0;  ///< of those tiles; 0: it is not cut

  std::int32_t steps = 0;   ///< a list of steps, of Draft::steps_of
  bool reversed = false;    ///< the output has the channels backwards
  Extent unpadded;          ///< `size` before the padding that a mask leaves out
  std::int64_t frames = 1;  ///< of the video that it is of

  bool is_cut() const { return rows != 0; }
  std::int64_t tiles() const { return is_cut() ? rows * columns : 1; }
  Extent whole() const { return is_cut() ? Extent{rows * size.height, columns * size.width} : size; }
};

class Draft {
 public:
  explicit Draft(const Request& request);

  const Request& request() const { return request_; }

  /// In the order of the images, and of what was made of each.
  std::vector<Picture> pictures;
  /// Of each image, where a stage has asked a grid rule; else empty.
  std::vector<Grid> grids;
  /// Of the pixel output.
  std::string pixel_key = "pixel_values";
  /// Of the padding, which pixel_mask says of the pictures.
  Mask mask = Mask::none;

  // ----- What stages do to a picture

  /// Resizes to `size`. Refuses sides outside of 1..kMaxEdge.
  void resize(Picture& picture, Extent size, Interpolation how);
  /// A centred window, 0 beyond the edges. image_processing_backends: TorchvisionBackend.center_crop, or Pillow's
  void window(Picture& picture, Extent size);
  /// Stands the picture at (y, x) of `size`, 0 around it; what is outside of `size` is cut off. On each axis it is
  /// inside, or it covers the axis.
  void place(Picture& picture, Extent size, std::int64_t y, std::int64_t x);
  /// A quarter turn clockwise of a picture that is not cut.
  void turn(Picture& picture);
  /// Stands the picture at (y, x) of a larger size, `value` around it.
  void pad(Picture& picture, Extent size, std::int64_t y, std::int64_t x, std::array<float, 4> value = {});
  /// Adds steps to some pictures; of a reversed one their constants are for the channels as they are then.
  void append(std::span<Picture> some, std::span<const Step> steps);
  /// Cuts it to equal tiles, row by row. They are one job until a stage moves their pixels.
  void cut(Picture& picture, Extent tile);
  /// Makes each tile of the pictures that are `cut` a picture of its own, which reads its part of what they read.
  void separate(const std::function<bool(const Picture&)>& cut);
  /// Writes the picture to a canvas, from which it is read from here on.
  void close(Picture& picture);
  /// close() unless nothing has been done to what it reads: then other pictures can read the same.
  void share(Picture& picture);

  const Grid& grid_of(const Picture& picture) const { return grids[static_cast<std::size_t>(picture.image)]; }
  std::span<const Step> steps_of(const Picture& picture) const;
  /// Whether values are no longer uint8 levels.
  bool is_float(const Picture& picture) const;

  // ----- What the last stage does

  /// The type of the pixel output: the caller's, else of floats the one that the last step rounds to, else what the
  /// processor returns of uint8 without steps.
  Type pixel_type(bool float_valued) const;
  /// Adds an output; returns its index. One with values is not written by a backend.
  std::int32_t add_output(std::string key, Type type, std::vector<std::int64_t> shape, Share of = {},
                          std::vector<double> values = {});
  /// Adds an int64 output of the plan's own numbers: a row of `columns` each, or of one column a number each.
  void add_numbers(std::string key, std::int64_t columns, std::vector<double> values);
  /// Throws Error{invalid_argument, "images", ...} when an output has more than kMaxElements elements. Offsets fit
  /// int64 then.
  void check_outputs() const;
  /// The level of the outputs: behind all canvases.
  Level& output_level();
  /// Contiguous from element `base` on; the tiles of a picture behind each other.
  static Layout layout_of(const Picture& picture, ChannelOrder order, std::int64_t base);
  /// The picture's job and margins, into `level`.
  void write(const Picture& picture, const Target& to, Level& level);

  /// The plan.
  Plan take() { return std::move(plan_); }

 private:
  std::int32_t list_of(std::span<const Step> head, std::span<const Step> tail);
  std::int32_t epilogue_of(std::int32_t list);
  Level& level(std::int32_t index);
  void fill_in(Job& job, const Picture& picture, const Target& to);

  const Request& request_;
  Plan plan_;
  std::vector<std::vector<Step>> lists_;  ///< of steps, each once; 0 is empty
  std::vector<std::int32_t> epilogues_;   ///< of each list, in the plan; -1: in no job yet
};

/// Fills the part of `edge` that is outside of `inside`: up to four rectangles of `fill`.
void fill_around(std::vector<Fill>& fills, Fill fill, const Rectangle& edge, const Rectangle& inside);

}  // namespace kir
