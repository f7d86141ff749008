// Plans as a user gets them: of a class's configuration, for images of these sizes.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "kir/spec.hpp"

namespace kir::test {

/// A configuration of `class_name` that has these keys beside the class's own.
inline ProcessorSpec spec_of(const std::string& class_name, const std::string& keys = "") {
  return parse_spec("{\"image_processor_type\": \"" + class_name + "\"" + (keys.empty() ? "" : ", " + keys) + "}",
                    "config.json");
}

/// Sizes of images with three channels, of (height, width).
inline std::vector<ImageSize> rgb(std::initializer_list<std::pair<std::int32_t, std::int32_t>> sizes) {
  std::vector<ImageSize> images;
  for (const auto& [height, width] : sizes) images.push_back({3, height, width});
  return images;
}

/// Plausible answers to probes(spec, images).
inline std::vector<ProbeResult> answers(const ProcessorSpec& spec, const std::vector<ImageSize>& images) {
  ProbeResult answer;
  answer.mean = 120.5;
  answer.std = 61.25;
  return std::vector<ProbeResult>(probes(spec, images).size(), answer);
}

inline Plan plan_of(const ProcessorSpec& spec, const std::vector<ImageSize>& images, const PlanOptions& options = {}) {
  return plan(spec, images, options, answers(spec, images));
}

}  // namespace kir::test
