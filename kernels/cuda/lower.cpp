#include "kernels/cuda/lower.hpp"

#include <algorithm>
#include <utility>

#include "kernels/cuda/axis_desc.hpp"
#include "kernels/cuda/blob_draft.hpp"
#include "kernels/cuda/mirrored_runs.hpp"
#include "kernels/orientation.hpp"
#include "kernels/plan_support.hpp"
#include "plan/numerics.hpp"
#include "weights/axis_table.hpp"

namespace kir::cuda {
namespace {

constexpr std::size_t kAlignment = 64;

std::size_t bytes_of(const Buffer& canvas) {
  return align(std::size_t(canvas.channels) * canvas.height * canvas.width * kir::bytes_of(canvas.type), kAlignment);
}

std::byte* canvas_address(const PlanMemory& memory, std::int32_t index) {
  std::size_t offset = 0;
  for (std::int32_t i = 0; i < index; ++i) offset += bytes_of(memory.plan.canvases[i]);
  return memory.canvases + offset;
}

// ---------------------------------------------------------------------------------------------------------------------
// Records

StepsDesc desc_of(const Strides& steps) {
  return {steps.outer, steps.middle, steps.inner, static_cast<std::uint32_t>(steps.unit),
          static_cast<std::uint32_t>(steps.group)};
}

LayoutDesc desc_of(const Layout& layout) {
  return {layout.channel, desc_of(layout.y), desc_of(layout.x), layout.copy, layout.copies};
}

// ---------------------------------------------------------------------------------------------------------------------
// Jobs and fills as records

struct Destination {
  void* data;
  Type type;
};

Destination destination(const PlanMemory& memory, const Target& to) {
  const bool canvas = to.kind == Target::Kind::canvas;
  const Type type = canvas ? memory.plan.canvases[to.index].type : memory.plan.outputs[to.index].type;
  std::byte* data = canvas                   ? canvas_address(memory, to.index)
                    : memory.outputs.empty() ? nullptr
                                             : static_cast<std::byte*>(memory.outputs[to.index].data);
  return {data + to.layout.base * static_cast<std::int64_t>(kir::bytes_of(type)), type};
}

void set_planar_source(JobDesc& desc, std::int32_t height, std::int32_t width) {
  desc.source_channel = std::int64_t{height} * width;
  desc.source_y = width;
  desc.source_x = 1;
}

void set_image(JobDesc& desc, const PlanMemory& memory, std::int32_t index) {
  const ImageSize& size = memory.plan.images[index];
  desc.source_height = size.height;
  desc.source_width = size.width;
  desc.source_channels = static_cast<std::uint8_t>(size.channels);
  if (memory.images.empty()) return set_planar_source(desc, size.height, size.width);
  const ImageView& image = memory.images[index];
  desc.source = image.data;
  desc.source_channel = image.stride_channel;
  desc.source_y = image.stride_y;
  desc.source_x = image.stride_x;
}

void set_canvas(JobDesc& desc, const PlanMemory& memory, std::int32_t index) {
  const Buffer& canvas = memory.plan.canvases[index];
  desc.source = canvas_address(memory, index);
  desc.source_height = canvas.height;
  desc.source_width = canvas.width;
  desc.source_type = canvas.type;
  desc.source_channels = static_cast<std::uint8_t>(canvas.channels);
  set_planar_source(desc, canvas.height, canvas.width);
}

/// All of a job but its axes and what its window is of.
JobDesc desc_of(const PlanMemory& memory, const Job& job) {
  JobDesc desc;
  if (job.from.kind == Source::Kind::image) {
    set_image(desc, memory, job.from.index);
  } else {
    set_canvas(desc, memory, job.from.index);
  }
  const Destination to = destination(memory, job.to);
  desc.target = to.data;
  desc.target_type = to.type;
  desc.channels = static_cast<std::uint8_t>(job.channels);
  desc.at_y = job.at_y;
  desc.at_x = job.at_x;
  // A copied level is one in either arithmetic; it follows those that are resampled beside it.
  const bool copied = job.passes == Passes::copy && row_of(memory.plan.numerics).arithmetic == Arithmetic::torch_int16;
  desc.levels = desc.source_type == Type::u8 && (copied || (job.round == Round::each && job.passes != Passes::copy));
  return desc;
}

void orient(JobDesc& desc, const Orientation& as) {
  desc.source = static_cast<const std::byte*>(desc.source) +
                as.offset * static_cast<std::int64_t>(kir::bytes_of(desc.source_type));
  desc.source_y = as.stride_y;
  desc.source_x = as.stride_x;
  desc.source_height = as.height;
  desc.source_width = as.width;
}

/// What one axis of a job becomes: itself, or of a mirrored copy as many runs as it has.
struct Piece {
  AxisDesc axis;
  std::int32_t at = 0;  ///< in the job's window
  bool backwards = false;
};

/// Calls visit(piece) for each, in the order of the outputs.
void for_pieces(const Axis& axis, bool resampled, Arithmetic arithmetic, const auto& visit) {
  if (!resampled || !is_mirrored_copy(axis)) return visit(Piece{axis_desc(axis, resampled, arithmetic)});
  for (const Run& run : runs_of(axis)) {
    Axis part;
    part.in = part.out = axis.in;
    part.box_end = axis.in;
    part.first = run.backwards ? axis.in - 1 - run.first : run.first;
    part.count = run.count;
    visit(Piece{axis_desc(part, false, arithmetic), run.at, run.backwards});
  }
}

/// `make_room` is called before each record.
void add(BlobDraft& draft, const PlanMemory& memory, const Job& job, const auto& make_room) {
  const JobDesc whole = desc_of(memory, job);
  const Arithmetic arithmetic = whole.levels ? Arithmetic::torch_int16 : Arithmetic::float32;
  const auto add_piece = [&](const Piece& rows, const Piece& columns) {
    make_room();
    JobDesc desc = whole;
    Orientation as{0, whole.source_y, whole.source_x, whole.source_height, whole.source_width};
    as.turn(job.from.turn);
    if (rows.backwards) as.mirror_rows();
    if (columns.backwards) as.mirror_columns();
    orient(desc, as);
    desc.at_y += rows.at;
    desc.at_x += columns.at;
    desc.y_axis = draft.index_of(rows.axis);
    desc.x_axis = draft.index_of(columns.axis);
    desc.layout = draft.index_of(desc_of(job.to.layout));
    desc.epilogue = draft.index_of(memory.plan.epilogues[job.epilogue], job.epilogue);
    draft.jobs.push_back(desc);
  };
  for_pieces(job.y, resamples_y(job.passes), arithmetic, [&](Piece rows) {
    rows.axis.vertical = true;
    for_pieces(job.x, resamples_x(job.passes), arithmetic, [&](const Piece& columns) { add_piece(rows, columns); });
  });
}

void add(BlobDraft& draft, const PlanMemory& memory, const Fill& fill) {
  FillDesc desc;
  const Destination to = destination(memory, fill.to);
  desc.target = to.data;
  desc.target_type = to.type;
  desc.layout = draft.index_of(desc_of(fill.to.layout));
  desc.y0 = fill.y0, desc.x0 = fill.x0, desc.y1 = fill.y1, desc.x1 = fill.x1;
  desc.channels = fill.channels;
  std::copy_n(fill.value, 4, desc.value);
  desc.ramp_y = fill.ramp_y;
  desc.ramp_x = fill.ramp_x;
  draft.fills.push_back(desc);
}

/// Source samples under the job's window, with a share for what it writes. In doubles, which divide fast.
double cost_of(const Job& job) {
  const auto source = [](const Axis& axis) { return 1.0 * axis.in * axis.count / std::max(axis.out, 1); };
  return (source(job.y) * source(job.x) + 2.0 * job.y.count * job.x.count) * job.channels;
}

}  // namespace

std::size_t canvases_bytes(const Plan& plan) {
  std::size_t bytes = 0;
  for (const Buffer& canvas : plan.canvases) bytes += bytes_of(canvas);
  return bytes;
}

std::vector<Blob> lower(const PlanMemory& memory, const Part& part) {
  // Costly jobs first: what is left at the end is then small, and the multiprocessors finish together.
  std::vector<std::pair<double, std::int32_t>> order(part.jobs.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = {-cost_of(part.jobs[i]), static_cast<std::int32_t>(i)};
  std::sort(order.begin(), order.end());

  thread_local BlobDraft draft;
  std::vector<Blob> blobs;
  draft.clear(memory.plan.epilogues.size());
  const auto make_room = [&] {
    if (draft.has_room()) return;
    blobs.push_back(draft.write());
    draft.clear(memory.plan.epilogues.size());
  };
  for (const auto& [cost, index] : order) {
    add(draft, memory, part.jobs[index], make_room);
  }
  for (const Fill& fill : part.fills) {
    make_room();
    add(draft, memory, fill);
  }
  if (!draft.empty()) blobs.push_back(draft.write());
  return blobs;
}

}  // namespace kir::cuda
