#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "kernels/cuda/check.hpp"
#include "kernels/cuda/device.hpp"
#include "kernels/cuda/device_memory.hpp"
#include "kernels/cuda/explain.hpp"
#include "kernels/cuda/fused.hpp"
#include "kernels/cuda/host_images.hpp"
#include "kernels/cuda/lower.hpp"
#include "kernels/cuda/lowered_part.hpp"
#include "kernels/cuda/packing.hpp"
#include "kernels/cuda/probes.hpp"
#include "kernels/cuda/separable.hpp"
#include "kernels/cuda/staging.hpp"
#include "kir/cuda.hpp"

namespace kir {
namespace {

using namespace kir::cuda;

/// The readable kernel needs no workspace: what its launch needs is what it was given.
class LoweredFused final : public LoweredPart {
 public:
  LoweredFused(const PlanMemory& memory, const Part& part) : memory_(memory), part_(part) {}
  std::size_t workspace_bytes() const override { return 0; }
  cudaError_t launch(void*, cudaStream_t stream) const override { return launch_fused(memory_, part_, stream); }

 private:
  PlanMemory memory_;
  Part part_;
};

/// What the two backends differ in.
struct Kernels {
  const Planner& planner;
  std::unique_ptr<LoweredPart> (*lower)(const PlanMemory&, const Part&);
};

constexpr Kernels kSeparable = {kSeparablePlanner, lower_separable};

constexpr Kernels kFused = {kFusedPlanner,
                            [](const PlanMemory& memory, const Part& part) -> std::unique_ptr<LoweredPart> {
                              return std::make_unique<LoweredFused>(memory, part);
                            }};

Part part_of_chunk(const Level& level, const Staging& staging, const Chunk& chunk) {
  const auto jobs = staging.jobs().subspan(static_cast<std::size_t>(chunk.job_begin),
                                           static_cast<std::size_t>(chunk.job_end - chunk.job_begin));
  const bool first = &chunk == staging.chunks().data();
  return {jobs, first ? std::span<const Fill>(level.fills) : std::span<const Fill>()};
}

/// The caller's workspace: the canvases, the staged images, and what the kernels of one part need. Parts run one after
/// the other in their stream, so they share it.
struct Sections {
  Sections(const Plan& plan, std::size_t staged_bytes)
      : images(canvases_bytes(plan)), kernels(images + align(staged_bytes, 64)), bytes(kernels) {}

  void take(const LoweredPart& part) { bytes = std::max(bytes, kernels + part.workspace_bytes()); }

  std::size_t images, kernels;  ///< offsets
  std::size_t bytes;            ///< of all
};

/// Levels in order; the first in chunks where the images are staged.
template <class Visit>
void for_parts(const Plan& plan, const Staging* staging, const Visit& visit) {
  for (const Level& level : plan.levels) {
    if (staging != nullptr && &level == plan.levels.data()) {
      for (const Chunk& chunk : staging->chunks()) visit(part_of_chunk(level, *staging, chunk));
    } else {
      visit(part_of(level));
    }
  }
}

class CudaBackend final : public Backend {
 public:
  explicit CudaBackend(const Kernels& kernels) : kernels_(kernels) {}

  std::string_view name() const override { return kernels_.planner.name; }
  MemorySpace memory() const override { return MemorySpace::cuda; }

  Support supports(const Plan& plan) const override { return support_of(kernels_.planner, plan); }

  std::vector<std::string> explain(const Plan& plan) const override {
    return cuda::explain(kernels_.planner, plan, device_facts().tuning);
  }

  std::size_t workspace_bytes(const Plan& plan, const RunContext& context) const override {
    check_support(*this, plan);
    if (!context.host_images) return needed(plan, nullptr);
    const Staging staging(plan);
    return needed(plan, &staging);
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
    check_views(plan, images, outputs);
    if (context.host_images) {
      run_host_images(plan, images, outputs, workspace, static_cast<cudaStream_t>(context.stream));
      return;
    }
    const auto given = [&workspace](std::size_t bytes) {
      check_workspace(workspace, bytes);
      return workspace;
    };
    run_device_images(PlanMemory{plan, images, outputs, static_cast<std::byte*>(workspace.data)}, given, context);
  }

