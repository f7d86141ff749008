// Runs kernels of the CUDA backends on images and outputs in host memory, so that the checks of the CPU backend
// (tests/kernels_cpu) prove them too: everything is copied to the device and back, outputs with guards around them.
#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "kernels/cuda/check.hpp"
#include "kernels/cuda/lower.hpp"
#include "kernels/plan_support.hpp"
#include "kir/backend.hpp"
#include "tests/catch.hpp"

namespace kir::test {

/// Device memory of exactly `bytes`, so that a memory checker sees what is read beyond.
class DeviceBytes {
 public:
  explicit DeviceBytes(std::size_t bytes) : bytes_(bytes) {
    cuda::check(cudaMalloc(&data_, std::max<std::size_t>(bytes, 1)), "cudaMalloc");
  }
  DeviceBytes(const void* from, std::size_t bytes) : DeviceBytes(bytes) {
    if (bytes > 0) cuda::check(cudaMemcpy(data_, from, bytes, cudaMemcpyHostToDevice), "cudaMemcpy");
  }
  ~DeviceBytes() { cudaFree(data_); }
  DeviceBytes(DeviceBytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

  std::byte* data() const { return static_cast<std::byte*>(data_); }
  std::size_t bytes() const { return bytes_; }
  std::vector<std::byte> to_host() const {
    std::vector<std::byte> host(bytes_);
    if (bytes_ > 0) cuda::check(cudaMemcpy(host.data(), data_, bytes_, cudaMemcpyDeviceToHost), "cudaMemcpy");
    return host;
  }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// Host memory outside, the device inside. `launch` gets all memory on the device and the kernels' workspace.
class OnDevice final : public Backend {
 public:
  using WorkspaceBytes = std::function<std::size_t(const Plan&, const cuda::Part&)>;
  using Launch = std::function<cudaError_t(const cuda::PlanMemory&, const cuda::Part&, std::byte*)>;
  using WhyNot = std::function<std::string(const Plan&)>;

  OnDevice(std::string name, WhyNot why_not, WorkspaceBytes workspace_bytes, Launch launch)
      : name_(std::move(name)),
        why_not_(std::move(why_not)),
        part_bytes_(std::move(workspace_bytes)),
        launch_(std::move(launch)) {}

  std::string_view name() const override { return name_; }
  Support supports(const Plan& plan) const override {
    Support support = support_of(plan);
    if (support.ok) support.reason = why_not_(plan);
    support.ok = support.reason.empty();
    return support;
  }
  std::size_t workspace_bytes(const Plan&, const RunContext&) const override { return 0; }
  std::vector<ProbeResult> measure(std::span<const Probe>, std::span<const ImageView>,
                                   const RunContext&) const override {
    return {};
  }

  void run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs, Workspace,
           const RunContext&) const override {
    std::vector<DeviceBytes> memory;
    std::vector<ImageView> views;
    for (const ImageView& image : images) views.push_back(copied(image, memory));

    constexpr std::size_t kGuard = 256;
    constexpr std::byte kPattern{0x5a};
    std::vector<DeviceBytes> results;
    std::vector<OutputView> result_views;
    for (const OutputView& output : outputs) {
      std::vector<std::byte> guarded(output.bytes + 2 * kGuard, kPattern);
      std::memcpy(guarded.data() + kGuard, output.data, output.bytes);
      results.emplace_back(guarded.data(), guarded.size());
      result_views.push_back({results.back().data() + kGuard, output.bytes});
    }

    const DeviceBytes canvases(cuda::canvases_bytes(plan));
    const cuda::PlanMemory all{plan, views, result_views, canvases.data()};
    for (const Level& level : plan.levels) {
      const cuda::Part part{level.jobs, level.fills};
      const DeviceBytes workspace(part_bytes_(plan, part));
      cuda::check(launch_(all, part, workspace.data()), "launch");
      cuda::check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    }

    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::vector<std::byte> guarded = results[i].to_host();
      const auto is_guard = [](std::byte b) { return b == kPattern; };
      CHECK(std::all_of(guarded.begin(), guarded.begin() + kGuard, is_guard));
      CHECK(std::all_of(guarded.end() - kGuard, guarded.end(), is_guard));
      std::memcpy(outputs[i].data, guarded.data() + kGuard, outputs[i].bytes);
    }
  }

 private:
  /// The bytes from the image's first to its last pixel in memory.
  static ImageView copied(const ImageView& image, std::vector<DeviceBytes>& memory) {
    std::int64_t low = 0, high = 0;
    const auto reach = [&](std::int64_t stride, std::int32_t count) {
      const std::int64_t last = stride * (count - 1);
      (last < 0 ? low : high) += last;
    };
    reach(image.stride_channel, image.size.channels);
    reach(image.stride_y, image.size.height);
    reach(image.stride_x, image.size.width);
    memory.emplace_back(image.data + low, static_cast<std::size_t>(high - low + 1));
    ImageView view = image;
    view.data = reinterpret_cast<const std::uint8_t*>(memory.back().data()) - low;
    return view;
  }

  std::string name_;
  WhyNot why_not_;
  WorkspaceBytes part_bytes_;
  Launch launch_;
};

}  // namespace kir::test
