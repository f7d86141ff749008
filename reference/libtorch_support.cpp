#include "reference/libtorch_support.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "reference/store.hpp"

namespace kir::oracle {
namespace {

Support supports(const Axis& axis) {
  if (axis.filter == Filter::box || axis.filter == Filter::hamming || axis.filter == Filter::lanczos3) {
    return {false, std::string("filter ") + name_of(axis.filter) + ": torch has none"};
  }
  if (axis.align_corners && axis.antialias) return {false, "align_corners with antialias"};
  const bool nearest = axis.filter == Filter::nearest || axis.filter == Filter::nearest_exact;
  if (!nearest && axis.border != (axis.antialias ? Border::renormalize : Border::clamp)) {
    return {false, "border: torch renormalizes with antialias and clamps without"};
  }
  return {};
}

bool has_box(const Axis& axis) {
  return axis.box_begin != 0 || axis.box_end != axis.in;
}

// Sizes at which torch 2.11 itself is wrong, so that it is no oracle. Both happen in Python just the same.
Support free_of_torch_bugs(const Plan& plan, const Job& job) {
  const Axis& axis = resamples_y(job.passes) ? job.y : job.x;
  const bool interpolates = axis.filter == Filter::bilinear || axis.filter == Filter::bicubic;
  const bool changes_y = resamples_y(job.passes) && job.y.in != job.y.out,
             changes_x = resamples_x(job.passes) && job.x.in != job.x.out;
  const std::int32_t height = resamples_y(job.passes) ? job.y.out : job.y.in,
                     width = resamples_x(job.passes) ? job.x.out : job.x.in;
  const auto index = std::size_t(job.from.index);
  const std::int32_t channels =
      job.from.kind == Source::Kind::image ? plan.images[index].channels : plan.canvases[index].channels;
  // The inner loop of the vertical pass then runs over rows, and gives every row the first row's weights.
  if (interpolates && axis.antialias && job.round == Round::never && changes_y && width == 1 && height > 1) {
    return {false, "a float antialiased result one pixel wide: torch gives every row the first row's weights"};
  }
  if (interpolates && job.round == Round::each && (changes_y || changes_x) && channels == 3 && height == 1 &&
      width == 1) {
    return {false, "three channels of uint8 to 1 x 1: torch fails an assertion of its own (num_channels)"};
  }
  return {};
}

// torch's antialiasing CUDA kernel keeps weights and one column of a block in shared memory, and refuses what does not
// fit (UpSampleBilinear2d.cu: upsample_gen2d_aa_out_cuda_template).
Support fits_cuda_kernel(const Job& job) {
  constexpr std::int64_t kWarp = 32, kFloats = 48 * 1024 / 4;
  const Axis& axis = resamples_y(job.passes) ? job.y : job.x;
  if (!axis.antialias || (axis.filter != Filter::bilinear && axis.filter != Filter::bicubic)) return {};
  const auto taps = [&](const Axis& one, bool resampled) {
    const double radius = axis.filter == Filter::bicubic ? 2 : 1;
    const double scale = resampled ? std::max(1.0, double(one.in) / one.out) : 1.0;
    return 2 * static_cast<std::int64_t>(std::ceil(radius * scale)) + 1;
  };
  const std::int64_t y = taps(job.y, resamples_y(job.passes)), x = taps(job.x, resamples_x(job.passes));
  if (x * kWarp + y * (kWarp + 1) <= kFloats) return {};
  return {false, std::to_string(y) + " x " + std::to_string(x) + " taps: torch's CUDA kernel has no room for so many"};
}

// The arithmetics of torch's ops on a device, and where they round.
Support supports_arithmetic(const Job& job, at::DeviceType device) {
  const std::string name = name_of(job.arithmetic);
  const bool integer = job.arithmetic == Arithmetic::torch_int16;
  if (device != at::kCPU && job.arithmetic != Arithmetic::float32) {
    return {false, "arithmetic " + name +
                       "; torch on CUDA has float32 alone: it resizes uint8 in float, rounded once at the end"};
  }
  if (!integer && job.arithmetic != Arithmetic::float32) {
    return {false, "arithmetic " + name + "; torch on the CPU has float32 and torch_int16"};
  }
  if (job.passes == Passes::copy) return {};
  if (job.round == Round::last) return {false, "one rounding after the last pass: torch does that on CUDA only"};
  if (integer != (job.round == Round::each)) return {false, "torch_int16 rounds after each pass, float32 never"};
  return {};
}

Support supports(const Plan& plan, const Job& job, at::DeviceType device) {
  if (const Support support = supports_arithmetic(job, device); !support.ok) return support;
  if (job.from.turn < 0 || job.from.turn > 3) return {false, "turn: 0..3 quarters"};
  if (job.passes == Passes::yx) return {false, "the vertical pass first: torch resamples horizontally first"};
  const bool float_canvas =
      job.from.kind == Source::Kind::canvas && plan.canvases[std::size_t(job.from.index)].type != Type::u8;
  if (job.arithmetic == Arithmetic::torch_int16 && job.passes != Passes::copy && float_canvas) {
    return {false, "torch_int16 from a float canvas"};
  }
  if (job.passes == Passes::xy && (job.y.filter != job.x.filter || job.y.antialias != job.x.antialias ||
                                   job.y.align_corners != job.x.align_corners)) {
    return {false, "two axes with different filters: torch has one op for both"};
  }
  if (has_box(job.y) || has_box(job.x)) return {false, "a source box: torch resizes whole axes"};
  Support support = reference::supports_epilogue(plan.epilogues[std::size_t(job.epilogue)], job.channels);
  if (support.ok && resamples_y(job.passes)) support = supports(job.y);
  if (support.ok && resamples_x(job.passes)) support = supports(job.x);
  if (!support.ok || job.passes == Passes::copy) return support;
  return device == at::kCPU ? free_of_torch_bugs(plan, job) : fits_cuda_kernel(job);
}

}  // namespace

Support supports(const Plan& plan, at::DeviceType device) {
  for (const Level& level : plan.levels) {
    for (const Job& job : level.jobs) {
      if (const Support support = supports(plan, job, device); !support.ok) return support;
    }
  }
  return {};
}

}  // namespace kir::oracle
