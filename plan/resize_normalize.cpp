// The spec of a plain resize + centre crop + rescale + normalize, without a processor class.
#include <string>

#include "kir/error.hpp"
#include "kir/spec.hpp"
#include "plan/spec_check.hpp"

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
  for (const auto* values : {&request.image_mean, &request.image_std}) {
    if (values->empty() || values->size() > 4) {
      throw Error(ErrorCode::invalid_argument, values == &request.image_mean ? "image_mean" : "image_std",
                  std::to_string(values->size()) + " values; one, or one a channel (1..4), are allowed");
    }
  }
  check_mean_std(request.image_mean, request.image_std, "");

  ProcessorSpec spec;
  spec.source = "resize_normalize";
  spec.class_name = "resize_normalize";
  spec.facts.class_name = "resize_normalize";
  spec.facts.size_rule = SizeRule::automatic;
  if (request.resize_mode == ResizeMode::shortest_edge) {
    spec.facts.family = Family::shortest_crop;
    spec.size.shortest_edge = request.height;
  } else {
    spec.facts.family = Family::stretch;
    spec.size.height = request.height;
    spec.size.width = request.width;
  }
  spec.do_center_crop = request.crop_height != 0;
  spec.crop_size.height = request.crop_height;
  spec.crop_size.width = request.crop_width;
  spec.filter = request.resample;
  spec.antialias = spec.facts.antialias = request.antialias;
  spec.rescale_factor = request.rescale_factor;
  spec.image_mean = request.image_mean;
  spec.image_std = request.image_std;
  return spec;
}

}  // namespace kir
