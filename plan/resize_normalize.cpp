// The spec of a plain resize + centre crop + rescale + normalize, without a processor class.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "configuration/value_check.hpp"
#include "kir/error.hpp"
#include "kir/spec.hpp"
#include "plan/stages.hpp"

namespace kir {

namespace {

void check_edge(std::int64_t value, std::int64_t low, const char* argument) {
  if (value < low || value > kMaxEdge) {
    throw Error(ErrorCode::invalid_argument, argument,
                std::to_string(value) + " is not in " + std::to_string(low) + ".." + std::to_string(kMaxEdge));
  }
}

}  // namespace

ProcessorSpec resize_normalize_spec(const ResizeNormalize& request) {
  check_edge(request.height, 1, "height");
  check_edge(request.width, 1, "width");
  check_edge(request.crop_height, 0, "crop_height");
  check_edge(request.crop_width, 0, "crop_width");
  if ((request.crop_height == 0) != (request.crop_width == 0)) {
    throw Error(ErrorCode::invalid_argument, request.crop_height == 0 ? "crop_height" : "crop_width",
                "0 means no crop, but the other one is not 0");
  }
  if (request.resize_mode == ResizeMode::shortest_edge && request.height != request.width) {
    throw Error(ErrorCode::invalid_argument, "width",
                std::to_string(request.width) + " is not the height, " + std::to_string(request.height) +
                    "; with shortest_edge both are the short side");
  }
  check_positive(request.rescale_factor, "rescale_factor");
  check_channel_values(request.image_mean, request.image_std);

  ProcessorSpec spec;
  spec.source = spec.class_name = "resize_normalize";
  SizeKeys size;
  if (request.resize_mode == ResizeMode::shortest_edge) {
    size.shortest_edge = request.height;
  } else {
    size.height = request.height;
    size.width = request.width;
  }
  std::vector<Operation> operations;
  operations.push_back(resize_to(automatic_size(size), {request.resample, request.antialias}, "resize"));
  if (request.crop_height != 0) operations.push_back(window_to({request.crop_height, request.crop_width}));
  const std::size_t constants = std::max(request.image_mean.size(), request.image_std.size());
  operations.push_back(apply_steps(affine_steps(request.rescale_factor, request.image_mean, request.image_std),
                                   static_cast<std::int32_t>(constants)));
  operations.push_back(write_images());
  set_operations(spec, std::move(operations));
  return spec;
}

}  // namespace kir
