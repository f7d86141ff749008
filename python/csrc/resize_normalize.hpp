// The op behind kernel_image_resize.resize_normalize, where its arguments are explained; `request`: request.hpp.
#pragma once

#include <optional>
#include <vector>

#include "tensors.hpp"
#include "text.hpp"

namespace kir::python {

/// dtype defaults to float32, device to the images'.
Tensor resize_normalize(const std::vector<Tensor>& images, bool stacked, const Text& request,
                        const std::optional<torch::headeronly::ScalarType>& dtype, const std::optional<Device>& device);

/// Into `out`, whose dtype and device decide.
void resize_normalize_out(const std::vector<Tensor>& images, bool stacked, const Text& request, const Tensor& out);

/// The bytes that resize_normalize allocates beside its result, and gives back.
std::int64_t workspace_bytes(const std::vector<Tensor>& images, bool stacked, const Text& request,
                             const std::optional<torch::headeronly::ScalarType>& dtype,
                             const std::optional<Device>& device);

}  // namespace kir::python
