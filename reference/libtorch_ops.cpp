#include "reference/libtorch_ops.hpp"

#include <ATen/ops/_upsample_bicubic2d_aa.h>
#include <ATen/ops/_upsample_bilinear2d_aa.h>
#include <ATen/ops/_upsample_nearest_exact2d.h>
#include <ATen/ops/add.h>
#include <ATen/ops/div.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/flip.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/upsample_bicubic2d.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_nearest2d.h>

#include <array>
#include <cstdlib>

namespace kir::oracle {
namespace {

// One axis of a tensor over pixels: its stride is the image's without its sign.
struct Direction {
  std::int64_t count, stride, axis;
};

}  // namespace

at::ScalarType scalar_type(Type type) {
  switch (type) {
    case Type::u8:
      return at::kByte;
    case Type::boolean:
      return at::kBool;
    case Type::i32:
      return at::kInt;
    case Type::i64:
      return at::kLong;
    case Type::f16:
      return at::kHalf;
    case Type::bf16:
      return at::kBFloat16;
    case Type::f32:
      return at::kFloat;
  }
  return at::kFloat;
}

at::Tensor tensor_of(const ImageView& image, at::Device device) {
  const auto [channels, height, width] = image.size;
  const std::uint8_t* lowest = image.data;
  std::vector<std::int64_t> reversed;
  for (const Direction& d : {Direction{channels, image.stride_channel, 1}, Direction{height, image.stride_y, 2},
                             Direction{width, image.stride_x, 3}}) {
    if (d.stride >= 0) continue;
    lowest += d.stride * (d.count - 1);
    reversed.push_back(d.axis);
  }
  // The batch stride is what torch itself would give a batch of one, so that no op takes HWC for CHW.
  const std::int64_t batch_stride = std::int64_t{channels} * height * width;
  const at::Tensor pixels =
      at::for_blob(const_cast<std::uint8_t*>(lowest), {1, channels, height, width})
          .strides({batch_stride, std::abs(image.stride_channel), std::abs(image.stride_y), std::abs(image.stride_x)})
          .options(at::TensorOptions(at::kByte).device(device))
          .target_device(device)
          .make_tensor();
  return reversed.empty() ? pixels : at::flip(pixels, reversed).contiguous();
}

at::Tensor resize(const at::Tensor& image, const Job& job) {
  const std::array<std::int64_t, 2> size = {resamples_y(job.passes) ? job.y.out : image.size(2),
                                            resamples_x(job.passes) ? job.x.out : image.size(3)};
  if (image.size(2) == size[0] && image.size(3) == size[1]) return image;
  const Axis& axis = resamples_y(job.passes) ? job.y : job.x;
  const bool antialias = axis.antialias;
  switch (axis.filter) {
    case Filter::nearest:
      return at::upsample_nearest2d(image, size);
    case Filter::nearest_exact:
      return at::_upsample_nearest_exact2d(image, size);
    case Filter::bilinear:
      return antialias ? at::_upsample_bilinear2d_aa(image, size, /*align_corners=*/false)
                       : at::upsample_bilinear2d(image, size, axis.align_corners);
    case Filter::bicubic:
      return antialias ? at::_upsample_bicubic2d_aa(image, size, /*align_corners=*/false)
                       : at::upsample_bicubic2d(image, size, axis.align_corners);
    case Filter::box:
    case Filter::hamming:
    case Filter::lanczos3:
      break;  // refused by supports()
  }
  return image;
}

DeviceEpilogue::DeviceEpilogue(const Epilogue& epilogue, at::Device device) : steps(epilogue) {
  for (const Step& step : epilogue.steps) {
    constants.push_back(at::from_blob(const_cast<float*>(step.c), {4, 1, 1}, at::kFloat).to(device));
  }
}

at::Tensor apply(const DeviceEpilogue& epilogue, at::Tensor value, std::optional<at::Tensor> into) {
  for (std::size_t i = 0; i < epilogue.steps.steps.size(); ++i) {
    const Step& step = epilogue.steps.steps[i];
    at::Tensor result = into ? *into : at::empty(value.sizes(), value.options().dtype(at::kFloat));
    const at::Tensor c = epilogue.constants[i].narrow(0, 0, value.size(0));
    switch (step.op) {
      case Step::Op::mul:
        at::mul_out(result, value, c);
        break;
      case Step::Op::sub:
        at::sub_out(result, value, c);
        break;
      case Step::Op::div:
        at::div_out(result, value, c);
        break;
      case Step::Op::mix:
        result.copy_(value[0].mul(step.c[0]).add(value[1].mul(step.c[1])).add(value[2].mul(step.c[2])));
        break;
      case Step::Op::scale:
        result.copy_(value.to(at::kDouble).mul(double(step.c[0]) + double(step.c[1]) + double(step.c[2])));
        break;
    }
    if (step.rounded_to != Type::f32) result.copy_(result.to(scalar_type(step.rounded_to)));
    into = value = result;
  }
  return value;
}

}  // namespace kir::oracle
