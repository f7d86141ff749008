#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "kernels/cpu/axis_table_cache.hpp"
#include "kernels/cpu/band.hpp"
#include "kernels/cpu/passes.hpp"
#include "kernels/cpu/probes.hpp"
#include "kernels/cpu/store.hpp"
#include "kernels/plan_support.hpp"
#include "kir/cpu.hpp"

namespace kir {
namespace {

using namespace kir::cpu;

constexpr std::size_t kTableCacheBytes = 32 << 20;

// A band repeats the rows that its first window shares with the band above, so bands are not made short.
constexpr std::int32_t kLeastBandRows = 32;
constexpr std::int64_t kBandsPerWorker = 4;

constexpr std::size_t align(std::size_t bytes) {
  return (bytes + 63) / 64 * 64;
}

Executor& executor_of(const RunContext& context) {
  static SerialExecutor serial;
  return context.executor ? *context.executor : serial;
}

// ---------------------------------------------------------------------------------------------------------------------
// The caller's workspace: the canvases, then one scratch for each worker

std::int32_t source_channels(const Plan& plan, const Source& from) {
  return from.kind == Source::Kind::image ? plan.images[from.index].channels : plan.canvases[from.index].channels;
}

Type source_type(const Plan& plan, const Source& from) {
  return from.kind == Source::Kind::image ? Type::u8 : plan.canvases[from.index].type;
}

/// A band resamples along rows first. A job that resamples along columns first is that of the transposed source and
/// target.
Job band_job(const Job& job) {
  Job one = job;
  if (job.passes != Passes::yx) return one;
  one.passes = Passes::xy;
  std::swap(one.y, one.x);
  std::swap(one.at_y, one.at_x);
  std::swap(one.to.layout.y, one.to.layout.x);
  return one;
}

/// `job`: a band_job.
BandShape shape_of(const Plan& plan, const Job& job) {
  return band_shape(job, source_channels(plan, job.from), source_type(plan, job.from));
}

struct Memory {
  std::vector<std::size_t> canvases;  ///< offset of each
  std::size_t scratch = 0;            ///< offset of the first worker's
  std::size_t scratch_bytes = 0;      ///< of each worker
  std::size_t bytes = 0;
};

Memory memory_of(const Plan& plan, int workers) {
  Memory memory;
  memory.canvases.reserve(plan.canvases.size());
  for (const Buffer& canvas : plan.canvases) {
    memory.canvases.push_back(memory.scratch);
    const std::size_t pixels = std::size_t(canvas.channels) * canvas.height * canvas.width;
    memory.scratch += align(pixels * bytes_of(canvas.type));
  }
  for (const Level& level : plan.levels) {
    for (const Job& job : level.jobs) {
      memory.scratch_bytes = std::max(memory.scratch_bytes, shape_of(plan, band_job(job)).bytes);
    }
  }
  memory.bytes = memory.scratch + memory.scratch_bytes * static_cast<std::size_t>(workers);
  return memory;
}

// ---------------------------------------------------------------------------------------------------------------------
// Tasks: bands of the jobs and fills of one level

struct Task {
  std::int32_t item = 0;  ///< a job, or jobs.size() + a fill
  std::int32_t begin = 0, end = 0;
};

std::int64_t work_of(const Job& job) {
  const std::int64_t source = std::int64_t{job.y.in} * job.x.in / std::max(job.y.out, 1) * job.y.count;
  return (source + 2 * std::int64_t{job.y.count} * job.x.count) * job.channels;
}

std::int64_t work_of(const Fill& fill) {
  return std::int64_t{fill.y1 - fill.y0} * (fill.x1 - fill.x0) * fill.channels;
}

/// Cuts each job and fill into bands of about equal work, enough of them to keep all workers busy to the end.
std::vector<Task> tasks_of(const Level& level, int workers) {
  std::int64_t total = 0;
  for (const Job& job : level.jobs) total += work_of(job);
  for (const Fill& fill : level.fills) total += work_of(fill);
  const std::int64_t band_work = workers > 1 ? total / (workers * kBandsPerWorker) + 1 : total + 1;

  std::vector<Task> tasks;
  tasks.reserve(level.jobs.size() + level.fills.size());
  std::int32_t item = 0;
  const auto cut = [&](std::int32_t begin, std::int32_t end, std::int64_t work) {
    const std::int32_t rows = end - begin;
    const std::int64_t most = std::max(rows / kLeastBandRows, 1);
    const auto bands = static_cast<std::int32_t>(std::clamp<std::int64_t>(work / band_work, 1, most));
    for (std::int32_t band = 0; band < bands; ++band) {
      const auto edge = [&](std::int32_t b) {
        return begin + static_cast<std::int32_t>(std::int64_t{rows} * b / bands);
      };
      tasks.push_back({item, edge(band), edge(band + 1)});
    }
    ++item;
  };
  for (const Job& job : level.jobs) cut(0, job.passes == Passes::yx ? job.x.count : job.y.count, work_of(job));
  for (const Fill& fill : level.fills) cut(fill.y0, fill.y1, work_of(fill));
  return tasks;
}

// ---------------------------------------------------------------------------------------------------------------------

/// One run of one plan: where everything is.
class Run {
 public:
  Run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs, std::byte* workspace,
      Executor& executor, AxisTableCache& tables, const PassLoops& loops)
      : plan_(plan),
        images_(images),
        outputs_(outputs),
        workspace_(workspace),
        memory_(memory_of(plan, executor.workers())),
        executor_(executor),
        tables_(tables),
        loops_(loops) {}

