// What a CUDA backend says of a plan: whether it runs it, and how. Needs no CUDA and no device.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/cuda/lower.hpp"
#include "kernels/cuda/tuning.hpp"
#include "kir/backend.hpp"

namespace kir::cuda {

struct Planner {
  const char* name;
  std::string (*why_not)(const Plan&);  ///< beyond kir::support_of; empty for a plan that it runs
  std::vector<std::string> (*explain)(const Plan&, const Part&, const Tuning&);
};
extern const Planner kSeparablePlanner, kFusedPlanner;

inline Part part_of(const Level& level) {
  return {level.jobs, level.fills};
}
inline bool empty(const Part& part) {
  return part.jobs.empty() && part.fills.empty();
}

Support support_of(const Planner& planner, const Plan& plan);

/// One line a launch and one for each kind of tile. Throws Error{unsupported} for a plan without support.
std::vector<std::string> explain(const Planner& planner, const Plan& plan, const Tuning& tuning);

}  // namespace kir::cuda
