// A small backend that runs any plan in the simplest way (nearest pixel, never rounded), and can be told to go wrong.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "kir/backend.hpp"
#include "kir/error.hpp"

namespace kir::test {

/// What a FakeBackend does wrong.
struct Fault {
  enum class Kind {
    none,
    wrong_weight,  ///< column `x` of the jobs that read image `image` takes `delta` of its pixel too much
    value,         ///< element `element` of output `output` becomes `delta`
    unwritten,     ///< element `element` of output `output` keeps what was there
    before,
    past,            ///< one byte before, or past the end of, output `output`
    past_workspace,  ///< one byte past the end of the workspace
    touches_values,  ///< writes the outputs that the plan alone knows
    throws,
    refuses,      ///< supports() says no
    wrong_probe,  ///< measures a mean that is 1 level off
  } kind = Kind::none;
  int image = 0;
  std::int64_t x = 0;
  double delta = 0;
  std::size_t output = 0;
  std::int64_t element = 0;
};

class FakeBackend final : public Backend {
 public:
  explicit FakeBackend(std::string name, Fault fault = {}) : name_(std::move(name)), fault_(fault) {}

  std::string_view name() const override { return name_; }

  Support supports(const Plan& plan) const override {
    if (fault_.kind == Fault::Kind::refuses) return {false, "told to refuse"};
    for (const Output& output : plan.outputs) {
      if (output.type == Type::f16 || output.type == Type::bf16) return {false, "half types"};
    }
    return {};
  }

  std::size_t workspace_bytes(const Plan&, const RunContext&) const override { return 64; }

  std::vector<ProbeResult> measure(std::span<const Probe> probes, std::span<const ImageView> images,
                                   const RunContext&) const override {
    std::vector<ProbeResult> results;
    for (const Probe& probe : probes) {
      const ImageView& image = images[static_cast<std::size_t>(probe.image)];
      double sum = 0, squares = 0, n = 0;
      for (int c = 0; c < image.size.channels; ++c)
        for (int y = 0; y < image.size.height; ++y)
          for (int x = 0; x < image.size.width; ++x) {
            const double v = pixel(image, c, y, x);
            sum += v;
            squares += v * v;
            n += 1;
          }
      ProbeResult result;
      result.mean = sum / n + (fault_.kind == Fault::Kind::wrong_probe ? 1 : 0);
      result.std = n > 1 ? std::sqrt(std::max(0.0, (squares - sum * sum / n) / (n - 1))) : 0;
      results.push_back(result);
    }
    return results;
  }

  void run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
           Workspace workspace, const RunContext&) const override {
    if (fault_.kind == Fault::Kind::throws) throw Error(ErrorCode::invalid_argument, name_, "told to throw");
    std::vector<std::vector<float>> canvases;
    for (const Buffer& b : plan.canvases) canvases.emplace_back(std::size_t(b.channels) * b.height * b.width);

    const auto write = [&](const Target& to, std::int64_t offset, double value) {
      if (to.kind == Target::Kind::canvas) {
        canvases[std::size_t(to.index)][std::size_t(offset)] = static_cast<float>(value);
        return;
      }
      const auto index = static_cast<std::size_t>(to.index);
      const bool here = index == fault_.output && offset == fault_.element;
      if (here && fault_.kind == Fault::Kind::unwritten) return;
      if (here && fault_.kind == Fault::Kind::value) value = fault_.delta;
      store(plan.outputs[index].type, outputs[index].data, offset, value);
    };
    for (const Level& level : plan.levels) {
      for (const Job& job : level.jobs) run(plan, job, images, canvases, write);
      for (const Fill& fill : level.fills) run(fill, write);
    }

    auto* const first = static_cast<std::uint8_t*>(outputs.empty() ? nullptr : outputs[fault_.output].data);
    if (fault_.kind == Fault::Kind::before) first[-1] ^= 0xFF;
    if (fault_.kind == Fault::Kind::past) first[outputs[fault_.output].bytes] ^= 0xFF;
    if (fault_.kind == Fault::Kind::past_workspace) static_cast<std::uint8_t*>(workspace.data)[workspace.bytes] ^= 0xFF;
    for (std::size_t i = 0; i < outputs.size() && fault_.kind == Fault::Kind::touches_values; ++i) {
      if (!plan.outputs[i].values.empty()) std::memset(outputs[i].data, 0, 1);
    }
  }

