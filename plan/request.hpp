// What the planners of the families share: one request, and the small decisions that are the same everywhere.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kir/error.hpp"
#include "kir/plan.hpp"
#include "kir/spec.hpp"
#include "plan/affine.hpp"
#include "plan/numerics.hpp"
#include "plan/size_rules.hpp"

namespace kir {

/// One call of plan(), checked: images in range, spec supported, numerics built.
struct Request {
  const ProcessorSpec& spec;
  std::span<const ImageSize> images;
  const PlanOptions& options;
  std::span<const ProbeResult> probe_results;
};

/// Throws what plan() throws for the request itself: an unsupported spec, numerics that are not built, images out of
/// range.
void check_request(const Request& request);

// One planner a family; plan() chooses by the class's size rule.
Plan plan_images(const Request& request);          ///< stretch, shortest_crop, batch_pad: image-shaped outputs
Plan plan_packed_patches(const Request& request);  ///< Qwen2-VL
Plan plan_padded_patches(const Request& request);  ///< Pix2Struct
Plan plan_tiles(const Request& request);           ///< Idefics3

// ---------------------------------------------------------------------------------------------------------------------

/// The samples of the request: options.groups, or all images as one.
std::vector<std::int64_t> samples_of(const Request& request);

[[noreturn]] inline void refuse_image(std::size_t index, const std::string& message) {
  throw Error(ErrorCode::invalid_argument, "images[" + std::to_string(index) + "]", message);
}

/// Puts a job into the float domain: it is never rounded to levels, whatever the numerics.
inline void set_float_domain(Job& job) {
  job.arithmetic = Arithmetic::float32;
  job.round = Round::never;
}

/// The type of the pixel output: the caller's, else float32, else what the processor returns of uint8 without an
/// affine.
Type pixel_type(const Request& request, bool float_valued);

/// One axis of a whole resize, in -> out, with the spec's filter.
Axis axis_of(const ProcessorSpec& spec, std::int64_t in, std::int64_t out);

/// An axis that is copied.
Axis identity_axis(std::int64_t size);

/// A job that resamples a whole source to `size`, window and target still to be set.
Job resize_job(const Request& request, Source from, Extent in, Extent out, std::int32_t channels);

/// A job that copies a whole source.
Job copy_job(const Request& request, Source from, Extent size, std::int32_t channels);

/// Throws unless both sides are in 1..kMaxEdge: `size` is what image `index` would be resized to.
void check_resized(std::size_t index, Extent size);

/// The target of a canvas, whole.
Target canvas_target(const Plan& plan, std::int32_t canvas);

/// Adds a canvas; returns its index.
std::int32_t add_canvas(Plan& plan, Type type, std::int32_t channels, Extent size);

/// Fills the part of [0, rows) x [0, columns) that is outside [y0, y1) x [x0, x1): up to four rectangles of `fill`.
void fill_around(std::vector<Fill>& fills, Fill fill, std::int64_t rows, std::int64_t columns, std::int64_t y0,
                 std::int64_t x0, std::int64_t y1, std::int64_t x1);

/// Throws Error{invalid_argument, "images", ...} when an output has more than kMaxElements elements. Planners call it
/// before they compute offsets, which then fit int64.
void check_outputs(const Plan& plan);

}  // namespace kir
