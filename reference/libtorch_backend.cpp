#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/rot90.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>

#include <optional>

#include "kir/error.hpp"
#include "reference/libtorch_module.hpp"
#include "reference/libtorch_ops.hpp"
#include "reference/libtorch_store.hpp"
#include "reference/libtorch_support.hpp"
#include "reference/probes.hpp"

namespace kir {
namespace {

// `value` is channels x h x w, uint8 or float.
void finish(const Job& job, const oracle::DeviceEpilogue& epilogue, const at::Tensor& value,
            const oracle::Destination& to) {
  const oracle::Window window{job.to.layout, job.channels, job.at_y, job.at_x, job.y.count, job.x.count};
  at::Tensor result = value;
  if (!epilogue.constants.empty()) {
    const std::optional<at::Tensor> direct =
        to.elements.scalar_type() == at::kFloat ? oracle::view_of(window, to) : std::nullopt;
    result = oracle::apply(epilogue, value.to(at::kFloat), direct);
    if (direct) return;
  }
  oracle::write(window, to, result);
}

// Memory for the canvases of a plan.
std::vector<oracle::Destination> canvases_of(const Plan& plan, at::Device here) {
  std::vector<oracle::Destination> canvases;
  for (const Buffer& buffer : plan.canvases) {
    const std::int64_t elements = std::int64_t{buffer.channels} * buffer.height * buffer.width;
    canvases.push_back({at::empty({elements}, at::TensorOptions(oracle::scalar_type(buffer.type)).device(here))});
  }
  return canvases;
}

// The caller's outputs as tensors; undefined ones for those that no job writes.
std::vector<oracle::Destination> results_of(const Plan& plan, std::span<const OutputView> outputs, at::Device here) {
  std::vector<oracle::Destination> results;
  for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
    const Output& output = plan.outputs[i];
    if (!output.values.empty() || output.elements() == 0) {
      results.emplace_back();
      continue;
    }
    results.push_back({at::for_blob(outputs[i].data, {output.elements()})
                           .options(at::TensorOptions(oracle::scalar_type(output.type)).device(here))
                           .target_device(here)
                           .make_tensor()});
  }
  return results;
}

class LibtorchBackend final : public Backend {
 public:
  LibtorchBackend(std::string_view name, at::DeviceType device) : name_(name), type_(device) {}

  std::string_view name() const override { return name_; }
  MemorySpace memory() const override { return type_ == at::kCPU ? MemorySpace::host : MemorySpace::cuda; }

  Support supports(const Plan& plan) const override { return oracle::supports(plan, type_); }

  std::size_t workspace_bytes(const Plan&, const RunContext&) const override { return 0; }

  std::vector<ProbeResult> measure(std::span<const Probe> probes, std::span<const ImageView> images,
                                   const RunContext& context) const override {
    if (type_ == at::kCPU || context.host_images) return reference::measure(probes, images);
    check_probes(probes, images);
    std::vector<ImageView> views(images.begin(), images.end());
    std::vector<at::Tensor> copies;
    for (ImageView& view : views) {
      copies.push_back(oracle::tensor_of(view, device()).to(at::kCPU).contiguous());
      view = chw_view(copies.back().const_data_ptr<std::uint8_t>(), view.size);
    }
    return reference::measure(probes, views);
  }

  void run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
           Workspace workspace, const RunContext& context) const override {
    check_run(*this, plan, images, outputs, workspace, context);
    const c10::InferenceMode no_autograd;
    const at::Device here = device();
    c10::OptionalStreamGuard stream;
    if (context.stream != nullptr && type_ != at::kCPU) {
      // As c10::cuda::getStreamFromExternal packs it; that function is in a library that is not linked.
      stream.reset_stream(c10::Stream(c10::Stream::UNSAFE, here, reinterpret_cast<c10::StreamId>(context.stream)));
    }

    const std::vector<oracle::Destination> canvases = canvases_of(plan, here);
    const std::vector<oracle::Destination> results = results_of(plan, outputs, here);
    std::vector<oracle::DeviceEpilogue> epilogues;
    for (const Epilogue& epilogue : plan.epilogues) epilogues.emplace_back(epilogue, here);

    const auto destination = [&](const Target& to) -> const oracle::Destination& {
      return (to.kind == Target::Kind::output ? results : canvases)[std::size_t(to.index)];
    };
    const auto source = [&](const Source& from) -> at::Tensor {
      const auto index = std::size_t(from.index);
      if (from.kind == Source::Kind::image) {
        if (!context.host_images) return oracle::tensor_of(images[index], here);
        return oracle::tensor_of(images[index], at::kCPU).to(here, /*non_blocking=*/true);
      }
      const Buffer& buffer = plan.canvases[index];
      return canvases[index].elements.view({1, buffer.channels, buffer.height, buffer.width});
    };
    const auto run_job = [&](const Job& job) {
      at::Tensor image = source(job.from);
      if (job.from.turn != 0) image = at::rot90(image, -job.from.turn, {2, 3}).contiguous();
      if (job.round == Round::never && job.passes != Passes::copy) image = image.to(at::kFloat);
      const at::Tensor window = oracle::resize(image, job)[0]
                                    .narrow(1, job.y.first, job.y.count)
                                    .narrow(2, job.x.first, job.x.count)
                                    .expand({job.channels, job.y.count, job.x.count});
      finish(job, epilogues[std::size_t(job.epilogue)], window, destination(job.to));
    };
    try {
      for (const Level& level : plan.levels) {
        for (const Job& job : level.jobs) run_job(job);
        for (const Fill& fill : level.fills) oracle::write(fill, destination(fill.to));
      }
    } catch (const c10::Error& error) {
      throw Error(ErrorCode::unsupported, std::string(name_), error.what_without_backtrace());
    }
  }

 private:
  at::Device device() const {
    if (type_ == at::kCPU) return at::Device(at::kCPU);
    return c10::impl::VirtualGuardImpl(type_).getDevice();
  }

  std::string_view name_;
  at::DeviceType type_;
};

std::unique_ptr<Backend> make_backend() {
  return std::make_unique<LibtorchBackend>("libtorch", at::kCPU);
}

// torch's CUDA code registers itself with the dispatcher when its library is opened. Nothing of CUDA is linked here, so
// that the oracle on the CPU needs no driver and loads no gigabytes.
void open_torch_cuda() {
  static const std::string reason = []() -> std::string {
    if (dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr) return dlerror();
    try {
      if (at::globalContext().hasCUDA()) return {};
    } catch (const c10::Error& error) {
      return error.what_without_backtrace();
    }
    return "torch finds no CUDA device";
  }();
  if (!reason.empty()) throw Error(ErrorCode::unsupported, "libtorch-cuda", reason);
}

std::unique_ptr<Backend> make_cuda_backend() {
  open_torch_cuda();
  return std::make_unique<LibtorchBackend>("libtorch-cuda", at::kCUDA);
}

void set_threads(int threads) {
  if (threads < 1) {
    throw Error(ErrorCode::invalid_argument, "threads", std::to_string(threads) + " given; at least 1 is needed");
  }
  at::set_num_threads(threads);
}

std::string build() {
  return std::string(KIR_TORCH_VERSION) + " " + at::get_cpu_capability();
}

}  // namespace
}  // namespace kir

const kir::oracle::Module* kir_libtorch_module() {
  static constexpr kir::oracle::Module module = {kir::make_backend, kir::make_cuda_backend, kir::set_threads,
                                                 kir::build};
  return &module;
}
