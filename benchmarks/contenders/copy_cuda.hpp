// The floor on the GPU: every source byte read once and every output byte written once, in device memory.
#pragma once

#include <cstdint>
#include <string>

#include "benchmarks/contenders/contender.hpp"

namespace kir::benchmarks {

/// The contender's name, also where it cannot run.
inline constexpr const char* kCudaCopy = "cuda_copy";

/// Why it cannot run here: no CUDA device, or a build without CUDA. Empty when it can.
std::string cuda_copy_not_run();

/// Times kir::cuda::copy_floor on the first device with CUDA events, on buffers that do not stay in its cache. Verified
/// first: refused when a byte was not read or not written, or when the device has too little memory. Needs
/// cuda_copy_not_run() to be empty.
Contender cuda_copy_contender(std::int64_t read_bytes, std::int64_t write_bytes);

}  // namespace kir::benchmarks
