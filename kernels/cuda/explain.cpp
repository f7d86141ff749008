#include "kernels/cuda/explain.hpp"

#include "kernels/cuda/fused_plan.hpp"
#include "kernels/cuda/separable_plan.hpp"
#include "kernels/plan_support.hpp"
#include "kir/cuda.hpp"
#include "kir/error.hpp"

namespace kir {
namespace cuda {
namespace {

std::string why_not_steps(const Plan& plan) {
  for (const Epilogue& epilogue : plan.epilogues) {
    if (epilogue.steps.size() <= kMaxSteps) continue;
    return "an epilogue of " + std::to_string(epilogue.steps.size()) + " steps; allowed: at most " +
           std::to_string(kMaxSteps);
  }
  return {};
}

}  // namespace

const Planner kSeparablePlanner = {"cuda-separable", [](const Plan&) { return std::string(); }, explain_separable};
const Planner kFusedPlanner = {"cuda-fused", why_not_fused, explain_fused};

Support support_of(const Planner& planner, const Plan& plan) {
  Support support = kir::support_of(plan);
  if (support.ok) support.reason = why_not_steps(plan);
  if (support.ok && support.reason.empty()) support.reason = planner.why_not(plan);
  support.ok = support.reason.empty();
  return support;
}

std::vector<std::string> explain(const Planner& planner, const Plan& plan, const Tuning& tuning) {
  if (const Support support = support_of(planner, plan); !support.ok) {
    throw Error(ErrorCode::unsupported, std::string("backend ") + planner.name, support.reason);
  }
  std::vector<std::string> lines;
  for (std::size_t l = 0; l < plan.levels.size(); ++l) {
    if (empty(part_of(plan.levels[l]))) continue;
    for (const std::string& line : planner.explain(plan, part_of(plan.levels[l]), tuning)) {
      lines.push_back(plan.levels.size() > 1 ? "level " + std::to_string(l) + ": " + line : line);
    }
  }
  return lines;
}

}  // namespace cuda

std::vector<std::string> explain_cuda(const Plan& plan, std::string_view backend, std::string_view architecture) {
  for (const cuda::Planner* planner : {&cuda::kSeparablePlanner, &cuda::kFusedPlanner}) {
    if (backend == planner->name) return cuda::explain(*planner, plan, cuda::tuning_named(architecture));
  }
  throw Error(ErrorCode::invalid_argument, "backend",
              "\"" + std::string(backend) + "\" runs on no GPU architecture; allowed are " +
                  cuda::kSeparablePlanner.name + ", " + cuda::kFusedPlanner.name);
}

}  // namespace kir
