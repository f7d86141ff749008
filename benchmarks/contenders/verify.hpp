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

/// libtorch on the CPU or on a CUDA device: what every other contender is put in ratio to.
bool is_libtorch(const std::string& backend);

/// "BACKEND_float" for float32, else "BACKEND_NUMERICS" ("cpu_torch_cpu"). The torch_cpu of libtorch is its own resize
/// of uint8, and so it is called: "libtorch_uint8".
std::string contender_name(const std::string& backend, Numerics numerics);

/// A contender of a backend under its contender_name, not yet verified and with nothing to time.
Contender named_contender(const std::string& backend, Numerics numerics);

/// Compares what the backend makes of the images, which are in host memory, with what the oracle makes of them. Beyond
/// the parity bound, or not supported, the contender is refused. An oracle is taken at its word; so is libtorch on a
/// CUDA device, which sums in another order than on the CPU: its error is noted, and only what is not finite refuses
/// it. Never throws for what the backend does wrong.
void verify(Contender& contender, const Backend& backend, const Oracle& oracle, const Plan& plan,
            std::span<const ImageView> images, const parity::Settings& settings, const RunContext& context);

}  // namespace kir::benchmarks
