// The few numbers of an image that some plans need, counted on the device.
#pragma once

#include <cuda_runtime_api.h>

#include "kir/backend.hpp"

namespace kir::cuda {

/// Answers to probes of images in device memory, of any strides; equal to those of the CPU backend. Allocates a few
/// kilobytes and waits for `stream`. Throws what check_probes() throws.
std::vector<ProbeResult> measure(std::span<const Probe> probes, std::span<const ImageView> images, cudaStream_t stream);

}  // namespace kir::cuda
