// Images and steps of a plan in ATen's terms: the few ops of which the oracle consists.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

#include "kir/plan.hpp"

namespace kir::oracle {

at::ScalarType scalar_type(Type type);

/// 1 x C x H x W on `device`, where the pixels are. A view of them, but for negative strides, which tensors do not
/// have: those give a flipped copy.
at::Tensor tensor_of(const ImageView& image, at::Device device);

/// The whole image, not only the job's window, as torchvision.transforms.v2.functional.resize_image resizes it.
/// `image` is 1 x C x H x W, uint8 or float; the result has the same type.
at::Tensor resize(const at::Tensor& image, const Job& job);

/// The steps of an epilogue and their constants on a device.
struct DeviceEpilogue {
  DeviceEpilogue(const Epilogue& epilogue, at::Device device);

  const Epilogue& steps;
  std::vector<at::Tensor> constants;  ///< 4 x 1 x 1 float32, one a step
};

/// `value` is channels x h x w in float. With `into`, a tensor of that shape, the first step writes there and the
/// others work in place.
at::Tensor apply(const DeviceEpilogue& epilogue, at::Tensor value, std::optional<at::Tensor> into);

}  // namespace kir::oracle
