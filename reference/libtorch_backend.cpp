#include "reference/libtorch_backend.hpp"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/_upsample_bicubic2d_aa.h>
#include <ATen/ops/_upsample_bilinear2d_aa.h>
#include <ATen/ops/_upsample_nearest_exact2d.h>
#include <ATen/ops/add.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/div.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/round.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/upsample_bicubic2d.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_nearest2d.h>
#include <c10/core/InferenceMode.h>

#include <array>
#include <optional>

#include "kir/error.hpp"
#include "reference/probes.hpp"
#include "reference/store.hpp"

namespace kir {
namespace {

using reference::Destination;

at::ScalarType scalar_type(Type type) {
  switch (type) {
    case Type::u8:
      return at::kByte;
    case Type::boolean:
      return at::kBool;
    case Type::i32:
      return at::kInt;
    case Type::i64:
      return at::kLong;
    case Type::f16:
      return at::kHalf;
    case Type::bf16:
      return at::kBFloat16;
    case Type::f32:
      return at::kFloat;
  }
  return at::kFloat;
}

// 1 x C x H x W. A view of the caller's pixels, but for negative strides, which tensors do not have.
at::Tensor tensor_of(const ImageView& image) {
  const auto [channels, height, width] = image.size;
  if (image.stride_channel < 0 || image.stride_y < 0 || image.stride_x < 0) {
    const at::Tensor copy = at::empty({1, channels, height, width}, at::kByte);
    std::uint8_t* to = copy.mutable_data_ptr<std::uint8_t>();
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t y = 0; y < height; ++y) {
        const std::uint8_t* row = image.data + c * image.stride_channel + y * image.stride_y;
        for (std::int64_t x = 0; x < width; ++x) *to++ = row[x * image.stride_x];
      }
    }
    return copy;
  }
  // The batch stride is what torch itself would give a batch of one, so that no op takes HWC for CHW.
  const std::int64_t batch_stride = std::int64_t{channels} * height * width;
  return at::from_blob(const_cast<std::uint8_t*>(image.data), {1, channels, height, width},
                       {batch_stride, image.stride_channel, image.stride_y, image.stride_x}, at::kByte);
}

// ---------------------------------------------------------------------------------------------------------------------
// Resize, as torchvision.transforms.v2.functional.resize_image has it

bool resamples_y(const Job& job) {
  return job.passes == Passes::y || job.passes == Passes::xy;
}
bool resamples_x(const Job& job) {
  return job.passes == Passes::x || job.passes == Passes::xy;
}

// The whole image, not only the job's window. `image` is 1 x C x H x W, uint8 or float; the result has the same type.
at::Tensor resize(const at::Tensor& image, const Job& job) {
  const std::array<std::int64_t, 2> size = {resamples_y(job) ? job.y.out : image.size(2),
                                            resamples_x(job) ? job.x.out : image.size(3)};
  if (image.size(2) == size[0] && image.size(3) == size[1]) return image;
  const Axis& axis = resamples_y(job) ? job.y : job.x;
  const bool antialias = axis.antialias;
  switch (axis.filter) {
    case Filter::nearest:
      return at::upsample_nearest2d(image, size);
    case Filter::nearest_exact:
      return at::_upsample_nearest_exact2d(image, size);
    case Filter::bilinear:
      return antialias ? at::_upsample_bilinear2d_aa(image, size, /*align_corners=*/false)
                       : at::upsample_bilinear2d(image, size, /*align_corners=*/false);
    case Filter::bicubic:
      return antialias ? at::_upsample_bicubic2d_aa(image, size, /*align_corners=*/false)
                       : at::upsample_bicubic2d(image, size, /*align_corners=*/false);
    case Filter::box:
    case Filter::hamming:
    case Filter::lanczos3:
      break;  // refused by supports()
  }
  return image;
}

// ---------------------------------------------------------------------------------------------------------------------
// Epilogue

// c[0..channels) as channels x 1 x 1, without a copy.
at::Tensor constants_of(const Step& step, std::int64_t channels) {
  return at::from_blob(const_cast<float*>(step.c), {channels, 1, 1}, at::kFloat);
}

