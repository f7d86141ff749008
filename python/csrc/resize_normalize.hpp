// The op behind kernel_image_resize.resize_normalize, where its arguments are explained; `request`: request.hpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tensors.hpp"

namespace kir::python {

/// dtype defaults to float32, device to the images'.
Tensor resize_normalize(std::vector<Tensor> images, bool stacked, std::string request,
                        std::optional<torch::headeronly::ScalarType> dtype, std::optional<Device> device);

/// Into `out`, whose dtype and device decide.
void resize_normalize_out(std::vector<Tensor> images, bool stacked, std::string request, Tensor out);

/// The bytes that resize_normalize allocates beside its result, and gives back.
std::int64_t workspace_bytes(std::vector<Tensor> images, bool stacked, std::string request,
                             std::optional<torch::headeronly::ScalarType> dtype, std::optional<Device> device);

}  // namespace kir::python
