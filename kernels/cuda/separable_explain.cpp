// What `kir plan --explain` prints of cuda-separable.
#include <algorithm>
#include <sstream>

#include "kernels/cuda/separable_plan.hpp"
#include "kernels/cuda/walk_shape.hpp"

namespace kir::cuda {
namespace {

template <class... Pieces>
std::string text_of(const Pieces&... pieces) {
  std::ostringstream text;
  (text << ... << pieces);
  return text.str();
}

std::string records_of(const BlobHeader& header) {
  return text_of(header.job_count, " jobs, ", header.axis_count, " axes, ", header.fill_count, " fills in ",
                 header.bytes, " bytes of parameters");
}

/// What the compiler may give a thread: a block of the tile kernel is a multiprocessor's, and those of a direct launch
/// share one.
int registers_of(const SeparablePlan& plan, const Choices& choices) {
  const int threads =
      plan.is_direct ? 32 * kDirectWarps * choices.direct_blocks : 32 * kTeamWarps * (choices.most_teams + 1);
  return kRegisters / threads;
}

std::vector<std::string> launches_of(const SeparablePlan& plan, const Tuning& tuning) {
  const int registers = registers_of(plan, tuning.choices);
  if (plan.is_direct) {
    return {text_of("direct: ", records_of(plan.blobs[0].header()), "; float arithmetic, stores ", name_of(plan.store),
                    ", ", name_of(plan.reach), "; ", plan.tile_count,
                    " tiles, a block each, for all run at once, where columns are contiguous; at most ", registers,
                    " registers a thread, ", plan.direct_shared_bytes, " bytes of shared memory a block")};
  }
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < plan.blobs.size(); ++i) {
    lines.push_back(text_of("prepare: ", records_of(plan.blobs[i].header()), "; grid ", plan.prepares[i].pieces, " x ",
                            plan.prepares[i].owners));
  }
  lines.push_back(text_of("separable: ", plan.integer ? "integer" : "float", " arithmetic, stores ",
                          name_of(plan.store), ", ", name_of(plan.reach),
                          plan.reach == Reach::far ? " and column walks; " : "; ", plan.tile_count, " tiles on ",
                          plan.grid, " blocks of ", plan.teams, " teams of ", kTeamWarps, " warps, at most ", registers,
                          " registers a thread, ", shared_bytes_of(plan, tuning), " bytes of shared memory a block"));
  return lines;
}

/// Records that are made alike, and why.
class Uses {
 public:
  void count(std::string form, std::string reason, std::uint32_t tiles) {
    auto use =
        std::find_if(uses_.begin(), uses_.end(), [&](const Use& u) { return u.form == form && u.reason == reason; });
    if (use == uses_.end()) use = uses_.insert(uses_.end(), {std::move(form), std::move(reason), 0, 0});
    ++use->records;
    use->tiles += tiles;
  }

  void add_to(std::vector<std::string>& lines) const {
    for (const Use& use : uses_) {
      lines.push_back(text_of("  ", use.form, ": ", use.records, use.form == "fill" ? " fills, " : " jobs, ", use.tiles,
                              " tiles: ", use.reason));
    }
  }

 private:
  struct Use {
    std::string form, reason;
    int records = 0;
    std::uint32_t tiles = 0;
  };
  std::vector<Use> uses_;
};

std::string matrix_form(const JobDesc& job) {
  const MatrixVariant& variant = kMatrixVariants[job.variant];
  return text_of("matrix tiles of ", job.tile_rows, " x ", job.strip_blocks * kBlockColumns, ", warps of ",
                 variant.blocks * kBlockColumns, " columns x ", variant.steps * kStepColumns, " source columns");
}

std::string matrix_reason(const AxisDesc& y) {
  const StepForm steps = step_form_of(y);
  const std::string columns = text_of("windows of ", kBlockColumns, " columns fit; ");
  if (steps.blocks > 0) return text_of(columns, "those of ", steps.blocks * kBlockRows, " rows fit 16 source rows");
  return text_of(columns, "16 source rows meet at most ", steps.most, " blocks of ", kBlockRows, " rows");
}

}  // namespace

std::vector<std::string> explain_separable(const Plan& plan, const Part& part, const Tuning& tuning) {
  SeparablePlan planned = plan_separable({plan, {}, {}, nullptr}, part, tuning);
  if (planned.tile_count == 0) return {};
  std::vector<std::string> lines = launches_of(planned, tuning);
  Uses uses;
  for (Blob& blob : planned.blobs) {
    for (const JobDesc& job : blob.jobs()) {
      if (is_matrix(job)) {
        uses.count(matrix_form(job), matrix_reason(blob.axis(job.y_axis)), job.tiles);
      } else {
        uses.count(text_of("column walk, tiles of ", kWalkRows, " x ", walk_columns(blob.axis(job.x_axis))),
                   why_column_walk(blob.data(), job, planned.integer, tuning), job.tiles);
      }
    }
    for (const FillDesc& fill : blob.fills()) uses.count("fill", "padding, masks or positions", fill.tiles);
  }
  uses.add_to(lines);
  return lines;
}

}  // namespace kir::cuda
