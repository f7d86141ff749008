#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/round.h>
#include <c10/core/InferenceMode.h>

#include <optional>

#include "kir/error.hpp"
#include "reference/libtorch_module.hpp"
#include "reference/libtorch_ops.hpp"
#include "reference/libtorch_support.hpp"
#include "reference/probes.hpp"
#include "reference/store.hpp"

namespace kir {
namespace {

using reference::Destination;

// Whether `steps` is a plain stride over [first, first + count).
bool is_linear(const Steps& steps, std::int64_t first, std::int64_t count) {
  return first / steps.unit == (first + count - 1) / steps.unit;
}

// The job's window of the target as a strided tensor, channels x h x w, if the layout is that simple.
std::optional<at::Tensor> window_of(const Job& job, Destination to) {
  const Layout& layout = job.to.layout;
  if (layout.channel < 0 || layout.copies != 1) return {};
  if (!is_linear(layout.y, job.at_y, job.y.count) || !is_linear(layout.x, job.at_x, job.x.count)) return {};
  const std::int64_t offset = layout.base + layout.y(job.at_y) + layout.x(job.at_x);
  char* data = static_cast<char*>(to.data) + offset * std::int64_t(bytes_of(to.type));
  return at::from_blob(data, {job.channels, job.y.count, job.x.count}, {layout.channel, layout.y.inner, layout.x.inner},
                       oracle::scalar_type(to.type));
}

// Half-even and clamped, where a plain conversion to uint8 would truncate and wrap.
at::Tensor to_levels(const at::Tensor& value) {
  return value.scalar_type() == at::kByte ? value : at::clamp(at::round(value), 0, 255).to(at::kByte);
}

// `value` is channels x h x w, uint8 or float.
void finish(const Job& job, const Epilogue& epilogue, const at::Tensor& value, Destination to) {
  const std::optional<at::Tensor> window = window_of(job, to);
  at::Tensor result = value;
  if (!epilogue.steps.empty()) {
    const bool direct = window && to.type == Type::f32;
    result = oracle::apply(epilogue, value.to(at::kFloat), direct ? window : std::nullopt);
    if (direct) return;
  }
  if (window) {
    window->copy_(to.type == Type::u8 ? to_levels(result) : result);
    return;
  }
  // Patches, tiles that straddle, reversed channels: the reference's writer knows every layout.
  const at::Tensor floats = result.to(at::kFloat).contiguous();
  std::vector<reference::Plane> planes;
  for (std::int64_t c = 0; c < floats.size(0); ++c) {
    planes.push_back(Eigen::Map<const reference::Plane>(floats.const_data_ptr<float>() + c * floats.stride(0),
                                                        floats.size(1), floats.size(2)));
  }
  reference::store(job, Epilogue{}, planes, to);
}

class LibtorchBackend final : public Backend {
 public:
  std::string_view name() const override { return "libtorch"; }

  Support supports(const Plan& plan) const override { return oracle::supports(plan); }

  std::size_t workspace_bytes(const Plan&, const RunContext&) const override { return 0; }

  std::vector<ProbeResult> measure(std::span<const Probe> probes, std::span<const ImageView> images,
                                   const RunContext&) const override {
    return reference::measure(probes, images);
  }

  void run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
           Workspace workspace, const RunContext& context) const override {
    check_run(*this, plan, images, outputs, workspace, context);
    const c10::InferenceMode no_autograd;

    std::vector<at::Tensor> canvases;
    for (const Buffer& buffer : plan.canvases) {
      canvases.push_back(
          at::empty({1, buffer.channels, buffer.height, buffer.width}, oracle::scalar_type(buffer.type)));
    }
    const auto destination = [&](const Target& to) -> Destination {
      const auto index = std::size_t(to.index);
      if (to.kind == Target::Kind::output) return {outputs[index].data, plan.outputs[index].type};
      return {canvases[index].data_ptr(), plan.canvases[index].type};
    };
    const auto source = [&](const Source& from) -> at::Tensor {
      if (from.kind == Source::Kind::canvas) return canvases[std::size_t(from.index)];
      return oracle::tensor_of(images[std::size_t(from.index)]);
    };

    const auto run_job = [&](const Job& job) {
      at::Tensor image = source(job.from);
      if (job.round == Round::never && job.passes != Passes::copy) image = image.to(at::kFloat);
      const at::Tensor window = oracle::resize(image, job)[0]
                                    .narrow(1, job.y.first, job.y.count)
                                    .narrow(2, job.x.first, job.x.count)
                                    .expand({job.channels, job.y.count, job.x.count});
      finish(job, plan.epilogues[std::size_t(job.epilogue)], window, destination(job.to));
    };
    try {
      for (const Level& level : plan.levels) {
        for (const Job& job : level.jobs) run_job(job);
        for (const Fill& fill : level.fills) reference::store(fill, destination(fill.to));
      }
    } catch (const c10::Error& error) {
      throw Error(ErrorCode::unsupported, "libtorch", error.what_without_backtrace());
    }
  }
};

std::unique_ptr<Backend> make_backend() {
  return std::make_unique<LibtorchBackend>();
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
  static constexpr kir::oracle::Module module = {kir::make_backend, kir::set_threads, kir::build};
  return &module;
}
