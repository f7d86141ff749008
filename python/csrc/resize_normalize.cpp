#include "resize_normalize.hpp"

#include <algorithm>
#include <functional>
#include <span>
#include <string>

#include "errors.hpp"
#include "request.hpp"
#include "target.hpp"

namespace kir::python {

namespace {

/// A processor pads what is smaller than its crop; this call refuses it.
void check_crop(const Plan& plan, const std::vector<std::int64_t>& crop) {
  if (crop.empty()) return;
  for (const Level& level : plan.levels) {
    for (const Job& job : level.jobs) {
      if (crop[0] <= job.y.out && crop[1] <= job.x.out) continue;
      throw_value_error("crop_size", text_of_shape(crop.data(), 2) + " is larger than images[" +
                                         std::to_string(job.from.index) + "] resized, (" + std::to_string(job.y.out) +
                                         ", " + std::to_string(job.x.out) + ")");
    }
  }
}

Plan plan_of(const Request& request, const Images& images, Type type) {
  PlanOptions options = request.options;
  options.output_type = type;
  Plan made = python::plan_of(images, request.spec, options, {});
  if (made.outputs.size() != 1) {
    throw_value_error("images", "have different numbers of channels, which cannot share one tensor");
  }
  check_crop(made, request.crop_size);
  return made;
}

Type type_of_out(const Tensor& out) {
  std::int32_t layout = 0;
  TORCH_ERROR_CODE_CHECK(aoti_torch_get_layout(out.get(), &layout));
  if (layout != aoti_torch_layout_strided()) throw_type_error("out", "is not dense; torch.strided is allowed");
  const std::optional<Type> type = type_of(out);
  if (type && (*type == Type::f32 || *type == Type::f16 || *type == Type::bf16 || *type == Type::u8)) return *type;
  throw_type_error("out", "is of dtype " + dtype_name(out) + "; float32, float16, bfloat16 and uint8 are allowed");
}

void check_out(const Tensor& out, const Output& output, const Target& target) {
  const bool same_device = out.is_cpu() == target.device().is_cpu() &&
                           (out.is_cpu() || (out.is_cuda() && out.get_device_index() == target.device().index()));
  if (!same_device) throw_value_error("out", "is not on " + text_of(target.device()) + ", where the result is made");
  const auto sides = out.sizes();
  if (!std::equal(sides.begin(), sides.end(), output.shape.begin(), output.shape.end())) {
    throw_value_error("out", "has shape " + text_of_shape(sides.data(), sides.size()) + "; " +
                                 text_of_shape(output.shape.data(), output.shape.size()) + " is allowed");
  }
  if (!out.is_contiguous()) throw_value_error("out", "is not contiguous, as it must be");
}

/// Images are read while the output is written, in no order.
void check_apart(const OutputView& out, std::span<const ImageView> images) {
  const auto* const begin = static_cast<const std::uint8_t*>(out.data);
  for (std::size_t i = 0; i < images.size(); ++i) {
    const ImageView& image = images[i];
    const std::uint8_t* const last = image.data + (image.size.channels - 1) * image.stride_channel +
                                     (image.size.height - 1) * image.stride_y + (image.size.width - 1) * image.stride_x;
    if (std::less<>()(last, begin) || !std::less<>()(image.data, begin + out.bytes)) continue;
    throw_value_error("out", "shares memory with images[" + std::to_string(i) + "], which it must not");
  }
}

}  // namespace

Tensor resize_normalize(const std::vector<Tensor>& images, bool stacked, const Text& request,
                        const std::optional<torch::headeronly::ScalarType>& dtype,
                        const std::optional<Device>& device) {
  return translated([&] {
    const auto wanted = request_of(request.view());
    const Images read = read_images(images, stacked, wanted->hwc);
    const Plan plan = plan_of(*wanted, read, output_type(dtype).value_or(Type::f32));
    const Target target(read, device, wanted->backend);
    const Output& output = plan.outputs[0];
    Tensor result = target.empty(output.type, output.shape);
    const OutputView view = view_of(result, output.bytes());
    target.run(plan, read.views, {&view, 1}, images);
    return result;
  });
}

void resize_normalize_out(const std::vector<Tensor>& images, bool stacked, const Text& request, const Tensor& out) {
  translated([&] {
    const auto wanted = request_of(request.view());
    const Images read = read_images(images, stacked, wanted->hwc);
    const Plan plan = plan_of(*wanted, read, type_of_out(out));
    const Target target(read, out.is_cuda() ? std::optional<Device>(out.device()) : std::nullopt, wanted->backend);
    check_out(out, plan.outputs[0], target);
    const OutputView view = view_of(out, plan.outputs[0].bytes());
    check_apart(view, read.views);
    target.run(plan, read.views, {&view, 1}, images);
  });
}

std::int64_t workspace_bytes(const std::vector<Tensor>& images, bool stacked, const Text& request,
                             const std::optional<torch::headeronly::ScalarType>& dtype,
                             const std::optional<Device>& device) {
  return translated([&] {
    const auto wanted = request_of(request.view());
    const Images read = read_images(images, stacked, wanted->hwc);
    const Plan plan = plan_of(*wanted, read, output_type(dtype).value_or(Type::f32));
    return static_cast<std::int64_t>(Target(read, device, wanted->backend).workspace_bytes(plan, read.views));
  });
}

}  // namespace kir::python
