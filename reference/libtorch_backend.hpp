// The oracle: runs a plan with the very ATen ops that torchvision's resize and transformers' rescale and normalize
// call. It lives in a shared object of its own that the first call here opens; Error{io, "libtorch"} if it cannot be.
#pragma once

#include <memory>
#include <string>

#include "kir/backend.hpp"

namespace kir {

/// A backend named "libtorch". Each job resizes the whole axis with one op (in float for Round::never, in uint8 for
/// Round::each), narrows to the window, applies the epilogue with at:: ops and writes into the caller's output.
/// Needs no workspace. Its threads are torch's own, see set_libtorch_threads; RunContext is not used. Re-entrant.
/// supports() refuses by name what torch does not do on the CPU: box, hamming and lanczos3, source boxes,
/// other borders than its own, the vertical pass first, and arithmetics other than float32 and torch_int16.
std::unique_ptr<Backend> make_libtorch_backend();

/// A backend named "libtorch-cuda": the same ops on the current CUDA device and RunContext::stream, one image after the
/// other. float32 alone: torch on CUDA resizes uint8 in another arithmetic. Throws Error{unsupported,
/// "libtorch-cuda"} where torch has no CUDA code or there is no device, saying why.
std::unique_ptr<Backend> make_libtorch_cuda_backend();

/// The number of threads that torch's ops use, from 1. Global to the process, as torch has it: call it before runs, not
/// during one.
void set_libtorch_threads(int threads);

/// What the linked torch chose on this machine, for a report: version and CPU capability ("2.11.0+cpu AVX512").
std::string libtorch_build();

}  // namespace kir