// `value` is channels x h x w in float. The first step may write straight into `into`, the others work in place.
at::Tensor apply(const Epilogue& epilogue, at::Tensor value, std::optional<at::Tensor> into) {
  for (const Step& step : epilogue.steps) {
    at::Tensor result = into ? *into : at::empty(value.sizes(), at::kFloat);
    const at::Tensor c = constants_of(step, value.size(0));
    switch (step.op) {
      case Step::Op::mul:
        at::mul_out(result, value, c);
        break;
      case Step::Op::sub:
        at::sub_out(result, value, c);
        break;
      case Step::Op::div:
        at::div_out(result, value, c);
        break;
      case Step::Op::mix:
        result.copy_(value[0].mul(step.c[0]).add(value[1].mul(step.c[1])).add(value[2].mul(step.c[2])));
        break;
    }
    if (step.rounded_to != Type::f32) result.copy_(result.to(scalar_type(step.rounded_to)));
    into = value = result;
  }
  return value;
}

// ---------------------------------------------------------------------------------------------------------------------
// Where the result goes

// Whether `steps` is a plain stride over [first, first + count).
bool is_linear(const Steps& steps, std::int64_t first, std::int64_t count) {
  return first / steps.unit == (first + count - 1) / steps.unit;
}

// The job's window of the target as a strided tensor, channels x h x w, if the layout is that simple.
std::optional<at::Tensor> window_of(const Job& job, Destination to) {
  const Layout& layout = job.to.layout;
  if (layout.channel < 0 || layout.copies != 1) return {};
  if (!is_linear(layout.y, job.at_y, job.y.count) || !is_linear(layout.x, job.at_x, job.x.count)) return {};
  const std::int64_t offset = layout.base + layout.y(job.at_y) + layout.x(job.at_x);
  char* data = static_cast<char*>(to.data) + offset * std::int64_t(bytes_of(to.type));
  return at::from_blob(data, {job.channels, job.y.count, job.x.count}, {layout.channel, layout.y.inner, layout.x.inner},
                       scalar_type(to.type));
}

// Half-even and clamped, where a plain conversion to uint8 would truncate and wrap.
at::Tensor to_levels(const at::Tensor& value) {
  return value.scalar_type() == at::kByte ? value : at::clamp(at::round(value), 0, 255).to(at::kByte);
}

// `value` is channels x h x w, uint8 or float.
void finish(const Job& job, const Epilogue& epilogue, const at::Tensor& value, Destination to) {
  const std::optional<at::Tensor> window = window_of(job, to);
  at::Tensor result = value;
  if (!epilogue.steps.empty()) {
    const bool direct = window && to.type == Type::f32;
    result = apply(epilogue, value.to(at::kFloat), direct ? window : std::nullopt);
    if (direct) return;
  }
  if (window) {
    window->copy_(to.type == Type::u8 ? to_levels(result) : result);
    return;
  }
  // Patches, tiles that straddle, reversed channels: the reference's writer knows every layout.
  const at::Tensor floats = result.to(at::kFloat).contiguous();
  std::vector<reference::Plane> planes;
  for (std::int64_t c = 0; c < floats.size(0); ++c) {
    planes.push_back(Eigen::Map<const reference::Plane>(floats.const_data_ptr<float>() + c * floats.stride(0),
                                                        floats.size(1), floats.size(2)));
  }
  reference::store(job, Epilogue{}, planes, to);
}

// ---------------------------------------------------------------------------------------------------------------------

class LibtorchBackend final : public Backend {
 public:
  std::string_view name() const override { return "libtorch"; }

  Support supports(const Plan& plan) const override {
    if (plan.numerics != Numerics::float32 && plan.numerics != Numerics::torch_cpu) {
      return {false,
              std::string("numerics ") + name_of(plan.numerics) + "; torch on the CPU has float32 and torch_cpu"};
    }
    for (const Level& level : plan.levels) {
      for (const Job& job : level.jobs) {
        if (const Support support = supports(plan, job); !support.ok) return support;
      }
    }
    return {};
  }

  std::size_t workspace_bytes(const Plan&, const RunContext&) const override { return 0; }

  std::vector<ProbeResult> measure(std::span<const Probe> probes, std::span<const ImageView> images,
                                   const RunContext&) const override {
    return reference::measure(probes, images);
  }

