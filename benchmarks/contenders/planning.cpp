#include "benchmarks/contenders/planning.hpp"

#include <benchmark/benchmark.h>

#include <utility>

#include "benchmarks/contenders/verify.hpp"
#include "kir/error.hpp"

namespace kir::benchmarks {

Contender planning_contender(const ProcessorSpec& spec, std::vector<ImageSize> sizes, Numerics numerics) {
  if (!probes(spec, sizes).empty()) {
    throw Error(ErrorCode::invalid_argument, spec.source,
                "planning is timed without probes, and this processor needs them");
  }
  PlanOptions options;
  options.numerics = numerics;
  Contender contender = named_contender("plan", numerics);
  contender.run = [spec, options, sizes = std::move(sizes)] { benchmark::DoNotOptimize(plan(spec, sizes, options)); };
  return contender;
}

}  // namespace kir::benchmarks
