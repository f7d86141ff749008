#include "kernels/cuda/separable_plan.hpp"

#include <algorithm>

namespace kir::cuda {
namespace {

/// Numbers the tiles: matrix tiles first, for they take longest.
void number_tiles(SeparablePlan& plan) {
  const auto number = [&plan](auto& record) {
    record.first_tile = plan.tile_count;
    plan.tile_count += record.tiles;
  };
  for (Blob& blob : plan.blobs) {
    for (JobDesc& job : blob.jobs()) {
      if (is_matrix(job)) number(job);
    }
  }
  plan.matrix_tiles = plan.tile_count;
  for (Blob& blob : plan.blobs) {
    for (JobDesc& job : blob.jobs()) {
      if (!is_matrix(job)) number(job);
    }
    for (FillDesc& fill : blob.fills()) number(fill);
  }
}

/// A small part is spread over the multiprocessors rather than over the teams of a few.
void spread(SeparablePlan& plan, const Tuning& tuning) {
  const auto teams = static_cast<unsigned>(plan.teams);
  const unsigned warp_tiles = plan.tile_count - plan.matrix_tiles;
  const unsigned work = plan.matrix_tiles + (warp_tiles + kTeamWarps - 1) / kTeamWarps;  // of teams
  plan.is_direct = plan.could_be_direct && warp_tiles == 0;
  plan.grid = std::min(static_cast<unsigned>(tuning.multiprocessors), work);
  plan.teams = static_cast<int>(std::min(teams, (work + plan.grid - 1) / std::max(plan.grid, 1u)));
}

}  // namespace

SeparablePlan plan_separable(const PlanMemory& memory, const Part& part, const Tuning& tuning) {
  SeparablePlan plan;
  plan.blobs = lower(memory, part);
  if (plan.blobs.empty()) return plan;
  choose_forms(plan, tuning);
  choose_tile_rows(plan, tuning);
  place_in_workspace(plan, tuning);
  number_tiles(plan);
  spread(plan, tuning);
  return plan;
}

std::size_t shared_bytes_of(const SeparablePlan& plan, const Tuning& tuning) {
  const Choices& choices = tuning.choices;
  return static_cast<std::size_t>(block_head_bytes(choices)) +
         static_cast<std::size_t>(plan.teams * choices.stages) * plan.stage_bytes;
}

unsigned threads_of(const SeparablePlan& plan) {
  return static_cast<unsigned>(32 * kTeamWarps * (plan.teams + 1));
}

}  // namespace kir::cuda
