// The ops behind python/kernel_image_resize/_ops.py, where their arguments are explained.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "tensors.hpp"

namespace kir::python {

/// The outputs of the processor's plan, in its order: the tensors, their keys, and the image that a tensor is of (then
/// its key comes again), or -1. `groups`: images of each sample; empty, one flat list.
std::tuple<std::vector<Tensor>, std::vector<std::string>, std::vector<std::int64_t>> preprocess(
    std::vector<Tensor> images, bool stacked, std::string config, std::string numerics, std::string backend,
    std::optional<Device> device, std::vector<std::int64_t> groups, std::optional<torch::headeronly::ScalarType> dtype,
    std::string layout, std::string input_layout);

/// What a configuration is understood as: class name, family, why it is not supported (or ""), and its keys that have
/// no meaning here.
std::tuple<std::string, std::string, std::string, std::vector<std::string>> processor_info(std::string config);

}  // namespace kir::python