  void operator()(const Level& level) const {
    struct Tables {
      std::shared_ptr<const AxisTable> x, y;
    };
    const auto jobs = static_cast<std::int64_t>(level.jobs.size());
    std::vector<Tables> tables(level.jobs.size());
    std::vector<BandRun> runs(level.jobs.size());
    executor_.parallel_for(jobs, [&](std::int64_t j, int) {
      const Job job = band_job(level.jobs[j]);
      Samples from = samples(job.from);
      if (level.jobs[j].passes == Passes::yx) std::swap(from.stride_y, from.stride_x);
      if (resamples_x(job.passes)) tables[j].x = tables_.get(job.x, job.arithmetic);
      if (resamples_y(job.passes)) tables[j].y = tables_.get(job.y, job.arithmetic);
      runs[j] = {job,
                 &plan_.epilogues[job.epilogue],
                 shape_of(plan_, job),
                 from,
                 destination(job.to),
                 tables[j].x.get(),
                 tables[j].y.get()};
    });

    const std::vector<Task> tasks = tasks_of(level, executor_.workers());
    executor_.parallel_for(static_cast<std::int64_t>(tasks.size()), [&](std::int64_t t, int worker) {
      const Task& task = tasks[t];
      if (task.item < jobs) {
        std::byte* scratch = workspace_ + memory_.scratch + memory_.scratch_bytes * static_cast<std::size_t>(worker);
        run_band(runs[task.item], task.begin, task.end, loops_, scratch);
      } else {
        const Fill& fill = level.fills[task.item - jobs];
        store_fill(destination(fill.to), fill, task.begin, task.end);
      }
    });
  }

 private:
  Samples samples(const Source& from) const {
    if (from.kind == Source::Kind::image) {
      const ImageView& image = images_[from.index];
      const Samples samples{image.data,           Type::u8,       image.size.channels,
                            image.stride_channel, image.stride_y, image.stride_x};
      return turned(samples, image.size.height, image.size.width, from.turn);
    }
    const Buffer& canvas = plan_.canvases[from.index];
    const Samples samples{workspace_ + memory_.canvases[from.index],  canvas.type,  canvas.channels,
                          std::int64_t{canvas.height} * canvas.width, canvas.width, 1};
    return turned(samples, canvas.height, canvas.width, from.turn);
  }

  Destination destination(const Target& to) const {
    if (to.kind == Target::Kind::output) return {outputs_[to.index].data, plan_.outputs[to.index].type, to.layout};
    return {workspace_ + memory_.canvases[to.index], plan_.canvases[to.index].type, to.layout};
  }

  const Plan& plan_;
  std::span<const ImageView> images_;
  std::span<const OutputView> outputs_;
  std::byte* workspace_;
  Memory memory_;
  Executor& executor_;
  AxisTableCache& tables_;
  const PassLoops& loops_;
};

class CpuBackend final : public Backend {
 public:
  std::string_view name() const override { return "cpu"; }

  Support supports(const Plan& plan) const override {
    return support_of(plan, {.boxes = true, .borders = true, .pillow = true, .scales = true});
  }

  std::size_t workspace_bytes(const Plan& plan, const RunContext& context) const override {
    return memory_of(plan, executor_of(context).workers()).bytes;
  }

  std::vector<ProbeResult> measure(std::span<const Probe> probes, std::span<const ImageView> images,
                                   const RunContext& context) const override {
    check_probes(probes, images);
    std::vector<ProbeResult> results(probes.size());
    executor_of(context).parallel_for(static_cast<std::int64_t>(probes.size()), [&](std::int64_t i, int) {
      results[i] = cpu::measure(probes[i], images[probes[i].image]);
    });
    return results;
  }

  void run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
           Workspace workspace, const RunContext& context) const override {
    check_run(*this, plan, images, outputs, workspace, context);
    const Run run_level(plan, images, outputs, static_cast<std::byte*>(workspace.data), executor_of(context), tables_,
                        loops_);
    for (const Level& level : plan.levels) run_level(level);
  }

 private:
  mutable AxisTableCache tables_{kTableCacheBytes};
  const PassLoops& loops_ = portable_passes();
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend() {
  return std::make_unique<CpuBackend>();
}

}  // namespace kir
