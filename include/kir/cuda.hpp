// The CUDA backends. Both read images and write outputs in the memory of the current device (images in host memory too:
// RunContext::host_images), run on the caller's stream, allocate nothing, never synchronise in run(), and can be
// captured in a CUDA graph (host images too, when they are pinned; pageable ones are refused then). With pageable
// images run() returns when the last is copied out of them, with pinned ones at once. The bytes of the workspace depend
// on the plan and on host_images alone, never on strides or addresses. Device memory that is not of the current device,
// and host memory without host_images, are not checked: asking would take longer than the run. measure() waits for the
// stream and allocates a little. Thread safety: one object may run from several host threads at once, each with its own
// workspace.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kir/backend.hpp"

namespace kir {

/// "cuda-separable", the fast one: two passes fused in one launch, the intermediate on chip. Supports every plan of
/// numerics float32 and torch_cpu. Throws Error{unsupported, "cuda-separable"} without a usable CUDA device (compute
/// capability 8.0 or newer), saying why.
std::unique_ptr<Backend> make_cuda_separable_backend();

/// "cuda-fused", the readable one: a single two-dimensional pass over taps x taps in the order of aten's CUDA kernel.
/// Supports numerics float32. Throws as make_cuda_separable_backend does.
std::unique_ptr<Backend> make_cuda_fused_backend();

/// What Backend::explain() of "cuda-separable" or "cuda-fused" says of a plan on a device of an architecture, without
/// any device and in every build: a typical chip, "sm_90" being an H200 with its 132 multiprocessors. Throws
/// Error{invalid_argument, "architecture"} for one that is not in kernels/cuda/tuning.hpp, listing those that are,
/// Error{invalid_argument, "backend"} for any other backend, and Error{unsupported} for a plan without support.
std::vector<std::string> explain_cuda(const Plan& plan, std::string_view backend, std::string_view architecture);

}  // namespace kir
