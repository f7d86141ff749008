#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "kernels/cuda/check.hpp"
#include "kernels/cuda/device.hpp"
#include "kernels/cuda/device_memory.hpp"
#include "kernels/cuda/fused.hpp"
#include "kernels/cuda/host_images.hpp"
#include "kernels/cuda/lower.hpp"
#include "kernels/cuda/probes.hpp"
#include "kernels/cuda/separable.hpp"
#include "kir/cuda.hpp"
#include "plan/support.hpp"

namespace kir {
namespace {

using namespace kir::cuda;

constexpr std::size_t align(std::size_t bytes) {
  return (bytes + 63) / 64 * 64;
}

/// What the two backends differ in.
struct Kernels {
  const char* name;
  std::string (*why_not)(const Plan&);  ///< beyond support_of
  std::size_t (*workspace_bytes)(const Plan&, const Part&);
  cudaError_t (*launch)(const PlanMemory&, const Part&, void* workspace, cudaStream_t);
  std::vector<std::string> (*explain)(const Plan&, const Part&);
};

constexpr Kernels kSeparable = {"cuda-separable", [](const Plan&) { return std::string(); }, separable_bytes,
                                launch_separable, explain_separable};

constexpr Kernels kFused = {"cuda-fused", why_not_fused, [](const Plan&, const Part&) { return std::size_t{0}; },
                            [](const PlanMemory& memory, const Part& part, void*, cudaStream_t stream) {
                              return launch_fused(memory, part, stream);
                            },
                            explain_fused};

Part part_of(const Level& level) {
  return {level.jobs, level.fills};
}

Part part_of(const Level& level, const Staging& staging, const Chunk& chunk) {
  const auto jobs = staging.jobs().subspan(static_cast<std::size_t>(chunk.job_begin),
                                           static_cast<std::size_t>(chunk.job_end - chunk.job_begin));
  const bool first = &chunk == staging.chunks().data();
  return {jobs, first ? std::span<const Fill>(level.fills) : std::span<const Fill>()};
}

bool empty(const Part& part) {
  return part.jobs.empty() && part.fills.empty();
}

/// The caller's workspace: the canvases, the staged images, and what the kernels of one part need. Parts run one after
/// the other in their stream, so they share it.
struct Sections {
  std::size_t images = 0, kernels = 0, bytes = 0;
};

class CudaBackend final : public Backend {
 public:
  explicit CudaBackend(const Kernels& kernels) : kernels_(kernels) {}

  std::string_view name() const override { return kernels_.name; }
  MemorySpace memory() const override { return MemorySpace::cuda; }

  Support supports(const Plan& plan) const override {
    Support support = support_of(plan);
    if (support.ok) support.reason = steps_reason(plan);
    if (support.ok && support.reason.empty()) support.reason = kernels_.why_not(plan);
    support.ok = support.reason.empty();
    return support;
  }

  std::vector<std::string> explain(const Plan& plan) const override {
    check_support(*this, plan);
    std::vector<std::string> lines;
    for (std::size_t l = 0; l < plan.levels.size(); ++l) {
      if (empty(part_of(plan.levels[l]))) continue;
      for (const std::string& line : kernels_.explain(plan, part_of(plan.levels[l]))) {
        lines.push_back(plan.levels.size() > 1 ? "level " + std::to_string(l) + ": " + line : line);
      }
    }
    return lines;
  }

  std::size_t workspace_bytes(const Plan& plan, const RunContext& context) const override {
    if (!context.host_images) return sections_of(plan, nullptr).bytes;
    const Staging staging(plan);
    return sections_of(plan, &staging).bytes;
  }

  std::vector<ProbeResult> measure(std::span<const Probe> probes, std::span<const ImageView> images,
                                   const RunContext& context) const override {
    const auto stream = static_cast<cudaStream_t>(context.stream);
    if (!context.host_images) return cuda::measure(probes, images, stream);
    const CopiedImages copied(probes, images, stream);
    return cuda::measure(probes, copied.views, stream);
  }

  void run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
           Workspace workspace, const RunContext& context) const override {
    check_support(*this, plan);
    const auto stream = static_cast<cudaStream_t>(context.stream);
    if (context.host_images) {
      run_host_images(plan, images, outputs, workspace, stream);
      return;
    }
    const Sections sections = sections_of(plan, nullptr);
    check_memory(plan, images, outputs, workspace, sections.bytes);
    auto* const base = static_cast<std::byte*>(workspace.data);
    const PlanMemory memory{plan, images, outputs, base};
    for (const Level& level : plan.levels) launch(memory, part_of(level), base + sections.kernels, stream);
  }

