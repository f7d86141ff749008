// Where one call runs: the backend, the device made current, its stream or torch's threads, and torch's memory there.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cuda.hpp"
#include "kir/backend.hpp"
#include "tensors.hpp"
#include "torch_executor.hpp"

namespace kir::python {

class Target {
 public:
  /// `device`: where the outputs go; by default where the images are. `backend`: "separable" or "fused"; on the CPU
  /// both are the cpu backend. ValueError for images on another CUDA device than asked for, for CUDA images and the
  /// CPU, for an unknown backend, and for CUDA that is not there.
  Target(const Images& images, const std::optional<Device>& device, std::string_view backend);

  const Device& device() const { return device_; }

  /// An uninitialized, contiguous tensor.
  Tensor empty(Type type, std::span<const std::int64_t> shape) const;

  /// What run() needs beside the outputs.
  std::size_t workspace_bytes(const Plan& plan, std::span<const ImageView> images) const;

  std::vector<ProbeResult> measure(std::span<const Probe> probes, std::span<const ImageView> images) const;

  /// Runs the plan in a workspace of its own. `tensors` are those that `images` view.
  void run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
           const std::vector<Tensor>& tensors) const;

 private:
  Device device_;
  const Backend* backend_ = nullptr;
  std::optional<CurrentDevice> current_;
  RunContext context_;  ///< without an executor
};

/// A tensor in host memory for an output whose values the plan knows.
Tensor values_tensor(const Output& output);

/// The memory of a whole tensor.
OutputView view_of(const Tensor& tensor, std::size_t bytes);

}  // namespace kir::python
