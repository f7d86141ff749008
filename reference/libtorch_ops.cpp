#include "reference/libtorch_ops.hpp"

#include <ATen/ops/_upsample_bicubic2d_aa.h>
#include <ATen/ops/_upsample_bilinear2d_aa.h>
#include <ATen/ops/_upsample_nearest_exact2d.h>
#include <ATen/ops/add.h>
#include <ATen/ops/div.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/upsample_bicubic2d.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_nearest2d.h>

#include <array>

#include "reference/libtorch_support.hpp"

namespace kir::oracle {
namespace {

// c[0..channels) as channels x 1 x 1, without a copy.
at::Tensor constants_of(const Step& step, std::int64_t channels) {
  return at::from_blob(const_cast<float*>(step.c), {channels, 1, 1}, at::kFloat);
}

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

at::Tensor tensor_of(const ImageView& image) {
  const auto [channels, height, width] = image.size;
  if (image.stride_channel < 0 || image.stride_y < 0 || image.stride_x < 0) {
    const at::Tensor copy = at::empty({1, channels, height, width}, at::kByte);
    std::uint8_t* to = copy.mutable_data_ptr<std::uint8_t>();
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t y = 0; y < height; ++y) {
        const std::uint8_t* row = image.data + c * image.stride_channel + y * image.stride_y;
        for (std::int64_t x = 0; x < width; ++x) *to++ = row[x * image.stride_x];
      }
    }
    return copy;
  }
  // The batch stride is what torch itself would give a batch of one, so that no op takes HWC for CHW.
  const std::int64_t batch_stride = std::int64_t{channels} * height * width;
  return at::from_blob(const_cast<std::uint8_t*>(image.data), {1, channels, height, width},
                       {batch_stride, image.stride_channel, image.stride_y, image.stride_x}, at::kByte);
}

at::Tensor resize(const at::Tensor& image, const Job& job) {
  const std::array<std::int64_t, 2> size = {resamples_y(job) ? job.y.out : image.size(2),
                                            resamples_x(job) ? job.x.out : image.size(3)};
  if (image.size(2) == size[0] && image.size(3) == size[1]) return image;
  const Axis& axis = resamples_y(job) ? job.y : job.x;
  const bool antialias = axis.antialias;
  switch (axis.filter) {
    case Filter::nearest:
      return at::upsample_nearest2d(image, size);
    case Filter::nearest_exact:
      return at::_upsample_nearest_exact2d(image, size);
    case Filter::bilinear:
      return antialias ? at::_upsample_bilinear2d_aa(image, size, /*align_corners=*/false)
                       : at::upsample_bilinear2d(image, size, /*align_corners=*/false);
    case Filter::bicubic:
      return antialias ? at::_upsample_bicubic2d_aa(image, size, /*align_corners=*/false)
                       : at::upsample_bicubic2d(image, size, /*align_corners=*/false);
    case Filter::box:
    case Filter::hamming:
    case Filter::lanczos3:
      break;  // refused by supports()
  }
  return image;
}

at::Tensor apply(const Epilogue& epilogue, at::Tensor value, std::optional<at::Tensor> into) {
  for (const Step& step : epilogue.steps) {
    at::Tensor result = into ? *into : at::empty(value.sizes(), at::kFloat);
    const at::Tensor c = constants_of(step, value.size(0));
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
    }
    if (step.rounded_to != Type::f32) result.copy_(result.to(scalar_type(step.rounded_to)));
    into = value = result;
  }
  return value;
}

}  // namespace kir::oracle