 private:
  /// The images that probes ask for, copied to the device; the others stay as they are, unread.
  struct CopiedImages {
    CopiedImages(std::span<const Probe> probes, std::span<const ImageView> images, cudaStream_t stream)
        : views(images.begin(), images.end()) {
      for (const Probe& probe : probes) {
        const auto at = static_cast<std::size_t>(probe.image);
        if (at >= images.size() || images[at].data == nullptr || views[at].data != images[at].data) continue;
        const ImageSize& size = images[at].size;
        memory.push_back(allocate_on_device(std::size_t(size.channels) * size.height * size.width));
        const PackedImage packed = pack(images[at], reinterpret_cast<std::uint8_t*>(memory.back().get()));
        for (const RowCopy& copy : packed.copies) copy_rows(copy, stream);
        views[at] = packed.view;
      }
    }
    std::vector<ImageView> views;
    std::vector<DeviceMemory> memory;
  };

  static std::string steps_reason(const Plan& plan) {
    for (const Epilogue& epilogue : plan.epilogues) {
      if (epilogue.steps.size() <= kMaxSteps) continue;
      return "an epilogue of " + std::to_string(epilogue.steps.size()) + " steps; allowed: at most " +
             std::to_string(kMaxSteps);
    }
    return {};
  }

  /// `staging` where the images are in host memory, else nullptr.
  Sections sections_of(const Plan& plan, const Staging* staging) const {
    Sections sections;
    sections.images = canvases_bytes(plan);
    sections.kernels = sections.images + (staging != nullptr ? align(staging->bytes()) : 0);
    std::size_t most = 0;
    const auto take = [&](const Part& part) {
      if (!empty(part)) most = std::max(most, kernels_.workspace_bytes(plan, part));
    };
    for (const Level& level : plan.levels) {
      if (staging != nullptr && &level == plan.levels.data()) {
        for (const Chunk& chunk : staging->chunks()) take(part_of(level, *staging, chunk));
      } else {
        take(part_of(level));
      }
    }
    sections.bytes = sections.kernels + most;
    return sections;
  }

  void launch(const PlanMemory& memory, const Part& part, void* workspace, cudaStream_t stream) const {
    if (empty(part)) return;
    const cudaError_t status = kernels_.launch(memory, part, workspace, stream);
    if (status != cudaSuccess) check(status, (std::string("launch of ") + kernels_.name).c_str());
  }

  void run_host_images(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
                       Workspace workspace, cudaStream_t stream) const {
    const Staging staging(plan);
    const Sections sections = sections_of(plan, &staging);
    check_memory(plan, images, outputs, workspace, sections.bytes);
    refuse_pageable_capture(staging, images, stream);
    if (plan.levels.empty()) return;

    auto* const base = static_cast<std::byte*>(workspace.data);
    std::vector<ImageView> staged(images.begin(), images.end());
    const PlanMemory memory{plan, staged, outputs, base};
    CopyLanes::Borrowed lane = lanes_.borrow(stream);
    lane->begin_after(stream);
    for (std::size_t k = 0; k < staging.chunks().size(); ++k) {
      const Chunk& chunk = staging.chunks()[k];
      lane->copy(staging, images, chunk.image_begin, chunk.image_end, base + sections.images, staged);
      lane->join(static_cast<int>(k), stream);
      launch(memory, part_of(plan.levels[0], staging, chunk), base + sections.kernels, stream);
    }
    for (std::size_t l = 1; l < plan.levels.size(); ++l) {
      launch(memory, part_of(plan.levels[l]), base + sections.kernels, stream);
    }
  }

  const Kernels& kernels_;
  mutable CopyLanes lanes_;
};

std::unique_ptr<Backend> make_backend(const Kernels& kernels) {
  const DeviceList list = list_devices();
  if (list.devices.empty()) throw Error(ErrorCode::unsupported, kernels.name, list.reason);
  const bool usable = std::any_of(list.devices.begin(), list.devices.end(),
                                  [](const Device& device) { return device.compute_major >= 8; });
  if (!usable) {
    throw Error(ErrorCode::unsupported, kernels.name,
                describe(list.devices[0]) + "; needed is compute capability 8.0 or newer");
  }
  return std::make_unique<CudaBackend>(kernels);
}

}  // namespace

std::unique_ptr<Backend> make_cuda_separable_backend() {
  return make_backend(kSeparable);
}

std::unique_ptr<Backend> make_cuda_fused_backend() {
  return make_backend(kFused);
}

}  // namespace kir