  void run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
           Workspace workspace, const RunContext& context) const override {
    check_run(*this, plan, images, outputs, workspace, context);
    const c10::InferenceMode no_autograd;

    std::vector<at::Tensor> canvases;
    for (const Buffer& buffer : plan.canvases) {
      canvases.push_back(at::empty({1, buffer.channels, buffer.height, buffer.width}, scalar_type(buffer.type)));
    }
    const auto destination = [&](const Target& to) -> Destination {
      const auto index = std::size_t(to.index);
      if (to.kind == Target::Kind::output) return {outputs[index].data, plan.outputs[index].type};
      return {canvases[index].data_ptr(), plan.canvases[index].type};
    };
    const auto source = [&](const Source& from) -> at::Tensor {
      if (from.kind == Source::Kind::canvas) return canvases[std::size_t(from.index)];
      return tensor_of(images[std::size_t(from.index)]);
    };

    const auto run_job = [&](const Job& job) {
      at::Tensor image = source(job.from);
      if (job.round == Round::never && job.passes != Passes::copy) image = image.to(at::kFloat);
      const at::Tensor window = resize(image, job)[0]
                                    .narrow(1, job.y.first, job.y.count)
                                    .narrow(2, job.x.first, job.x.count)
                                    .expand({job.channels, job.y.count, job.x.count});
      finish(job, plan.epilogues[std::size_t(job.epilogue)], window, destination(job.to));
    };
    try {
      for (const Level& level : plan.levels) {
        for (const Job& job : level.jobs) run_job(job);
        for (const Fill& fill : level.fills) reference::store(fill, destination(fill.to));
      }
    } catch (const c10::Error& error) {
      throw Error(ErrorCode::unsupported, "libtorch", error.what_without_backtrace());
    }
  }

 private:
  static Support supports(const Plan& plan, const Job& job) {
    if (job.round == Round::last) return {false, "one rounding after the last pass: torch does that on CUDA only"};
    if (job.passes == Passes::yx) return {false, "the vertical pass first: torch resamples horizontally first"};
    const bool float_canvas =
        job.from.kind == Source::Kind::canvas && plan.canvases[std::size_t(job.from.index)].type != Type::u8;
    if (job.round == Round::each && float_canvas) return {false, "rounding to levels from a float canvas"};
    if (job.passes == Passes::xy && (job.y.filter != job.x.filter || job.y.antialias != job.x.antialias)) {
      return {false, "two axes with different filters: torch has one op for both"};
    }
    Support support = reference::supports_epilogue(plan.epilogues[std::size_t(job.epilogue)], job.channels);
    if (support.ok && resamples_y(job)) support = supports(job.y);
    if (support.ok && resamples_x(job)) support = supports(job.x);
    return support.ok ? free_of_torch_bugs(plan, job) : support;
  }

  // Sizes at which torch 2.11 itself is wrong, so that it is no oracle. Both happen in Python just the same.
  static Support free_of_torch_bugs(const Plan& plan, const Job& job) {
    const Axis& axis = resamples_y(job) ? job.y : job.x;
    const bool interpolates = axis.filter == Filter::bilinear || axis.filter == Filter::bicubic;
    const bool changes_y = resamples_y(job) && job.y.in != job.y.out,
               changes_x = resamples_x(job) && job.x.in != job.x.out;
    const std::int32_t height = resamples_y(job) ? job.y.out : job.y.in,
                       width = resamples_x(job) ? job.x.out : job.x.in;
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

  static Support supports(const Axis& axis) {
    if (axis.filter == Filter::box || axis.filter == Filter::hamming || axis.filter == Filter::lanczos3) {
      return {false, std::string("filter ") + name_of(axis.filter) + ": torch has none"};
    }
    if (axis.box_begin != 0 || axis.box_end != float(axis.in)) return {false, "a source box: torch resizes whole axes"};
    if (axis.align_corners) return {false, "align_corners: torchvision never asks for it"};
    const bool nearest = axis.filter == Filter::nearest || axis.filter == Filter::nearest_exact;
    if (!nearest && axis.border != (axis.antialias ? Border::renormalize : Border::clamp)) {
      return {false, "border: torch renormalizes with antialias and clamps without"};
    }
    return {};
  }
};

}  // namespace

std::unique_ptr<Backend> make_libtorch_backend() {
  return std::make_unique<LibtorchBackend>();
}

void set_libtorch_threads(int threads) {
  at::set_num_threads(threads);
}

std::string libtorch_build() {
  return std::string(KIR_TORCH_VERSION) + " " + at::get_cpu_capability();
}

}  // namespace kir
