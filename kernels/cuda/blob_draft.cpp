#include "kernels/cuda/blob_draft.hpp"

#include <algorithm>
#include <cstring>

namespace kir::cuda {
namespace {

constexpr std::size_t kRecordAlignment = 16;

template <class Record>
constexpr std::uint32_t kSizeOf = sizeof(Record);

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

/// An epilogue as one multiply-add a channel.
void set_affine(EpilogueDesc& desc, const Epilogue& epilogue) {
  for (int c = 0; c < 4; ++c) {
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
  if (desc.affine) set_affine(desc, epilogue);
  return desc;
}

}  // namespace

void BlobDraft::clear(std::size_t plan_epilogues) {
  jobs.clear(), fills.clear(), axes_.clear(), layouts_.clear(), epilogues_.clear();
  epilogue_index_.assign(plan_epilogues, -1);
  axis_index_.fill(0);
}

std::size_t BlobDraft::bytes() const {
  constexpr std::size_t kSections = 6;
  return sizeof(BlobHeader) + jobs.size() * sizeof(JobDesc) + axes_.size() * sizeof(AxisDesc) +
         layouts_.size() * sizeof(LayoutDesc) + epilogues_.size() * sizeof(EpilogueDesc) +
         fills.size() * sizeof(FillDesc) + kSections * kRecordAlignment;
}

bool BlobDraft::has_room() const {
  constexpr std::size_t kNext =
      sizeof(JobDesc) + 2 * sizeof(AxisDesc) + sizeof(LayoutDesc) + sizeof(EpilogueDesc) + sizeof(FillDesc);
  return bytes() + kNext <= kMaxBlobBytes;
}

std::uint32_t BlobDraft::index_of(const AxisDesc& axis) {
  std::uint64_t key = static_cast<std::uint64_t>(axis.in) << 40 ^ static_cast<std::uint64_t>(axis.out) << 20 ^
                      static_cast<std::uint64_t>(axis.first) << 8 ^ static_cast<std::uint64_t>(axis.count);
  key *= 0x9E3779B97F4A7C15u;
  std::size_t slot = key >> 54;  // of 1024
  for (; axis_index_[slot] != 0; slot = (slot + 1) % axis_index_.size()) {
    const std::uint32_t index = axis_index_[slot] - 1u;
    if (same(axes_[index], axis)) return index;
  }
  axes_.push_back(axis);
  axis_index_[slot] = static_cast<std::uint16_t>(axes_.size());
  return static_cast<std::uint32_t>(axes_.size() - 1);
}

std::uint32_t BlobDraft::index_of(const LayoutDesc& layout) {
  for (std::size_t i = layouts_.size(); i-- > 0;) {
    if (same(layouts_[i], layout)) return static_cast<std::uint32_t>(i);
  }
  layouts_.push_back(layout);
  return static_cast<std::uint32_t>(layouts_.size() - 1);
}

std::uint32_t BlobDraft::index_of(const Epilogue& epilogue, std::int32_t in_plan) {
  std::int32_t& at = epilogue_index_[in_plan];
  if (at < 0) {
    at = static_cast<std::int32_t>(epilogues_.size());
    epilogues_.push_back(desc_of(epilogue));
  }
  return static_cast<std::uint32_t>(at);
}

/// Where the records will be.
BlobHeader BlobDraft::header() const {
  BlobHeader header;
  std::size_t at = sizeof(BlobHeader);
  const auto place = [&at](const auto& records, std::uint32_t& offset, std::int32_t& count) {
    at = align(at, kRecordAlignment);
    offset = static_cast<std::uint32_t>(at);
    count = static_cast<std::int32_t>(records.size());
    at += records.size() * sizeof(records[0]);
  };
  place(jobs, header.jobs, header.job_count);
  place(axes_, header.axes, header.axis_count);
  place(layouts_, header.layouts, header.layout_count);
  place(epilogues_, header.epilogues, header.epilogue_count);
  place(fills, header.fills, header.fill_count);
  header.bytes = static_cast<std::uint32_t>(align(at, kRecordAlignment));
  return header;
}

void BlobDraft::refer(const BlobHeader& header) {
  for (JobDesc& job : jobs) {
    job.y_axis = header.axes + job.y_axis * kSizeOf<AxisDesc>;
    job.x_axis = header.axes + job.x_axis * kSizeOf<AxisDesc>;
    job.layout = header.layouts + job.layout * kSizeOf<LayoutDesc>;
    job.epilogue = header.epilogues + job.epilogue * kSizeOf<EpilogueDesc>;
  }
  for (FillDesc& fill : fills) fill.layout = header.layouts + fill.layout * kSizeOf<LayoutDesc>;
}

Blob BlobDraft::write() {
  const BlobHeader header = this->header();
  refer(header);
  Blob blob(bytes());
  std::byte* const base = blob.data();
  const auto copy = [base](const auto& records, std::uint32_t offset) {
    if (!records.empty()) std::memcpy(base + offset, records.data(), records.size() * sizeof(records[0]));
  };
  std::memcpy(base, &header, sizeof header);
  copy(jobs, header.jobs);
  copy(axes_, header.axes);
  copy(layouts_, header.layouts);
  copy(epilogues_, header.epilogues);
  copy(fills, header.fills);
  return blob;
}

}  // namespace kir::cuda
