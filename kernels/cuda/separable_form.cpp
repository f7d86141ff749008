// Which tile a job has, how its results are stored, and how much shared memory that asks for.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "kernels/cuda/separable_plan.hpp"
#include "kernels/cuda/table_shape.hpp"

namespace kir::cuda {
namespace {

constexpr int kNoVariant = -1;
constexpr int kMostSteps = 60000;  // of source rows, and blocks of rows: TileDesc counts both in 16 bits

struct Form {
  int variant = kNoVariant;
  int strip_blocks = 0, pitch = 0, step_blocks = 0, end_step = 0;
  int most_blocks = 0;                            ///< of output rows that a step meets
  std::size_t rows_bytes = 0, weights_bytes = 0;  ///< of a stage: its rows; the vertical weights of one of its steps
  std::size_t scratch_bytes = 0;                  ///< of a warp that makes tables
  const char* reason = "";                        ///< why not a matrix tile; empty when it is one
};

// ---------------------------------------------------------------------------------------------------------------------
// Each asks for one thing, adds what it found to the form, and says why there is no matrix tile

const char* why_not_pixels(const JobDesc& job, const EpilogueDesc& epilogue, bool integer) {
  if (job.source_type != Type::u8) return "the source is float32";
  if (job.levels != integer) return "other jobs of the launch have the other arithmetic";
  if (integer ? epilogue.mixes : !epilogue.affine) return "the epilogue mixes channels or rounds between its steps";
  return "";
}

/// The variant with the fewest instructions for the windows of an axis.
const char* why_not_columns(const AxisDesc& x, Form& form) {
  const int steps = blocks_of(span_of(x, kBlockColumns), kStepColumns);
  for (std::size_t i = 0; i < kMatrixVariants.size(); ++i) {
    if (kMatrixVariants[i].steps < steps) continue;
    form.variant = static_cast<int>(i);
    return "";
  }
  return "the horizontal window is wider than any variant's";
}

/// Sets y.step_blocks too.
const char* why_not_rows(AxisDesc& y, Form& form) {
  const StepForm steps = step_form_of(y);
  if (!steps.fits) return "rows are enlarged so much that too many blocks wait for the next source rows";
  form.step_blocks = steps.blocks;
  form.most_blocks = steps.most;
  y.step_blocks = static_cast<std::uint8_t>(steps.blocks);
  form.end_step = last_step_end(y);
  const bool countable = std::max(form.end_step, blocks_of(y.count, kBlockRows)) <= kMostSteps;
  return countable ? "" : "there are too many rows";
}

/// Strips of about one width. Rows lie an odd number of 16 bytes apart, so that those of a half begin in different
/// banks.
const char* why_not_stage(const AxisDesc& x, bool integer, const Tuning& tuning, Form& form) {
  const MatrixVariant& variant = kMatrixVariants[static_cast<std::size_t>(form.variant)];
  const int blocks = blocks_of(x.count, kBlockColumns);
  const int strips = blocks_of(blocks, kTeamWarps * variant.blocks);
  form.strip_blocks = blocks_of(blocks_of(blocks, strips), variant.blocks) * variant.blocks;
  form.pitch = 16 * ((span_of(x, form.strip_blocks * kBlockColumns) + 30) / 16 | 1);
  form.rows_bytes = static_cast<std::size_t>(kStageRows) * static_cast<std::size_t>(form.pitch);
  form.weights_bytes = static_cast<std::size_t>(form.most_blocks) * static_cast<std::size_t>(pair_bytes(integer));
  // Each has its part of a stage, for the stages of a launch have room for its widest rows and for its most weights.
  const Choices& choices = tuning.choices;
  const std::size_t stage_bytes =
      (tuning.shared_per_block - static_cast<std::size_t>(block_head_bytes(choices))) / choices.stages -
      kStageHeadBytes;
  const bool fits = form.rows_bytes <= stage_bytes / 4 * choices.rows_quarters &&
                    kStageSteps * form.weights_bytes <= stage_bytes / 4 * (4 - choices.rows_quarters);
  return fits ? "" : "the window is too large for shared memory";
}

const char* why_not_scratch(const AxisDesc& x, const AxisDesc& y, bool integer, const Tuning& tuning, Form& form) {
  const Choices& choices = tuning.choices;
  const int steps = kMatrixVariants[static_cast<std::size_t>(form.variant)].steps;
  form.scratch_bytes = std::max(table_scratch_bytes(x, steps), table_scratch_bytes(y, 1));
  const std::size_t warps = integer ? choices.prepare_warps_integer : choices.prepare_warps;
  const bool fits = warps * form.scratch_bytes <= tuning.shared_per_block / choices.scratch_share;
  return fits ? "" : "the window has too many taps for the prepare kernel's shared memory";
}

Form form_of(const void* blob, const JobDesc& job, bool integer, const Tuning& tuning) {
  const AxisDesc& x = record_at<AxisDesc>(blob, job.x_axis);
  AxisDesc y = record_at<AxisDesc>(blob, job.y_axis);
  Form form;
  const auto asked = [&form](const char* reason) {
    form.reason = reason;
    return *reason == '\0';
  };
  const bool is_matrix = asked(why_not_pixels(job, record_at<EpilogueDesc>(blob, job.epilogue), integer)) &&
                         asked(why_not_columns(x, form)) && asked(why_not_rows(y, form)) &&
                         asked(why_not_stage(x, integer, tuning, form)) &&
                         asked(why_not_scratch(x, y, integer, tuning, form));
  if (!is_matrix) form.variant = kNoVariant;
  return form;
}

// ---------------------------------------------------------------------------------------------------------------------
// Stores

bool is_plain(const JobDesc& job, const void* blob) {
  const LayoutDesc& layout = record_at<LayoutDesc>(blob, job.layout);
  const AxisDesc& x = record_at<AxisDesc>(blob, job.x_axis);
  const AxisDesc& y = record_at<AxisDesc>(blob, job.y_axis);
  return layout.copies == 1 && layout.x.inner == 1 &&
         static_cast<std::int64_t>(layout.x.unit) >= std::int64_t{job.at_x} + x.count &&
         static_cast<std::int64_t>(layout.y.unit) >= std::int64_t{job.at_y} + y.count;
}

StoreKind store_of(const JobDesc& job, const void* blob) {
  if (!is_plain(job, blob)) return StoreKind::any;
  if (job.target_type == Type::f32) return StoreKind::rows_f32;
  return job.target_type == Type::f16 || job.target_type == Type::bf16 ? StoreKind::rows_16 : StoreKind::any;
}

bool even(auto... numbers) {
  return ((numbers % 2 == 0) && ...);
}

/// Neighbours stay neighbours: no boundary of the layout is between columns or rows 2i and 2i + 1.
bool stays_even(const StepsDesc& steps, std::int32_t at) {
  return steps.unit >= 1u << 30 || even(steps.unit, steps.middle, steps.outer, at);
}

/// The first `count` elements along one axis are in less than this many elements.
double extent_of(const StepsDesc& steps, double count) {
  const double units = count / steps.unit + 1;
  return static_cast<double>(std::abs(steps.outer)) * (units / steps.group + 1) +
         static_cast<double>(std::abs(steps.middle)) * std::min<double>(units, steps.group) +
         static_cast<double>(std::abs(steps.inner)) * std::min<double>(count, steps.unit);
}

/// JobDesc::pairs for a kernel with this store.
bool stores_pairs(const JobDesc& job, const void* blob, StoreKind store) {
  const LayoutDesc& layout = record_at<LayoutDesc>(blob, job.layout);
  if (layout.x.inner != 1 || reinterpret_cast<std::uintptr_t>(job.target) % (2 * bytes_of(job.target_type)) != 0 ||
      !even(record_at<AxisDesc>(blob, job.x_axis).count, job.at_x, layout.channel, layout.y.inner)) {
    return false;
  }
  if (store != StoreKind::any) return true;
  constexpr double kMost = 1 << 29;
  return job.target_type == Type::f32 && even(layout.copy) && stays_even(layout.x, job.at_x) &&
         stays_even(layout.y, job.at_y) && layout.copies * static_cast<double>(std::abs(layout.copy)) < kMost &&
         extent_of(layout.y, job.at_y + record_at<AxisDesc>(blob, job.y_axis).count) < kMost;
}

// ---------------------------------------------------------------------------------------------------------------------
// All jobs of a part

void write_form(const Form& form, Blob& blob, JobDesc& job) {
  job.variant = static_cast<std::uint8_t>(form.variant);
  job.strip_blocks = static_cast<std::uint8_t>(form.strip_blocks);
  job.pitch = static_cast<std::uint16_t>(form.pitch);
  AxisDesc& y = blob.axis(job.y_axis);
  y.step_blocks = static_cast<std::uint8_t>(form.step_blocks);
  y.end_step = static_cast<std::uint16_t>(form.end_step);
}

/// Calls visit(blob, job) for all jobs.
void for_jobs(SeparablePlan& plan, const auto& visit) {
  for (Blob& blob : plan.blobs) {
    for (JobDesc& job : blob.jobs()) visit(blob, job);
  }
}

}  // namespace

const char* why_column_walk(const void* blob, const JobDesc& job, bool integer, const Tuning& tuning) {
  return form_of(blob, job, integer, tuning).reason;
}

void choose_forms(SeparablePlan& plan, const Tuning& tuning) {
  for_jobs(plan, [&](const Blob&, const JobDesc& job) { plan.integer = plan.integer || job.levels; });
  bool is_first = true;
  std::size_t rows_bytes = 0;
  for_jobs(plan, [&](Blob& blob, JobDesc& job) {
    const Form form = form_of(blob.data(), job, plan.integer, tuning);
    const bool is_matrix = form.variant != kNoVariant && job.source_x == 1;
    job.tile_kind = static_cast<std::uint8_t>(is_matrix ? TileKind::matrix : TileKind::column_walk);
    if (!is_matrix || !has_variant(Reach::near, form.variant)) plan.reach = Reach::far;
    if (form.variant == kNoVariant) return;
    write_form(form, blob, job);
    rows_bytes = std::max(rows_bytes, form.rows_bytes);
    plan.weights_bytes = std::max(plan.weights_bytes, form.weights_bytes);
    plan.scratch_bytes = std::max(plan.scratch_bytes, form.scratch_bytes);
    const StoreKind store = store_of(job, blob.data());
    plan.store = is_first || store == plan.store ? store : StoreKind::any;
    is_first = false;
  });
  for_jobs(plan, [&](Blob& blob, JobDesc& job) {
    job.pairs = stores_pairs(job, blob.data(), plan.store);
    if (!job.pairs) plan.reach = Reach::far;
  });
  plan.weights_at = rows_bytes;
  plan.stage_bytes = rows_bytes + kStageSteps * plan.weights_bytes + kStageHeadBytes;
  const Choices& choices = tuning.choices;
  const std::size_t room = tuning.shared_per_block - static_cast<std::size_t>(block_head_bytes(choices));
  plan.teams = std::clamp(static_cast<int>(room / (choices.stages * plan.stage_bytes)), 1, choices.most_teams);
}

}  // namespace kir::cuda
