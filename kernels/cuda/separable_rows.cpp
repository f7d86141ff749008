// How many rows a tile has. Tall tiles share more source rows between their blocks, but there must be several tiles for
// each team, or some teams end long before the others. A part too small for that is one round of tiles, as many as
// there are teams; a smaller one still is one launch, a block a tile (direct.cuh).
#include <algorithm>

#include "kernels/cuda/separable_plan.hpp"
#include "kernels/cuda/table_shape.hpp"

namespace kir::cuda {
namespace {

/// The jobs that may have matrix tiles, and how many tiles they have for each number of rows.
class Tiles {
 public:
  explicit Tiles(SeparablePlan& plan) : plan_(plan) {
    for_jobs([this](const JobDesc& job, const AxisDesc& x, const AxisDesc& y) {
      const int blocks = blocks_of(y.count, kBlockRows);
      if (bands_.empty() || bands_.back().blocks != blocks) bands_.push_back({blocks, 0});
      bands_.back().strips += strips_of(x, job);
    });
  }

  double count_with(int tile_rows) const {
    double tiles = 0;
    for (const Band& band : bands_) tiles += band.strips * blocks_of(band.blocks, tile_rows / kBlockRows);
    return tiles;
  }

  /// About as many rows in each tile of a job, at most `tile_rows`.
  void cut(int tile_rows) const {
    for_jobs([tile_rows](JobDesc& job, const AxisDesc&, const AxisDesc& y) {
      const int blocks = blocks_of(y.count, kBlockRows), segments = blocks_of(blocks, tile_rows / kBlockRows);
      job.tile_rows = static_cast<std::uint16_t>(blocks_of(blocks, segments) * kBlockRows);
    });
  }

 private:
  /// Jobs with as many rows, side by side: in most batches all.
  struct Band {
    int blocks;
    double strips;
  };

  void for_jobs(const auto& visit) const {
    for (Blob& blob : plan_.blobs) {
      for (JobDesc& job : blob.jobs()) {
        if (job.strip_blocks > 0) visit(job, blob.axis(job.x_axis), blob.axis(job.y_axis));
      }
    }
  }

  SeparablePlan& plan_;
  std::vector<Band> bands_;
};

/// Whether a part is of the kind that has one launch, if its tiles are few enough.
bool is_direct_kind(SeparablePlan& plan) {
  if (plan.integer || plan.blobs.size() != 1) return false;
  Blob& blob = plan.blobs[0];
  return blob.bytes() <= kDirectBlobBytes && blob.fills().empty() &&
         std::ranges::all_of(blob.jobs(), [](const JobDesc& job) { return job.strip_blocks > 0; });
}

/// Shared memory of a block that makes one tile of its own; what is in it.
void place_direct(SeparablePlan& plan, const Choices& choices) {
  std::size_t x_bytes = 0, y_bytes = 0;
  Blob& blob = plan.blobs[0];
  for (const JobDesc& job : blob.jobs()) {
    AxisDesc x = blob.axis(job.x_axis), y = blob.axis(job.y_axis);  // as narrow() will leave them, at most
    x.count = job.strip_blocks * kBlockColumns;
    const int steps = (span_of(y, job.tile_rows) + 2 * kStepRows - 2) / kStepRows;
    y.count = job.tile_rows;
    y.end_step = static_cast<std::uint16_t>(y.step_blocks > 0 ? last_step_end(y) : steps);
    x_bytes = std::max(x_bytes, table_bytes(x, kMatrixVariants[job.variant].steps));
    y_bytes = std::max(y_bytes, table_bytes(y, 1));
  }
  const auto head = static_cast<std::size_t>(block_head_bytes(choices));
  const std::size_t stages = std::max(choices.stages * plan.stage_bytes, kTableWarps * plan.scratch_bytes);
  const std::size_t x_at = sizeof(DirectHead) + blob.bytes(), y_at = x_at + x_bytes;
  const auto narrowed = [](std::size_t bytes) { return static_cast<std::uint32_t>(bytes); };
  plan.direct = {.stage_bytes = narrowed(plan.stage_bytes),
                 .weights_at = narrowed(plan.weights_at),
                 .weights_bytes = narrowed(plan.weights_bytes),
                 .memory_at = narrowed(head + stages),
                 .x_table = narrowed(x_at / 16),
                 .y_table = narrowed(y_at / 16),
                 .scratch_bytes = static_cast<int>(plan.scratch_bytes),
                 .store = plan.store};
  plan.direct_shared_bytes = head + stages + y_at + y_bytes;
}

/// One launch, a block a tile: the shortest tiles that are no more than the multiprocessors, so that the next call can
/// begin beside this one; where there are none, the tallest that fit into a block's share of the shared memory, if all
/// run at once. Whether there are such tiles.
bool cut_direct(SeparablePlan& plan, const Tiles& tiles, const Tuning& tuning) {
  const Choices& choices = tuning.choices;
  const double at_once = choices.direct_blocks * tuning.multiprocessors;
  if (!is_direct_kind(plan) || tiles.count_with(choices.tile_rows.front()) > at_once) return false;
  const std::size_t room = (tuning.shared_per_block - kReservedBytes) / static_cast<std::size_t>(choices.direct_blocks);
  int tile_rows = 0;
  for (const int rows : choices.tile_rows) {
    if (tile_rows != 0 && tiles.count_with(rows) > tuning.multiprocessors) break;
    tiles.cut(rows);
    place_direct(plan, choices);
    if (plan.direct_shared_bytes <= room) tile_rows = rows;
  }
  if (tile_rows == 0 || tiles.count_with(tile_rows) > at_once) return false;
  tiles.cut(tile_rows);
  place_direct(plan, choices);
  return true;
}

}  // namespace

void choose_tile_rows(SeparablePlan& plan, const Tuning& tuning) {
  const Tiles tiles(plan);
  plan.could_be_direct = cut_direct(plan, tiles, tuning);
  if (plan.could_be_direct) return;

  const double teams = 1.0 * tuning.multiprocessors * plan.teams;
  int tile_rows = 0;
  for (const int rows : tuning.choices.tile_rows) {
    const double count = tiles.count_with(rows);
    if (tile_rows == 0 || count <= teams) tile_rows = rows;
    if (count < tuning.choices.tiles_per_team * teams) continue;
    tile_rows = rows;
    break;
  }
  tiles.cut(tile_rows);
}

}  // namespace kir::cuda
