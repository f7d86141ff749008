// A plan with everything that a run on the device needs: images, outputs and workspace in its memory.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kernels/cuda/check.hpp"
#include "kir/backend.hpp"
#include "kir/cuda.hpp"
#include "kir/spec.hpp"
#include "parity/block.hpp"
#include "parity/image.hpp"
#include "parity/placed_images.hpp"
#include "tests/catch.hpp"
#include "tests/support/seed.hpp"

namespace kir::test {

using cuda::check;

/// The random stream of images, which begins with test_seed().
inline parity::Random fresh_random() {
  return parity::Random(test_seed());
}

/// Images of random sizes, in every memory order in turn.
/// In planes, or each in another memory order: contiguous rows and others are different tiles of cuda-separable.
enum class Orders { planes, all };
inline std::vector<parity::Image> noise_images(parity::Random& random, int count, int least, int most,
                                               Orders orders = Orders::all) {
  std::vector<parity::Image> images;
  for (int i = 0; i < count; ++i) {
    const auto height = static_cast<std::int32_t>(random.between(least, most));
    const auto width = static_cast<std::int32_t>(random.between(least, most));
    const auto memory =
        orders == Orders::planes ? parity::Memory::chw : static_cast<parity::Memory>(i % parity::kMemoryKinds);
    images.push_back(parity::noise_image({3, height, width}, random, memory));
  }
  return images;
}

inline std::vector<ImageView> views_of(const std::vector<parity::Image>& images) {
  std::vector<ImageView> views;
  for (const parity::Image& image : images) views.push_back(image.view());
  return views;
}

/// The plan of a configuration of this project; one that needs no probes.
inline Plan plan_for(const std::string& config, const std::vector<parity::Image>& images,
                     const PlanOptions& options = {}) {
  std::vector<ImageSize> sizes;
  for (const parity::Image& image : images) sizes.push_back(image.size());
  return plan(load_spec("configs/processors/" + config + ".json"), sizes, options);
}

struct StreamDestroy {
  void operator()(cudaStream_t stream) const { cudaStreamDestroy(stream); }
};
using Stream = std::unique_ptr<CUstream_st, StreamDestroy>;

inline Stream make_stream() {
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  return Stream(stream);
}

/// The bytes of every output.
using Bytes = std::vector<std::vector<std::uint8_t>>;

class DeviceRun {
 public:
  /// `images` are in host memory, and stay there where context.host_images; else they are copied to the device.
  DeviceRun(const Backend& backend, const Plan& plan, std::span<const ImageView> images, const RunContext& context = {})
      : backend_(backend),
        plan_(plan),
        context_(context),
        placed_(context.host_images ? MemorySpace::host : MemorySpace::cuda, images),
        workspace_bytes_(backend.workspace_bytes(plan, context)),
        workspace_(MemorySpace::cuda, workspace_bytes_) {
    for (const Output& output : plan.outputs) {
      outputs_.emplace_back(MemorySpace::cuda, output.bytes());
      views_.push_back({outputs_.back().data(), output.bytes()});
    }
  }

  Workspace workspace() const { return {workspace_.data(), workspace_bytes_}; }
  std::span<const OutputView> outputs() const { return views_; }
  std::span<const ImageView> images() const { return placed_.views(); }

  void run() const { backend_.run(plan_, images(), views_, workspace(), context_); }

  /// NaN in every output, and any bytes in the workspace. Waits for the device.
  void poison() const {
    check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    for (const OutputView& output : views_) check(cudaMemset(output.data, 0xFF, output.bytes), "cudaMemset");
    if (workspace_bytes_ > 0) check(cudaMemset(workspace_.data(), 0xFF, workspace_bytes_), "cudaMemset");
    check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  }

  /// Waits for the device.
  Bytes results() const {
    Bytes results;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      results.emplace_back(views_[i].bytes);
      outputs_[i].download(results.back());
    }
    return results;
  }

 private:
  const Backend& backend_;
  const Plan& plan_;
  RunContext context_;
  parity::PlacedImages placed_;
  std::size_t workspace_bytes_;
  parity::Block workspace_;
  std::vector<parity::Block> outputs_;
  std::vector<OutputView> views_;
};

}  // namespace kir::test
