#include "kernels/cuda/lower.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "kernels/cuda/axis_desc.hpp"
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

EpilogueDesc desc_of(const Epilogue& epilogue) {
  EpilogueDesc desc;
  desc.count = static_cast<std::int32_t>(epilogue.steps.size());
  for (std::int32_t i = 0; i < desc.count; ++i) {
    const Step& step = epilogue.steps[i];
    desc.steps[i].op = step.op;
    desc.steps[i].rounded_to = step.rounded_to;
    std::copy_n(step.c, 4, desc.steps[i].c);
    desc.mixes = desc.mixes || step.op == Step::Op::mix;
    desc.affine = desc.affine && step.op != Step::Op::mix && step.rounded_to == Type::f32;
  }
  for (int c = 0; desc.affine && c < 4; ++c) {
    double scale = 1.0, shift = 0.0;
    for (const Step& step : epilogue.steps) {
      const double constant = step.c[c];
      const double factor = step.op == Step::Op::mul ? constant : step.op == Step::Op::div ? 1.0 / constant : 1.0;
      scale *= factor;
      shift = (step.op == Step::Op::sub ? shift - constant : shift) * factor;
    }
    desc.scale[c] = static_cast<float>(scale);
    desc.shift[c] = static_cast<float>(shift);
  }
  return desc;
}

// ---------------------------------------------------------------------------------------------------------------------
// One blob in the making: records by kind, equal ones once

struct Draft {
  std::vector<JobDesc> jobs;
  std::vector<AxisDesc> axes;
  std::vector<LayoutDesc> layouts;
  std::vector<EpilogueDesc> epilogues;
  std::vector<FillDesc> fills;
  std::vector<std::int32_t> epilogue_index;      ///< of the plan's epilogues; -1: not in this blob
  std::array<std::uint16_t, 1024> axis_index{};  ///< hash table: index + 1 into axes, 0 = empty

  void clear(std::size_t plan_epilogues) {
    jobs.clear(), axes.clear(), layouts.clear(), epilogues.clear(), fills.clear();
    epilogue_index.assign(plan_epilogues, -1);
    axis_index.fill(0);
  }
  bool empty() const { return jobs.empty() && fills.empty(); }
  std::size_t bytes() const {
    return sizeof(BlobHeader) + jobs.size() * sizeof(JobDesc) + axes.size() * sizeof(AxisDesc) +
           layouts.size() * sizeof(LayoutDesc) + epilogues.size() * sizeof(EpilogueDesc) +
           fills.size() * sizeof(FillDesc) + kSections * 16;
  }
  bool has_room() const {
    constexpr std::size_t kNext =
        sizeof(JobDesc) + 2 * sizeof(AxisDesc) + sizeof(LayoutDesc) + sizeof(EpilogueDesc) + sizeof(FillDesc);
    return bytes() + kNext <= kMaxBlobBytes;
  }
  static constexpr std::size_t kSections = 6;
};

bool same(const AxisDesc& a, const AxisDesc& b) {
  return a.in == b.in && a.out == b.out && a.begin == b.begin && a.first == b.first && a.count == b.count &&
         a.kind == b.kind && a.filter == b.filter && a.align_corners == b.align_corners && a.integer == b.integer &&
         a.vertical == b.vertical;
}

bool same(const LayoutDesc& a, const LayoutDesc& b) {
  const auto equal = [](const StepsDesc& s, const StepsDesc& t) {
    return s.outer == t.outer && s.middle == t.middle && s.inner == t.inner && s.unit == t.unit && s.group == t.group;
  };
  return a.channel == b.channel && equal(a.y, b.y) && equal(a.x, b.x) && a.copy == b.copy && a.copies == b.copies;
}

std::uint32_t index_of(Draft& draft, const AxisDesc& axis) {
  std::uint64_t key = static_cast<std::uint64_t>(axis.in) << 40 ^ static_cast<std::uint64_t>(axis.out) << 20 ^
                      static_cast<std::uint64_t>(axis.first) << 8 ^ static_cast<std::uint64_t>(axis.count);
  key *= 0x9E3779B97F4A7C15u;
  std::size_t slot = key >> 54;  // of 1024
  for (; draft.axis_index[slot] != 0; slot = (slot + 1) % draft.axis_index.size()) {
    const std::uint32_t index = draft.axis_index[slot] - 1u;
    if (same(draft.axes[index], axis)) return index;
  }
  draft.axes.push_back(axis);
  draft.axis_index[slot] = static_cast<std::uint16_t>(draft.axes.size());
  return static_cast<std::uint32_t>(draft.axes.size() - 1);
}

std::uint32_t index_of(Draft& draft, const LayoutDesc& layout) {
  for (std::size_t i = draft.layouts.size(); i-- > 0;) {
    if (same(draft.layouts[i], layout)) return static_cast<std::uint32_t>(i);
  }
  draft.layouts.push_back(layout);
  return static_cast<std::uint32_t>(draft.layouts.size() - 1);
}

std::uint32_t epilogue_of(Draft& draft, const Plan& plan, std::int32_t index) {
  std::int32_t& at = draft.epilogue_index[index];
  if (at < 0) {
    at = static_cast<std::int32_t>(draft.epilogues.size());
    draft.epilogues.push_back(desc_of(plan.epilogues[index]));
  }
  return static_cast<std::uint32_t>(at);
}

// ---------------------------------------------------------------------------------------------------------------------
// Jobs and fills as records; references are indices until the blob is written

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

