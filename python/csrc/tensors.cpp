#include "tensors.hpp"

#include <array>
#include <utility>

#include "errors.hpp"
#include "kir/spec.hpp"

namespace kir::python {

namespace {

using torch::headeronly::DeviceType;
using torch::headeronly::ScalarType;

std::int32_t raw_dtype(const Tensor& tensor) {
  std::int32_t dtype = 0;
  TORCH_ERROR_CODE_CHECK(aoti_torch_get_dtype(tensor.get(), &dtype));
  return dtype;
}

std::int32_t raw_layout(const Tensor& tensor) {
  std::int32_t layout = 0;
  TORCH_ERROR_CODE_CHECK(aoti_torch_get_layout(tensor.get(), &layout));
  return layout;
}

// Device::device() of a tensor on another accelerator than these throws without a name.
Device device_of(const Tensor& tensor, const std::string& argument) {
  if (tensor.is_cpu()) return Device(DeviceType::CPU);
  if (tensor.is_cuda()) return Device(DeviceType::CUDA, tensor.get_device_index());
  throw_value_error(argument, "is on a device that is neither the CPU nor CUDA");
}

std::string text_of_shape(const Tensor& tensor) {
  return python::text_of_shape(tensor.sizes().data(), tensor.sizes().size());
}

// The tensor's dimensions in an image's order.
struct Dimensions {
  std::size_t channel, y, x;
};

class Reader {
 public:
  Reader(const std::vector<Tensor>& tensors, bool stacked, bool hwc)
      : tensors_(tensors),
        stacked_(stacked),
        hwc_(hwc),
        at_(hwc ? Dimensions{2 + std::size_t{stacked}, std::size_t{stacked}, 1 + std::size_t{stacked}}
                : Dimensions{std::size_t{stacked}, 1 + std::size_t{stacked}, 2 + std::size_t{stacked}}) {}

  Images read() const {
    if (tensors_.empty()) throw_value_error("images", "the list is empty; give at least one image");
    Images images;
    images.stacked = stacked_;
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      const Tensor& tensor = tensors_[i];
      check_kind(tensor, i);
      const Device device = device_of(tensor, name(i));
      if (i == 0) {
        images.device = device;
        const std::size_t count = stacked_ ? static_cast<std::size_t>(tensor.size(0)) : tensors_.size();
        images.views.reserve(count);
        images.sizes.reserve(count);
      } else if (device != images.device) {
        throw_value_error(name(i), "is on " + text_of(device) + ", images[0] on " + text_of(images.device) +
                                       "; all must be on one device");
      }
      add(tensor, i, images);
    }
    return images;
  }

 private:
  std::string name(std::size_t i) const { return stacked_ ? "images" : "images[" + std::to_string(i) + "]"; }

  void check_kind(const Tensor& tensor, std::size_t i) const {
    if (raw_layout(tensor) != aoti_torch_layout_strided()) {
      throw_type_error(name(i), "is sparse or of another layout that is not dense; torch.strided is allowed");
    }
    if (raw_dtype(tensor) != aoti_torch_dtype_uint8()) {
      throw_type_error(name(i), "is of dtype " + dtype_name(tensor) + "; uint8 is allowed");
    }
    const std::size_t needed = stacked_ ? 4 : 3;
    if (tensor.sizes().size() != needed) {
      throw_value_error(name(i), "has " + std::to_string(tensor.sizes().size()) + " dimensions, shape " +
                                     text_of_shape(tensor) + "; " + allowed_shape() + " is allowed" +
                                     (stacked_ ? ", or a list of images" : ""));
    }
  }

  std::string allowed_shape() const { return std::string(stacked_ ? "(N, " : "(") + (hwc_ ? "H, W, C)" : "C, H, W)"); }

  ImageSize size_of(const Tensor& tensor, std::size_t i) const {
    const auto sides = tensor.sizes();
    if (sides[at_.channel] < 1 || sides[at_.channel] > 4) {
      throw_value_error(name(i), "has " + std::to_string(sides[at_.channel]) + " channels, shape " +
                                     text_of_shape(tensor) + " read as " + allowed_shape() + "; 1 to 4 are allowed" +
                                     (hwc_ ? "" : " (input_layout=\"HWC\" reads (H, W, C))"));
    }
    for (const std::size_t side : {at_.y, at_.x}) {
      if (sides[side] < 1 || sides[side] > kMaxEdge) {
        throw_value_error(name(i), std::string("has a ") + (side == at_.y ? "height" : "width") + " of " +
                                       std::to_string(sides[side]) + "; 1 to " + std::to_string(kMaxEdge) +
                                       " are allowed");
      }
    }
    return {static_cast<std::int32_t>(sides[at_.channel]), static_cast<std::int32_t>(sides[at_.y]),
            static_cast<std::int32_t>(sides[at_.x])};
  }

