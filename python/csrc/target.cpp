#include "target.hpp"

#include <algorithm>
#include <string>

#include "errors.hpp"
#include "kir/cpu.hpp"

namespace kir::python {

namespace {

using torch::headeronly::DeviceType;

const Backend& cpu_backend() {
  // Never destroyed: a thread may still run it when the process ends.
  static const Backend& backend = *make_cpu_backend().release();
  return backend;
}

Device wanted_device(const Device& images, const std::optional<Device>& device) {
  if (!device) return images;
  if (!device->is_cpu() && !device->is_cuda()) {
    throw_value_error("device", "is neither the CPU nor a CUDA device, which are allowed");
  }
  const bool same = device->type() == images.type() &&
                    (device->is_cpu() || !device->has_index() || device->index() == images.index());
  if (same) return images;
  if (images.is_cpu()) return *device;
  throw_value_error("device", text_of(*device) + ", but the images are on " + text_of(images) + "; " + text_of(images) +
                                  " is allowed, or images on the CPU");
}

Tensor make_empty(Type type, std::span<const std::int64_t> shape, std::int32_t device_type, std::int32_t index) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * std::max<std::int64_t>(shape[i], 1);
  AtenTensorHandle handle = nullptr;
  const auto status = aoti_torch_empty_strided(static_cast<std::int64_t>(shape.size()), shape.data(), strides.data(),
                                               dtype_of(type), device_type, index, &handle);
  if (status != AOTI_TORCH_SUCCESS) {
    throw_out_of_memory("a tensor of shape " + text_of_shape(shape.data(), shape.size()) + ", " + name_of(type) +
                        ", could not be allocated on " +
                        (device_type == aoti_torch_device_type_cpu() ? "the CPU" : "cuda:" + std::to_string(index)));
  }
  return Tensor(handle);
}

std::int64_t elements_of(std::span<const ImageView> images) {
  std::int64_t count = 0;
  for (const ImageView& image : images)
    count += std::int64_t{image.size.channels} * image.size.height * image.size.width;
  return count;
}

std::int64_t elements_of(const Plan& plan) {
  std::int64_t count = 0;
  for (const Output& output : plan.outputs) count += output.elements();
  return count;
}

template <class Value>
void write_values(const std::vector<double>& values, void* data) {
  auto* const out = static_cast<Value*>(data);
  for (std::size_t i = 0; i < values.size(); ++i) out[i] = static_cast<Value>(values[i]);
}

}  // namespace

Target::Target(const Images& images, const std::optional<Device>& device, std::string_view backend)
    : device_(wanted_device(images.device, device)) {
  if (backend != "separable" && backend != "fused") {
    throw_value_error("backend",
                      "\"" + std::string(backend) + "\" is unknown; \"separable\" and \"fused\" are allowed");
  }
  if (device_.is_cpu()) {
    backend_ = &cpu_backend();
    return;
  }
  backend_ = &cuda_backend(backend, images.device.is_cuda() ? "images" : "device");
  device_.set_index(index_of(device_));
  current_.emplace(device_.index());
  context_.stream = current_stream(device_.index());
  context_.host_images = images.device.is_cpu();
}

Tensor Target::empty(Type type, std::span<const std::int64_t> shape) const {
  if (device_.is_cpu()) return make_empty(type, shape, aoti_torch_device_type_cpu(), 0);
  return make_empty(type, shape, aoti_torch_device_type_cuda(), device_.index());
}

std::size_t Target::workspace_bytes(const Plan& plan, std::span<const ImageView> images) const {
  TorchExecutor executor(elements_of(images) + elements_of(plan));
  RunContext context = context_;
  context.executor = &executor;
  return backend_->workspace_bytes(plan, context);
}

std::vector<ProbeResult> Target::measure(std::span<const Probe> probes, std::span<const ImageView> images) const {
  if (probes.empty()) return {};
  TorchExecutor executor(elements_of(images));
  RunContext context = context_;
  context.executor = &executor;
  return backend_->measure(probes, images, context);
}

void Target::run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
                 const std::vector<Tensor>& tensors) const {
  TorchExecutor executor(elements_of(images) + elements_of(plan));
  RunContext context = context_;
  context.executor = &executor;

  // The allocator hands freed memory out again in stream order, so the workspace may go when run() returns.
  std::optional<Tensor> workspace;
  const auto allocate = [&](std::size_t bytes) -> Workspace {
    const auto count = static_cast<std::int64_t>(bytes);
    workspace = empty(Type::u8, {&count, 1});
    return {workspace->mutable_data_ptr(), bytes};
  };
  backend_->run_allocating(plan, images, outputs, allocate, context);
  if (context_.host_images) keep_pinned(tensors, context_.stream);
}

Tensor values_tensor(const Output& output) {
  Tensor tensor = make_empty(output.type, output.shape, aoti_torch_device_type_cpu(), 0);
  void* const data = tensor.mutable_data_ptr();
  switch (output.type) {
    case Type::i64:
      write_values<std::int64_t>(output.values, data);
      break;
    case Type::i32:
      write_values<std::int32_t>(output.values, data);
      break;
    case Type::f32:
      write_values<float>(output.values, data);
      break;
    default:
      throw Error(ErrorCode::unsupported, output.key,
                  std::string("values of type ") + name_of(output.type) + "; int64, int32 and float32 are built");
  }
  return tensor;
}

OutputView view_of(const Tensor& tensor, std::size_t bytes) {
  return {tensor.mutable_data_ptr(), bytes};
}

}  // namespace kir::python