void add(Draft& draft, const PlanMemory& memory, const Job& job) {
  const Plan& plan = memory.plan;
  JobDesc desc;
  if (job.from.kind == Source::Kind::image) {
    desc.source_height = plan.images[job.from.index].height;
    desc.source_width = plan.images[job.from.index].width;
    desc.source_channels = static_cast<std::uint8_t>(plan.images[job.from.index].channels);
    if (!memory.images.empty()) {
      const ImageView& image = memory.images[job.from.index];
      desc.source = image.data;
      desc.source_channel = image.stride_channel;
      desc.source_y = image.stride_y;
      desc.source_x = image.stride_x;
    } else {
      const ImageSize& size = plan.images[job.from.index];
      desc.source_channel = std::int64_t{size.height} * size.width;
      desc.source_y = size.width;
      desc.source_x = 1;
    }
  } else {
    const Buffer& canvas = plan.canvases[job.from.index];
    desc.source = canvas_address(memory, job.from.index);
    desc.source_height = canvas.height;
    desc.source_width = canvas.width;
    desc.source_type = canvas.type;
    desc.source_channels = static_cast<std::uint8_t>(canvas.channels);
    desc.source_channel = std::int64_t{canvas.height} * canvas.width;
    desc.source_y = canvas.width;
    desc.source_x = 1;
  }
  const Destination to = destination(memory, job.to);
  desc.target = to.data;
  desc.target_type = to.type;
  desc.channels = static_cast<std::uint8_t>(job.channels);
  desc.at_y = job.at_y;
  desc.at_x = job.at_x;
  // A copied level is one in either arithmetic; it follows those that are resampled beside it.
  const bool copied = job.passes == Passes::copy && row_of(plan.numerics).arithmetic == Arithmetic::torch_int16;
  desc.levels = desc.source_type == Type::u8 && (copied || (job.round == Round::each && job.passes != Passes::copy));
  const Arithmetic arithmetic = desc.levels ? Arithmetic::torch_int16 : Arithmetic::float32;
  AxisDesc y = axis_desc(job.y, resamples_y(job.passes), arithmetic);
  y.vertical = true;
  desc.y_axis = index_of(draft, y);
  desc.x_axis = index_of(draft, axis_desc(job.x, resamples_x(job.passes), arithmetic));
  desc.layout = index_of(draft, desc_of(job.to.layout));
  desc.epilogue = epilogue_of(draft, plan, job.epilogue);
  draft.jobs.push_back(desc);
}

void add(Draft& draft, const PlanMemory& memory, const Fill& fill) {
  FillDesc desc;
  const Destination to = destination(memory, fill.to);
  desc.target = to.data;
  desc.target_type = to.type;
  desc.layout = index_of(draft, desc_of(fill.to.layout));
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

  thread_local Draft draft;
  std::vector<Blob> blobs;
  draft.clear(memory.plan.epilogues.size());

  const auto write = [&] {
    Blob& blob = blobs.emplace_back();
    blob.words_.resize((draft.bytes() + 15) / 16);
    std::byte* const base = blob.bytes_of_words();
    BlobHeader header;
    std::size_t at = sizeof(BlobHeader);
    const auto place = [&](auto& records, std::uint32_t& offset, std::int32_t& count) {
      at = align(at, 16);
      offset = static_cast<std::uint32_t>(at);
      count = static_cast<std::int32_t>(records.size());
      at += records.size() * sizeof(records[0]);
    };
    place(draft.jobs, header.jobs, header.job_count);
    place(draft.axes, header.axes, header.axis_count);
    place(draft.layouts, header.layouts, header.layout_count);
    place(draft.epilogues, header.epilogues, header.epilogue_count);
    place(draft.fills, header.fills, header.fill_count);
    header.bytes = static_cast<std::uint32_t>(align(at, 16));
    for (JobDesc& job : draft.jobs) {
      job.y_axis = header.axes + job.y_axis * static_cast<std::uint32_t>(sizeof(AxisDesc));
      job.x_axis = header.axes + job.x_axis * static_cast<std::uint32_t>(sizeof(AxisDesc));
      job.layout = header.layouts + job.layout * static_cast<std::uint32_t>(sizeof(LayoutDesc));
      job.epilogue = header.epilogues + job.epilogue * static_cast<std::uint32_t>(sizeof(EpilogueDesc));
    }
    for (FillDesc& fill : draft.fills) {
      fill.layout = header.layouts + fill.layout * static_cast<std::uint32_t>(sizeof(LayoutDesc));
    }
    const auto copy = [&](const auto& records, std::uint32_t offset) {
      if (!records.empty()) std::memcpy(base + offset, records.data(), records.size() * sizeof(records[0]));
    };
    std::memcpy(base, &header, sizeof header);
    copy(draft.jobs, header.jobs);
    copy(draft.axes, header.axes);
    copy(draft.layouts, header.layouts);
    copy(draft.epilogues, header.epilogues);
    copy(draft.fills, header.fills);
  };
  const auto make_room = [&] {
    if (draft.has_room()) return;
    write();
    draft.clear(memory.plan.epilogues.size());
  };

  for (const auto& [cost, index] : order) {
    make_room();
    add(draft, memory, part.jobs[index]);
  }
  for (const Fill& fill : part.fills) {
    make_room();
    add(draft, memory, fill);
  }
  if (!draft.empty()) write();
  return blobs;
}

}  // namespace kir::cuda
