// Verify, then time: what every contender that computes pixels passes before it gets a time.
#pragma once

#include <span>
#include <string>

#include "benchmarks/contenders/contender.hpp"
#include "kir/backend.hpp"
#include "parity/settings.hpp"

namespace kir::benchmarks {

/// Who is believed.
struct Oracle {
  std::string name;
  const Backend* backend = nullptr;
};

/// A contender of a backend: `NAME_float` (float32) or `NAME_uint8` (torch_cpu: uint8 resize, then normalize), not yet
/// verified and with nothing to time.
Contender named_contender(const std::string& backend, Numerics numerics);

/// Compares what the backend makes of the images, which are in host memory, with what the oracle makes of them. Beyond
/// the parity bound, or not supported, the contender is refused. An oracle is taken at its word; so is libtorch on a
/// CUDA device, which sums in another order than on the CPU: its error is noted, and only what is not finite refuses
/// it. Never throws for what the backend does wrong.
void verify(Contender& contender, const Backend& backend, const Oracle& oracle, const Plan& plan,
            std::span<const ImageView> images, const parity::Settings& settings, const RunContext& context);

}  // namespace kir::benchmarks
