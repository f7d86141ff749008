#include "reference/eigen_backend.hpp"

#include <string>
#include <utility>

#include "reference/probes.hpp"
#include "reference/resample.hpp"
#include "reference/store.hpp"
#include "reference/weights.hpp"

namespace kir {
namespace {

using reference::Destination;
using reference::Plane;

// The memory of a plan's canvases, each in its own type.
using Canvases = std::vector<std::vector<std::byte>>;

Canvases make_canvases(const Plan& plan) {
  Canvases canvases;
  for (const Buffer& buffer : plan.canvases) {
    canvases.emplace_back(bytes_of(buffer.type) * std::size_t(buffer.channels) * std::size_t(buffer.height) *
                          std::size_t(buffer.width));
  }
  return canvases;
}

std::vector<Plane> planes_of(const ImageView& image) {
  std::vector<Plane> planes(std::size_t(image.size.channels), Plane(image.size.height, image.size.width));
  for (std::int32_t c = 0; c < image.size.channels; ++c) {
    for (std::int32_t y = 0; y < image.size.height; ++y) {
      for (std::int32_t x = 0; x < image.size.width; ++x) {
        planes[std::size_t(c)](y, x) = image.data[c * image.stride_channel + y * image.stride_y + x * image.stride_x];
      }
    }
  }
  return planes;
}

template <typename Element>
std::vector<Plane> planes_of(const Buffer& buffer, const Element* element) {
  std::vector<Plane> planes;
  for (std::int32_t c = 0; c < buffer.channels; ++c) {
    using Elements = Eigen::Array<Element, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    planes.push_back(Eigen::Map<const Elements>(element, buffer.height, buffer.width).template cast<float>());
    element += std::int64_t{buffer.height} * buffer.width;
  }
  return planes;
}

class EigenBackend final : public Backend {
 public:
  std::string_view name() const override { return "reference"; }

  Support supports(const Plan& plan) const override {
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
    Canvases canvases = make_canvases(plan);

    const auto destination = [&](const Target& to) -> Destination {
      const auto index = std::size_t(to.index);
      if (to.kind == Target::Kind::output) return {outputs[index].data, plan.outputs[index].type};
      return {canvases[index].data(), plan.canvases[index].type};
    };
    const auto source = [&](const Source& from) -> std::vector<Plane> {
      const auto index = std::size_t(from.index);
      if (from.kind == Source::Kind::image) return planes_of(images[index]);
      const void* data = canvases[index].data();
      if (plan.canvases[index].type == Type::u8) {
        return planes_of(plan.canvases[index], static_cast<const std::uint8_t*>(data));
      }
      return planes_of(plan.canvases[index], static_cast<const float*>(data));
    };
    const auto run_job = [&](const Job& job) {
      std::vector<Plane> planes = source(job.from);
      for (Plane& plane : planes) {
        plane = reference::resample(job, reference::turned(std::move(plane), job.from.turn));
      }
      reference::store(job, plan.epilogues[std::size_t(job.epilogue)], planes, destination(job.to));
    };

    SerialExecutor serial;
    Executor& executor = context.executor != nullptr ? *context.executor : serial;
    for (const Level& level : plan.levels) {
      executor.parallel_for(std::int64_t(level.jobs.size()),
                            [&](std::int64_t i, int) { run_job(level.jobs[std::size_t(i)]); });
      executor.parallel_for(std::int64_t(level.fills.size()), [&](std::int64_t i, int) {
        const Fill& fill = level.fills[std::size_t(i)];
        reference::store(fill, destination(fill.to));
      });
    }
  }

 private:
  static Support supports(const Plan& plan, const Job& job) {
    if (job.from.turn < 0 || job.from.turn > 3) return {false, "turn: 0..3 quarters"};
    const bool float_canvas =
        job.from.kind == Source::Kind::canvas && plan.canvases[std::size_t(job.from.index)].type != Type::u8;
    if (const Support support = reference::supports_arithmetic(job, float_canvas); !support.ok) return support;
    Support support = reference::supports_epilogue(plan.epilogues[std::size_t(job.epilogue)], job.channels);
    if (support.ok && resamples_y(job.passes)) support = reference::supports_axis(job.y, job.arithmetic);
    if (support.ok && resamples_x(job.passes)) support = reference::supports_axis(job.x, job.arithmetic);
    return support;
  }
};

}  // namespace

std::unique_ptr<Backend> make_reference_backend() {
  return std::make_unique<EigenBackend>();
}

}  // namespace kir
