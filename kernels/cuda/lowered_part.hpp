// A part of a plan that is ready to be launched.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>

namespace kir::cuda {

/// A part that is lowered: what it needs is known, and it can be launched. Valid for as long as the plan and the views
/// that it was made of.
class LoweredPart {
 public:
  virtual ~LoweredPart() = default;

  /// A multiple of 64.
  virtual std::size_t workspace_bytes() const = 0;
  /// On the device that was current when the part was lowered. No synchronisation, no allocation on the device;
  /// capturable. `workspace` is workspace_bytes() long, 64-byte aligned, need not be cleared, and is in use until the
  /// stream has passed the launches.
  virtual cudaError_t launch(void* workspace, cudaStream_t stream) const = 0;
};

}  // namespace kir::cuda
