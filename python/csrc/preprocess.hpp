// The ops behind python/kernel_image_resize/_ops.py, where their arguments are explained.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "tensors.hpp"
#include "text.hpp"

namespace kir::python {

/// The outputs of the processor's plan, in its order: the tensors; their keys, a line each, as words_of has it; and the
/// image that a tensor is of (then its key comes again), or -1. `groups`: images of each sample; empty, one flat list.
std::tuple<std::vector<Tensor>, std::vector<std::int64_t>, std::vector<std::int64_t>> preprocess(
    const std::vector<Tensor>& images, bool stacked, const Text& config, const Text& numerics, const Text& backend,
    const std::optional<Device>& device, const std::vector<std::int64_t>& groups,
    const std::optional<torch::headeronly::ScalarType>& dtype, const Text& layout, const Text& input_layout);

/// What preprocess() would return for images of these sizes (channels, height, width of each, one after another): the
/// words of a JSON list of {key, image, type, shape, and values where the plan knows them}. ValueError where a shape
/// depends on pixels.
std::vector<std::int64_t> planned_outputs(const std::vector<std::int64_t>& image_sizes, const Text& config,
                                          const Text& numerics, const std::vector<std::int64_t>& groups,
                                          const std::optional<torch::headeronly::ScalarType>& dtype,
                                          const Text& layout);

/// What a configuration is understood as: the words of a JSON object of class_name, stages, writes, returns, groups,
/// resizes_levels (each as ProcessorSpec has it), unsupported (why it is not supported, or "") and unknown_keys (those
/// that have no meaning here).
std::vector<std::int64_t> processor_info(const Text& config);

}  // namespace kir::python
