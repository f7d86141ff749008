#include "gate/plan_hashes.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "benchmarks/suite.hpp"
#include "describe/plan_hash.hpp"
#include "gate/coverage.hpp"
#include "kir/error.hpp"
#include "kir/spec.hpp"
#include "plan/numerics.hpp"

namespace kir::gate {
namespace {

/// What evidence of a GPU is recorded of. Another numerics is no reason to record these again.
constexpr Numerics kRecorded[] = {Numerics::float32, Numerics::torch_cpu};

std::string hash_of(const ProcessorSpec& spec, std::span<const Numerics> recorded) {
  static const std::vector<std::vector<ImageSize>> batches = {
      {{3, 480, 640}},
      {{3, 480, 640}, {3, 333, 500}, {3, 1024, 768}, {3, 97, 131}, {3, 720, 405}},
      {{3, 300, 400}, {3, 300, 400}, {3, 300, 400}, {3, 300, 400}}};
  std::uint64_t hash = kHashBasis;
  for (const std::vector<ImageSize>& images : batches) {
    for (const Numerics numerics : recorded) {
      PlanOptions options;
      options.numerics = numerics;
      hash = plan_hash(spec, images, options, hash);
    }
  }
  return hash_text(hash);
}

std::string hash_of(const benchmarks::Suite& suite, const benchmarks::SuiteCase& one) {
  constexpr std::size_t kImages = 8;  // as many show a change as a thousand
  constexpr std::uint64_t kSeed = 0;
  std::vector<ImageSize> sizes = draw_sizes(suite, one, kSeed);
  std::uint64_t hash = fnv1a64(std::to_string(sizes.size()));
  sizes.resize(std::min(sizes.size(), kImages));
  for (const Numerics numerics : one.numerics) hash = plan_hash(suite.spec, sizes, suite.plan_options(numerics), hash);
  return hash_text(hash);
}

}  // namespace

PlanHashes plan_hashes(const std::string& configs_dir) {
  PlanHashes hashes;
  for (const Configuration& one : configurations(configs_dir + "/processors")) {
    if (!one.error.empty() || !one.spec.unsupported.empty()) continue;
    hashes["processors/" + one.name] = hash_of(one.spec, kRecorded);
    for (std::size_t i = 0; i < kNumericsRows.size(); ++i) {
      const auto numerics = static_cast<Numerics>(i);
      if (!kNumericsRows[i].built) continue;
      hashes[std::string(name_of(numerics)) + "/" + one.name] = hash_of(one.spec, {&numerics, 1});
    }
  }
  for (const benchmarks::Suite& suite : benchmarks::load_suites(configs_dir + "/suites")) {
    if (suite.measures == benchmarks::Suite::Measures::plan) continue;
    for (const benchmarks::SuiteCase& one : suite.cases) {
      if (one.runs_in(MemorySpace::cuda)) hashes["suites/" + suite.name + "_" + one.name] = hash_of(suite, one);
    }
  }
  return hashes;
}

}  // namespace kir::gate
