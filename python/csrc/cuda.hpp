// All that the ops know of CUDA. cuda.cpp is built with the CUDA kernels, cuda_absent.cpp without them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "kir/backend.hpp"
#include "tensors.hpp"

namespace kir::python {

/// "separable" or "fused" on CUDA devices; it lives as long as the process. ValueError, naming `argument`, for a build
/// without CUDA, with how to get one; Error{unsupported} without a usable device.
const Backend& cuda_backend(std::string_view name, const char* argument);

/// The index of `device`: its own, or the current one. Only after cuda_backend().
std::int32_t index_of(const Device& device);

/// Makes a device current while it lives. Only after cuda_backend().
class CurrentDevice {
 public:
  explicit CurrentDevice(std::int32_t index);
  ~CurrentDevice();
  CurrentDevice(const CurrentDevice&) = delete;
  CurrentDevice& operator=(const CurrentDevice&) = delete;

 private:
  void* guard_ = nullptr;  ///< nullptr when it was current already
};

/// torch's current stream of a device.
void* current_stream(std::int32_t index);

/// Keeps pinned `images`, which the stream still reads, from being handed out again by torch's allocator, until the
/// stream has come here; later calls let go of them. Nothing for pageable ones, nor while the stream is captured: then
/// they belong to the graph's owner.
void keep_pinned(const std::vector<Tensor>& images, void* stream);

}  // namespace kir::python
