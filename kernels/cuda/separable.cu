// Starts the launches of a SeparablePlan.
#include "kernels/cuda/separable.hpp"

#include "kernels/cuda/direct.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/prepare.cuh"
#include "kernels/cuda/separable_kernel.cuh"
#include "kernels/cuda/separable_plan.hpp"

namespace kir::cuda {
namespace {

template <bool kInteger>
cudaError_t start_prepare(const PrepareArguments& arguments, const Blob& blob, const SeparablePlan::Prepare& prepare,
                          const DeviceFacts& device, cudaStream_t stream) {
  const Choices& choices = device.tuning.choices;
  const auto warps = static_cast<unsigned>(kInteger ? choices.prepare_warps_integer : choices.prepare_warps);
  const auto scratch_bytes = static_cast<std::size_t>(arguments.scratch_bytes);
  return with_parameter_size(blob, [&](auto bytes) {
    return launch_kernel(prepare_kernel<kInteger, bytes()>, dim3(prepare.pieces, prepare.owners), 32 * warps,
                         warps * scratch_bytes, device, stream, arguments, parameter_of<bytes()>(blob));
  });
}

cudaError_t start_prepares(const SeparablePlan& plan, const DeviceFacts& device, std::byte* workspace,
                           cudaStream_t stream) {
  for (std::size_t i = 0; i < plan.blobs.size(); ++i) {
    const SeparablePlan::Prepare& prepare = plan.prepares[i];
    const TilePlaces places{static_cast<std::uint32_t>(prepare.blob_at / 16),
                            static_cast<std::uint32_t>(prepare.levels_at / 16), plan.store};
    const PrepareArguments arguments{workspace, reinterpret_cast<TileDesc*>(workspace + plan.tiles_at),
                                     reinterpret_cast<std::uint32_t*>(workspace), places,
                                     static_cast<int>(plan.scratch_bytes)};
    const cudaError_t status = plan.integer ? start_prepare<true>(arguments, plan.blobs[i], prepare, device, stream)
                                            : start_prepare<false>(arguments, plan.blobs[i], prepare, device, stream);
    if (status != cudaSuccess) return status;
  }
  return cudaSuccess;
}

cudaError_t start_tiles(const SeparablePlan& plan, const DeviceFacts& device, std::byte* workspace,
                        cudaStream_t stream) {
  const SeparableArguments arguments{workspace,
                                     reinterpret_cast<const TileDesc*>(workspace + plan.tiles_at),
                                     reinterpret_cast<std::uint32_t*>(workspace),
                                     plan.matrix_tiles,
                                     plan.tile_count,
                                     plan.teams,
                                     static_cast<std::uint32_t>(plan.stage_bytes),
                                     static_cast<std::uint32_t>(plan.weights_at),
                                     static_cast<std::uint32_t>(plan.weights_bytes)};
  const SeparableKernel kernel =
      plan.integer ? integer_kernel(plan.store, plan.reach) : float_kernel(plan.store, plan.reach);
  return launch_kernel(kernel, dim3(plan.grid), threads_of(plan), shared_bytes_of(plan, device.tuning), device, stream,
                       arguments);
}

cudaError_t start_direct(const SeparablePlan& plan, const DeviceFacts& device, cudaStream_t stream) {
  return launch_kernel(direct_kernel_for(plan.store, plan.reach), dim3(plan.tile_count), 32 * kDirectWarps,
                       plan.direct_shared_bytes, device, stream, plan.direct,
                       parameter_of<kDirectBlobBytes>(plan.blobs[0]));
}

class LoweredSeparable final : public LoweredPart {
 public:
  LoweredSeparable(const PlanMemory& memory, const Part& part, const DeviceFacts& device)
      : device_(device), plan_(plan_separable(memory, part, device.tuning)) {}

  std::size_t workspace_bytes() const override { return plan_.bytes; }

  cudaError_t launch(void* workspace, cudaStream_t stream) const override {
    if (plan_.tile_count == 0) return cudaSuccess;
    if (plan_.is_direct) return start_direct(plan_, device_, stream);
    auto* const base = static_cast<std::byte*>(workspace);
    const cudaError_t status = start_prepares(plan_, device_, base, stream);
    return status == cudaSuccess ? start_tiles(plan_, device_, base, stream) : status;
  }

 private:
  const DeviceFacts& device_;
  SeparablePlan plan_;
};

}  // namespace

std::unique_ptr<LoweredPart> lower_separable(const PlanMemory& memory, const Part& part) {
  return std::make_unique<LoweredSeparable>(memory, part, device_facts());
}

}  // namespace kir::cuda
