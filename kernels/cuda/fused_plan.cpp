#include "kernels/cuda/fused_plan.hpp"

#include "kernels/cuda/fill_shape.hpp"

namespace kir::cuda {
namespace {

std::int64_t blocks_of(const void* blob, const JobDesc& job) {
  const auto& y = record_at<AxisDesc>(blob, job.y_axis);
  const auto& x = record_at<AxisDesc>(blob, job.x_axis);
  return static_cast<std::int64_t>((y.count + kFusedRows - 1) / kFusedRows) *
         ((x.count + kFusedColumns - 1) / kFusedColumns);
}

std::int64_t blocks_of(const FillDesc& fill) {
  return (fill_tiles(fill) + kFusedRows - 1) / kFusedRows;  // each warp makes a tile
}

std::string job_reason(const Job& job) {
  const auto selects = [](const Axis& axis, bool resampled) {
    return !resampled || axis.filter == Filter::nearest || axis.filter == Filter::nearest_exact;
  };
  if (job.round == Round::never) return "";
  if (selects(job.y, resamples_y(job.passes)) && selects(job.x, resamples_x(job.passes))) return "";
  return "round = each (torch_cpu) rounds between the passes, of which this kernel has one; allowed: never";
}

}  // namespace

std::string why_not_fused(const Plan& plan) {
  for (std::size_t l = 0; l < plan.levels.size(); ++l) {
    for (std::size_t j = 0; j < plan.levels[l].jobs.size(); ++j) {
      const std::string reason = job_reason(plan.levels[l].jobs[j]);
      if (!reason.empty()) return "levels[" + std::to_string(l) + "].jobs[" + std::to_string(j) + "]: " + reason;
    }
  }
  return "";
}

std::int64_t number_fused_blocks(Blob& blob) {
  std::int64_t blocks = 0;
  const auto number = [&blocks](auto& record, std::int64_t count) {
    record.first_tile = static_cast<std::uint32_t>(blocks);
    record.tiles = static_cast<std::uint32_t>(count);
    blocks += count;
  };
  for (JobDesc& job : blob.jobs()) number(job, blocks_of(blob.data(), job));
  for (FillDesc& fill : blob.fills()) number(fill, blocks_of(fill));
  return blocks;
}

std::vector<std::string> explain_fused(const Plan& plan, const Part& part, const Tuning&) {
  std::vector<std::string> lines;
  for (Blob& blob : lower({plan, {}, {}, nullptr}, part)) {
    const std::size_t parameters = with_parameter_size(blob, [](auto bytes) { return bytes(); });
    lines.push_back(
        "fused: " + std::to_string(blob.header().job_count) + " jobs and " + std::to_string(blob.header().fill_count) +
        " fills in " + std::to_string(number_fused_blocks(blob)) + " blocks of " + std::to_string(kFusedColumns) +
        " columns x " + std::to_string(kFusedRows) + " rows, all channels; " + std::to_string(kFusedSharedBytes) +
        " bytes of shared memory a block; parameters of " + std::to_string(parameters) +
        " bytes, the smallest that hold the " + std::to_string(blob.bytes()) + " of its blob");
  }
  return lines;
}

}  // namespace kir::cuda
