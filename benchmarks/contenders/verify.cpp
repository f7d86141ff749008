#include "benchmarks/contenders/verify.hpp"

#include <algorithm>

#include "parity/runner.hpp"
#include "plan/numerics.hpp"

namespace kir::benchmarks {
namespace {

constexpr const char* kTrusted = "libtorch-cuda";

/// Why the backend gets no time; empty when it computes what the oracle computes.
std::string refusal(const parity::CaseResult& result, bool is_trusted) {
  if (!result.skipped.empty()) return result.skipped;
  if (!result.error.empty()) return result.error;
  for (const parity::Comparison& output : result.outputs) {
    const bool good = is_trusted ? output.non_finite == 0 && output.unequal == 0 : output.within(result.tolerance);
    if (!good) return "wrong: " + output.describe_worst();
  }
  return {};
}

}  // namespace

bool is_libtorch(const std::string& backend) {
  return backend.rfind("libtorch", 0) == 0;
}

std::string contender_name(const std::string& backend, Numerics numerics) {
  const NumericsRow& row = row_of(numerics);
  if (row.round == Round::never) return backend + "_float";
  if (row.arithmetic == Arithmetic::torch_int16 && is_libtorch(backend)) return backend + "_uint8";
  return backend + "_" + row.name;
}

Contender named_contender(const std::string& backend, Numerics numerics) {
  Contender contender;
  contender.name = contender_name(backend, numerics);
  contender.backend = backend;
  contender.numerics = name_of(numerics);
  return contender;
}

void verify(Contender& contender, const Backend& backend, const Oracle& oracle, const Plan& plan,
            std::span<const ImageView> images, const parity::Settings& settings, const RunContext& context) {
  if (const Support support = backend.supports(plan); !support.ok) {
    contender.refused = contender.backend + ": " + support.reason;
    return;
  }
  if (&backend == oracle.backend) return;
  const bool is_trusted = contender.backend == kTrusted;
  const parity::CaseResult result = parity::run_plan(plan, images, backend, *oracle.backend, settings, context);
  contender.verified_against = oracle.name;
  contender.refused = refusal(result, is_trusted);
  if (!is_trusted) contender.bound = result.tolerance.max_abs;
  double max_abs = 0;
  for (const parity::Comparison& output : result.outputs) max_abs = std::max(max_abs, output.max_abs);
  contender.max_abs = max_abs;
}

}  // namespace kir::benchmarks