  void run_allocating(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
                      const AllocateWorkspace& allocate, const RunContext& context) const override {
    // Addresses of canvases and of staged images are part of what is launched: memory comes first there.
    if (context.host_images || !plan.canvases.empty()) {
      Backend::run_allocating(plan, images, outputs, allocate, context);
      return;
    }
    check_support(*this, plan);
    check_views(plan, images, outputs);
    const auto allocated = [&allocate](std::size_t bytes) {
      const Workspace workspace = allocate(bytes);
      check_workspace(workspace, bytes);
      return workspace;
    };
    run_device_images(PlanMemory{plan, images, outputs, nullptr}, allocated, context);
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

  using Parts = std::vector<std::unique_ptr<LoweredPart>>;  ///< nullptr for a part of nothing

  std::size_t needed(const Plan& plan, const Staging* staging) const {
    Sections sections(plan, staging != nullptr ? staging->bytes() : 0);
    lower(PlanMemory{plan, {}, {}, nullptr}, staging, sections);
    return sections.bytes;
  }

  /// All parts of the plan, before anything is launched: then it is known what they need.
  Parts lower(const PlanMemory& memory, const Staging* staging, Sections& sections) const {
    Parts parts;
    parts.reserve(memory.plan.levels.size() + (staging != nullptr ? staging->chunks().size() : 0));
    for_parts(memory.plan, staging, [&](const Part& part) {
      parts.push_back(empty(part) ? nullptr : kernels_.lower(memory, part));
      if (parts.back()) sections.take(*parts.back());
    });
    return parts;
  }

  void launch(const LoweredPart* part, void* workspace, cudaStream_t stream) const {
    const cudaError_t status = part != nullptr ? part->launch(workspace, stream) : cudaSuccess;
    if (status != cudaSuccess) check(status, (std::string("launch of ") + std::string(name())).c_str());
  }

  /// `workspace_of(bytes)`: the workspace, which has them.
  template <class WorkspaceOf>
  void run_device_images(const PlanMemory& memory, const WorkspaceOf& workspace_of, const RunContext& context) const {
    Sections sections(memory.plan, 0);
    const Parts parts = lower(memory, nullptr, sections);
    auto* const base = static_cast<std::byte*>(workspace_of(sections.bytes).data);
    for (const auto& part : parts) {
      launch(part.get(), base + sections.kernels, static_cast<cudaStream_t>(context.stream));
    }
  }

  void run_host_images(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
                       Workspace workspace, cudaStream_t stream) const {
    auto* const base = static_cast<std::byte*>(workspace.data);
    const Staging staging(plan);
    Sections sections(plan, staging.bytes());
    const std::vector<PackedImage> packed = pack(staging, images, base + sections.images);
    std::vector<ImageView> staged;
    staged.reserve(packed.size());
    for (const PackedImage& image : packed) staged.push_back(image.view);
    const Parts parts = lower(PlanMemory{plan, staged, outputs, base}, &staging, sections);
    check_workspace(workspace, sections.bytes);
    refuse_pageable_capture(staging, images, stream);
    if (std::all_of(parts.begin(), parts.end(), [](const auto& part) { return part == nullptr; })) return;

    CopyLanes::Borrowed lane = lanes_.borrow(stream);
    lane->begin_after(stream);
    const std::size_t chunks = staging.chunks().size();
    for (std::size_t k = 0; k < parts.size(); ++k) {
      if (k < chunks) {
        const Chunk& chunk = staging.chunks()[k];
        lane->copy(std::span(packed).subspan(static_cast<std::size_t>(chunk.image_begin),
                                             static_cast<std::size_t>(chunk.image_end - chunk.image_begin)));
        lane->join(static_cast<int>(k), stream);
      }
      launch(parts[k].get(), base + sections.kernels, stream);
    }
  }

  const Kernels& kernels_;
  mutable CopyLanes lanes_;
};

std::unique_ptr<Backend> make_backend(const Kernels& kernels) {
  const DeviceList list = list_devices();
  if (list.devices.empty()) throw Error(ErrorCode::unsupported, kernels.planner.name, list.reason);
  const bool usable = std::any_of(list.devices.begin(), list.devices.end(),
                                  [](const Device& device) { return device.compute_major >= 8; });
  if (!usable) {
    throw Error(ErrorCode::unsupported, kernels.planner.name,
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