  void add(const Tensor& tensor, std::size_t i, Images& images) const {
    const auto strides = tensor.strides();
    const auto* data = static_cast<const std::uint8_t*>(tensor.const_data_ptr());
    const ImageSize size = size_of(tensor, i);
    const ImageView view{data, size, strides[at_.channel], strides[at_.y], strides[at_.x]};
    images.stacked_size = size;
    const std::int64_t count = stacked_ ? tensor.size(0) : 1;
    for (std::int64_t n = 0; n < count; ++n) {
      images.views.push_back(view);
      if (stacked_) images.views.back().data += n * strides[0];
      images.sizes.push_back(size);
    }
  }

  const std::vector<Tensor>& tensors_;
  bool stacked_, hwc_;
  Dimensions at_;
};

}  // namespace

Images read_images(const std::vector<Tensor>& tensors, bool stacked, bool hwc) {
  return Reader(tensors, stacked, hwc).read();
}

Plan plan_of(const Images& images, const ProcessorSpec& spec, const PlanOptions& options,
             const std::vector<ProbeResult>& answers) {
  if (!images.stacked) return plan(spec, images.sizes, options, answers);
  return plan_stacked(spec, static_cast<std::int64_t>(images.views.size()), images.stacked_size, options, answers);
}

std::string text_of(const Device& device) {
  if (device.is_cpu()) return "cpu";
  return device.has_index() ? "cuda:" + std::to_string(device.index()) : "cuda";
}

std::string text_of_shape(const std::int64_t* sides, std::size_t count) {
  std::string text = "(";
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : ", ") + std::to_string(sides[i]);
  return text + ")";
}

// ---------------------------------------------------------------------------------------------------------------------
// Types

namespace {

struct TypePair {
  Type type;
  std::int32_t (*dtype)();
};

constexpr std::array kTypes{
    TypePair{Type::u8, aoti_torch_dtype_uint8},    TypePair{Type::boolean, aoti_torch_dtype_bool},
    TypePair{Type::i32, aoti_torch_dtype_int32},   TypePair{Type::i64, aoti_torch_dtype_int64},
    TypePair{Type::f16, aoti_torch_dtype_float16}, TypePair{Type::bf16, aoti_torch_dtype_bfloat16},
    TypePair{Type::f32, aoti_torch_dtype_float32},
};

constexpr std::pair<const char*, std::int32_t (*)()> kOtherTypes[] = {
    {"float64", aoti_torch_dtype_float64}, {"int8", aoti_torch_dtype_int8},     {"int16", aoti_torch_dtype_int16},
    {"uint16", aoti_torch_dtype_uint16},   {"uint32", aoti_torch_dtype_uint32}, {"uint64", aoti_torch_dtype_uint64},
};

}  // namespace

std::optional<Type> type_of(const Tensor& tensor) {
  const std::int32_t dtype = raw_dtype(tensor);
  for (const TypePair& pair : kTypes) {
    if (pair.dtype() == dtype) return pair.type;
  }
  return std::nullopt;
}

std::int32_t dtype_of(Type type) {
  for (const TypePair& pair : kTypes) {
    if (pair.type == type) return pair.dtype();
  }
  throw_value_error("dtype", "has no counterpart in torch");  // unreachable: kTypes has them all
}

std::string dtype_name(const Tensor& tensor) {
  if (const std::optional<Type> type = type_of(tensor)) return name_of(*type);
  const std::int32_t dtype = raw_dtype(tensor);
  for (const auto& [name, code] : kOtherTypes) {
    if (code() == dtype) return name;
  }
  return "number " + std::to_string(dtype) + " (quantized, complex or float8)";
}

ChannelOrder order_named(std::string_view layout) {
  if (layout == "NCHW") return ChannelOrder::nchw;
  if (layout == "NHWC") return ChannelOrder::nhwc;
  throw_value_error("layout", "\"" + std::string(layout) + "\" is unknown; \"NCHW\" and \"NHWC\" are allowed");
}

bool is_hwc(std::string_view input_layout) {
  if (input_layout == "CHW") return false;
  if (input_layout == "HWC") return true;
  throw_value_error("input_layout",
                    "\"" + std::string(input_layout) + "\" is unknown; \"CHW\" and \"HWC\" are allowed");
}

std::optional<Type> output_type(const std::optional<ScalarType>& dtype) {
  if (!dtype) return std::nullopt;
  switch (*dtype) {
    case ScalarType::Float:
      return Type::f32;
    case ScalarType::Half:
      return Type::f16;
    case ScalarType::BFloat16:
      return Type::bf16;
    case ScalarType::Byte:
      return Type::u8;
    default:
      throw_value_error("dtype", std::string("torch's ") + torch::headeronly::toString(*dtype) +
                                     " is not one of float32, float16, bfloat16, uint8");
  }
}

}  // namespace kir::python
