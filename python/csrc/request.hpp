// What resize_normalize is asked to do with its images, as the text that is one argument of the op: a dozen arguments
// of their own would take torch's dispatcher longer than the planning takes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kir/plan.hpp"
#include "kir/spec.hpp"

namespace kir::python {

struct Request {
  ProcessorSpec spec;
  PlanOptions options;                  ///< all but output_type
  std::vector<std::int64_t> crop_size;  ///< height, width; empty, no crop
  std::string backend;
  bool hwc = false;
};

/// The parsed text, which python/kernel_image_resize/_resize_normalize.py writes: JSON with the keys size and crop_size
/// ([height, width]; crop_size may be null), image_mean, image_std (numbers, or what float() prints of one that is not
/// finite), rescale_factor, resample, antialias, resize_mode, backend, numerics, layout and input_layout. ValueError
/// naming the argument. Thread-safe, and quick for a text that came before.
std::shared_ptr<const Request> request_of(std::string_view text);

}  // namespace kir::python
