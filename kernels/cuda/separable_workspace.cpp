// Where everything is in the workspace: the tile counters, and for each blob the blob, the results of its epilogues and
// its tables; then the tiles. There is room for either kind of tile where the strides decide which one a job has, so
// that the bytes depend on the plan alone.
#include <algorithm>
#include <string>

#include "kernels/cuda/fill_shape.hpp"
#include "kernels/cuda/separable_plan.hpp"
#include "kernels/cuda/table_shape.hpp"
#include "kernels/cuda/walk_shape.hpp"
#include "kir/error.hpp"

namespace kir::cuda {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kCounterBytes = 64;
constexpr std::size_t kMostWorkspaceBytes = std::size_t{16} << 30;  // TileDesc counts 4 bytes in 32 bits

class Workspace {
 public:
  /// Where the next `bytes` are.
  std::size_t take(std::size_t bytes) {
    const std::size_t offset = bytes_;
    bytes_ += align(bytes, kAlignment);
    return offset;
  }
  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t bytes_ = kCounterBytes;
};

/// Of one blob.
struct Needs {
  std::vector<std::uint16_t> matrix_steps;  ///< of each axis: AxisDesc::steps where it has a matrix table, else 0
  std::uint32_t room = 0;                   ///< tiles, whatever the strides are
  std::uint32_t most_tiles = 0;             ///< of one record
};

/// How many tiles the records have, and which axes need which table.
Needs count_tiles(Blob& blob) {
  Needs needs;
  needs.matrix_steps.resize(blob.axes().size());
  const auto steps_of_table = [&](const AxisDesc& axis) -> std::uint16_t& {
    return needs.matrix_steps[static_cast<std::size_t>(&axis - blob.axes().data())];
  };
  for (JobDesc& job : blob.jobs()) {
    AxisDesc &x = blob.axis(job.x_axis), &y = blob.axis(job.y_axis);
    const auto walk_tiles =
        static_cast<std::uint32_t>(walk_column_blocks(x)) * static_cast<std::uint32_t>(walk_row_blocks(y));
    std::uint32_t matrix_tiles = 0;
    if (job.strip_blocks > 0) {
      matrix_tiles = strips_of(x, job) * static_cast<std::uint32_t>(blocks_of(y.count, job.tile_rows));
      steps_of_table(x) = static_cast<std::uint16_t>(kMatrixVariants[job.variant].steps);
      steps_of_table(y) = 1;
    }
    if (is_matrix(job)) {
      job.tiles = matrix_tiles;
      x.steps = steps_of_table(x);
      y.steps = steps_of_table(y);
    } else {
      job.tiles = walk_tiles;
      x.walk_table = y.walk_table = 1;
    }
    needs.room += std::max(matrix_tiles, walk_tiles);
    needs.most_tiles = std::max(needs.most_tiles, job.tiles);
  }
  for (FillDesc& fill : blob.fills()) {
    fill.tiles = static_cast<std::uint32_t>(fill_tiles(fill));
    needs.room += fill.tiles;
    needs.most_tiles = std::max(needs.most_tiles, fill.tiles);
  }
  return needs;
}

/// Returns the most units that a table of the blob has.
int place_tables(Blob& blob, const Needs& needs, Workspace& workspace) {
  int most_units = 1;
  for (std::size_t i = 0; i < blob.axes().size(); ++i) {
    AxisDesc& axis = blob.axes()[i];
    most_units = std::max(most_units, table_units(axis));
    if (const int steps = needs.matrix_steps[i]; steps > 0) {
      axis.table = static_cast<std::uint32_t>(workspace.take(table_bytes(axis, steps)) / 16);
    }
    const std::size_t walk_at = workspace.take(axis.vertical ? row_table_bytes(axis) : column_table_bytes(axis));
    if (axis.walk_table > 0) axis.walk_table = static_cast<std::uint32_t>(walk_at / 16);
  }
  return most_units;
}

/// The grid of the prepare kernel: a row of blocks for each axis, job, epilogue (integer) and one for the rest.
void choose_grid(SeparablePlan::Prepare& prepare, const BlobHeader& header, bool integer, int most_units,
                 std::uint32_t most_tiles, const Tuning& tuning) {
  const Choices& choices = tuning.choices;
  const int warps = integer ? choices.prepare_warps_integer : choices.prepare_warps;
  prepare.owners =
      static_cast<unsigned>(header.axis_count + header.job_count + 1 + (integer ? header.epilogue_count : 0));
  // Every piece of an integer axis looks for its shift, so there are few where there are many axes.
  const int most_pieces = integer ? tuning.multiprocessors / static_cast<int>(prepare.owners) : choices.most_pieces;
  const int pieces = std::min(blocks_of(most_units, warps), most_pieces);
  const auto tile_pieces = static_cast<int>(most_tiles / static_cast<unsigned>(32 * warps * choices.tiles_per_thread));
  prepare.pieces = static_cast<unsigned>(std::clamp(std::max(pieces, tile_pieces), 1, choices.most_pieces));
}

}  // namespace

void place_in_workspace(SeparablePlan& plan, const Tuning& tuning) {
  Workspace workspace;
  std::uint32_t room = 0;
  for (Blob& blob : plan.blobs) {
    SeparablePlan::Prepare& prepare = plan.prepares.emplace_back();
    prepare.blob_at = workspace.take(blob.bytes());
    if (plan.integer) {
      prepare.levels_at = workspace.take(std::size_t(blob.header().epilogue_count) * 4 * 256 * 4);
    }
    const Needs needs = count_tiles(blob);
    room += needs.room;
    const int most_units = place_tables(blob, needs, workspace);
    choose_grid(prepare, blob.header(), plan.integer, most_units, needs.most_tiles, tuning);
  }
  plan.tiles_at = workspace.take(std::size_t{room} * sizeof(TileDesc));
  plan.bytes = workspace.bytes();
  if (plan.bytes > kMostWorkspaceBytes) {
    throw Error(ErrorCode::unsupported, "images",
                "the tables of a level would need " + std::to_string(plan.bytes) + " bytes; allowed: at most " +
                    std::to_string(kMostWorkspaceBytes) + "; give fewer images at once");
  }
}

}  // namespace kir::cuda