 private:
  static std::uint8_t pixel(const ImageView& image, std::int64_t c, std::int64_t y, std::int64_t x) {
    return image.data[c * image.stride_channel + y * image.stride_y + x * image.stride_x];
  }

  static void store(Type type, void* data, std::int64_t offset, double value) {
    switch (type) {
      case Type::f32:
        static_cast<float*>(data)[offset] = static_cast<float>(value);
        return;
      case Type::i64:
        static_cast<std::int64_t*>(data)[offset] = std::llround(value);
        return;
      case Type::i32:
        static_cast<std::int32_t*>(data)[offset] = static_cast<std::int32_t>(std::lround(value));
        return;
      default:
        static_cast<std::uint8_t*>(data)[offset] = static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
        return;
    }
  }

  template <class Write>
  void run(const Plan& plan, const Job& job, std::span<const ImageView> images,
           const std::vector<std::vector<float>>& canvases, const Write& write) const {
    const bool from_image = job.from.kind == Source::Kind::image;
    const auto index = static_cast<std::size_t>(job.from.index);
    const int channels = from_image ? images[index].size.channels : plan.canvases[index].channels;
    const auto read = [&](std::int64_t c, std::int64_t y, std::int64_t x) -> double {
      if (from_image) return pixel(images[index], c, y, x);
      const Buffer& b = plan.canvases[index];
      return canvases[index][std::size_t((c * b.height + y) * b.width + x)];
    };
    for (std::int64_t c = 0; c < job.channels; ++c)
      for (std::int64_t y = 0; y < job.y.count; ++y)
        for (std::int64_t x = 0; x < job.x.count; ++x) {
          const std::int64_t sy = (job.y.first + y) * job.y.in / job.y.out,
                             sx = (job.x.first + x) * job.x.in / job.x.out;
          double value = read(std::min<std::int64_t>(c, channels - 1), sy, sx);
          const bool wrong = fault_.kind == Fault::Kind::wrong_weight && from_image && job.from.index == fault_.image;
          if (wrong && x == fault_.x) value *= 1 + fault_.delta;
          for (const Step& step : plan.epilogues[std::size_t(job.epilogue)].steps) {
            if (step.op == Step::Op::mul) value *= step.c[c];
            if (step.op == Step::Op::sub) value -= step.c[c];
            if (step.op == Step::Op::div) value /= step.c[c];
          }
          const Layout& to = job.to.layout;
          for (std::int64_t copy = 0; copy < to.copies; ++copy) {
            write(job.to, to.base + copy * to.copy + c * to.channel + to.y(job.at_y + y) + to.x(job.at_x + x), value);
          }
        }
  }

  template <class Write>
  static void run(const Fill& fill, const Write& write) {
    const Layout& to = fill.to.layout;
    for (std::int64_t c = 0; c < fill.channels; ++c)
      for (std::int64_t y = fill.y0; y < fill.y1; ++y)
        for (std::int64_t x = fill.x0; x < fill.x1; ++x)
          for (std::int64_t copy = 0; copy < to.copies; ++copy) {
            write(fill.to, to.base + copy * to.copy + c * to.channel + to.y(y) + to.x(x),
                  fill.value[c] + fill.ramp_y * static_cast<double>(y) + fill.ramp_x * static_cast<double>(x));
          }
  }

  std::string name_;
  Fault fault_;
};

}  // namespace kir::test
