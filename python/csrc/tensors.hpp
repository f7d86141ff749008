// Between torch's tensors and the library's views: what an image and an output may be, and their types and shapes.
#pragma once

#include <torch/csrc/stable/device.h>
#include <torch/csrc/stable/tensor.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kir/plan.hpp"
#include "kir/types.hpp"

namespace kir::python {

using torch::stable::Device;
using torch::stable::Tensor;

/// The images of one call. Views point into the tensors, which the caller keeps.
struct Images {
  std::vector<ImageView> views;
  std::vector<ImageSize> sizes;
  Device device{torch::headeronly::DeviceType::CPU};
  bool stacked = false;  ///< one tensor of images of one size, perhaps of none
  ImageSize stacked_size;
};

/// Checks and views them. `tensors` are (C, H, W), or (H, W, C) when `hwc`; or, when `stacked`, one tensor with a first
/// dimension in front. ValueError for an empty list, numbers of dimensions and sizes that are not allowed, and mixed
/// devices; TypeError for what is not a dense uint8 tensor. The message names images[i].
Images read_images(const std::vector<Tensor>& tensors, bool stacked, bool hwc);

/// A plan of them.
Plan plan_of(const Images& images, const ProcessorSpec& spec, const PlanOptions& options,
             const std::vector<ProbeResult>& answers);

/// "cuda:1", "cpu"
std::string text_of(const Device& device);
/// "(2, 3)"
std::string text_of_shape(const std::int64_t* sides, std::size_t count);

/// The type that torch calls dtype; nothing when the library has no such type.
std::optional<Type> type_of(const Tensor& tensor);
std::int32_t dtype_of(Type type);
/// "float32", "quint8", ...: also of those that the library does not have.
std::string dtype_name(const Tensor& tensor);

/// The arguments `layout` ("NCHW", "NHWC") and `input_layout` ("CHW", "HWC"); ValueError for others.
ChannelOrder order_named(std::string_view layout);
bool is_hwc(std::string_view input_layout);

/// The argument `dtype`: float32, float16, bfloat16 or uint8, else ValueError.
std::optional<Type> output_type(const std::optional<torch::headeronly::ScalarType>& dtype);

}  // namespace kir::python
