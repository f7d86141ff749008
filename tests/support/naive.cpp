#include "tests/support/naive.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/cpu/convert.hpp"
#include "kir/cpu.hpp"
#include "tests/catch.hpp"
#include "tests/support/poisoned_run.hpp"
#include "weights/axis_table.hpp"

namespace kir::test {
namespace {

/// Channels of rows of numbers.
struct Planes {
  std::int32_t channels = 0, height = 0, width = 0;
  std::vector<double> values;
  bool exact = true;

  double& at(std::int32_t c, std::int32_t y, std::int32_t x) {
    return values[static_cast<std::size_t>((std::int64_t{c} * height + y) * width + x)];
  }
  double at(std::int32_t c, std::int32_t y, std::int32_t x) const { return const_cast<Planes&>(*this).at(c, y, x); }
};

Planes make_planes(std::int32_t channels, std::int32_t height, std::int32_t width) {
  return {channels, height, width, std::vector<double>(static_cast<std::size_t>(channels) * height * width), true};
}

struct Taps {
  std::int32_t first = 0;
  std::vector<double> weights;
};

/// The taps of each position of the window; `shift` > 0 when they are integers.
std::vector<Taps> taps_of(const Axis& axis, bool resampled, Arithmetic arithmetic, std::int32_t& shift) {
  std::vector<Taps> taps(static_cast<std::size_t>(axis.count));
  shift = 0;
  if (!resampled) {
    for (std::int32_t i = 0; i < axis.count; ++i) {
      taps[i] = {static_cast<std::int32_t>(axis.box_begin) + axis.first + i, {1.0}};
    }
    return taps;
  }
  const AxisTable table = make_axis_table(axis, arithmetic);
  for (std::int32_t i = 0; i < axis.count; ++i) {
    taps[i].first = table.first[i];
    if (arithmetic == Arithmetic::float32) {
      taps[i].weights.assign(table.row_f32(i).begin(), table.row_f32(i).end());
    } else {
      taps[i].weights.assign(table.row_i16(i).begin(), table.row_i16(i).end());
    }
  }
  shift = table.shift;
  return taps;
}

/// Integer sums of levels and int16 weights are exact in double.
double finish(double sum, std::int32_t shift) {
  if (shift == 0) return sum;
  return std::clamp(std::floor(std::ldexp(sum, -shift) + 0.5), 0.0, 255.0);
}

Planes resample(const Job& job, const Planes& from) {
  const bool x = resamples_x(job.passes), y = resamples_y(job.passes);
  std::int32_t x_shift = 0, y_shift = 0;
  const std::vector<Taps> x_taps = taps_of(job.x, x, job.arithmetic, x_shift);
  const std::vector<Taps> y_taps = taps_of(job.y, y, job.arithmetic, y_shift);
  Planes wide = make_planes(from.channels, from.height, job.x.count);
  Planes result = make_planes(from.channels, job.y.count, job.x.count);
  for (std::int32_t c = 0; c < from.channels; ++c) {
    for (std::int32_t r = 0; r < from.height; ++r) {
      for (std::int32_t i = 0; i < job.x.count; ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < x_taps[i].weights.size(); ++k) {
          sum += x_taps[i].weights[k] * from.at(c, r, x_taps[i].first + static_cast<std::int32_t>(k));
        }
        wide.at(c, r, i) = finish(sum, x_shift);
      }
    }
    for (std::int32_t r = 0; r < job.y.count; ++r) {
      for (std::int32_t i = 0; i < job.x.count; ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < y_taps[r].weights.size(); ++k) {
          sum += y_taps[r].weights[k] * wide.at(c, y_taps[r].first + static_cast<std::int32_t>(k), i);
        }
        result.at(c, r, i) = finish(sum, y_shift);
      }
    }
  }
  result.exact = from.exact && (job.passes == Passes::copy || job.round == Round::each);
  return result;
}

double rounded(double v, Type type) {
  switch (type) {
    case Type::f16:
      return static_cast<double>(cpu::f32_of_f16(cpu::f16_bits(static_cast<float>(v))));
    case Type::bf16:
      return static_cast<double>(cpu::f32_of_bf16(cpu::bf16_bits(static_cast<float>(v))));
    case Type::u8:
      return std::clamp(std::nearbyint(v), 0.0, 255.0);
    case Type::boolean:
      return v != 0.0 ? 1.0 : 0.0;
    case Type::i32:
    case Type::i64:
      return std::nearbyint(v);
    case Type::f32:
      return static_cast<double>(static_cast<float>(v));
  }
  return v;
}

/// The steps, each rounded to float32 or to the type that it names.
void apply(const Epilogue& epilogue, std::vector<double>& pixel) {
  for (const Step& step : epilogue.steps) {
    const std::vector<double> v = pixel;
    for (std::size_t c = 0; c < pixel.size(); ++c) {
      const auto f = static_cast<float>(v[c]);
      float result = 0;
      switch (step.op) {
        case Step::Op::mul:
          result = f * step.c[c];
          break;
        case Step::Op::sub:
          result = f - step.c[c];
          break;
        case Step::Op::div:
          result = f / step.c[c];
          break;
        case Step::Op::mix:
          result = step.c[0] * static_cast<float>(v[0]) + step.c[1] * static_cast<float>(v[1]) +
                   step.c[2] * static_cast<float>(v[2]);
          break;
        case Step::Op::scale:
          result = static_cast<float>(v[c] * (double(step.c[0]) + double(step.c[1]) + double(step.c[2])));
          break;
      }
      pixel[c] = rounded(static_cast<double>(result), step.rounded_to);
    }
  }
}

/// Outputs and canvases being written.
struct State {
  const Plan& plan;
  std::vector<std::vector<Expected>> outputs, canvases;

  void write(const Target& to, std::int32_t channel, std::int32_t y, std::int32_t x, Expected element) {
    auto& memory = to.kind == Target::Kind::output ? outputs.at(to.index) : canvases.at(to.index);
    const Layout& l = to.layout;
    for (std::int32_t copy = 0; copy < l.copies; ++copy) {
      Expected& there =
          memory.at(static_cast<std::size_t>(l.base + channel * l.channel + l.y(y) + l.x(x) + copy * l.copy));
      if (there.written) FAIL("an element is written twice");
      there = element;
      there.written = true;
    }
  }
};

/// Clockwise: rows from the bottom become columns from the left.
Planes quarter_turn(const Planes& planes) {
  Planes turned = make_planes(planes.channels, planes.width, planes.height);
  turned.exact = planes.exact;
  for (std::int32_t c = 0; c < planes.channels; ++c) {
    for (std::int32_t y = 0; y < turned.height; ++y) {
      for (std::int32_t x = 0; x < turned.width; ++x) turned.at(c, y, x) = planes.at(c, planes.height - 1 - x, y);
    }
  }
  return turned;
}

Planes source_planes(const State& state, const std::vector<Image>& images, const Source& from) {
  if (from.kind == Source::Kind::image) {
    const Image& image = images[from.index];
    Planes planes = make_planes(image.strides.size.channels, image.strides.size.height, image.strides.size.width);
    for (std::int32_t c = 0; c < planes.channels; ++c) {
      for (std::int32_t y = 0; y < planes.height; ++y) {
        for (std::int32_t x = 0; x < planes.width; ++x) planes.at(c, y, x) = image.at(c, y, x);
      }
    }
    return planes;
  }
  const Buffer& canvas = state.plan.canvases[from.index];
  Planes planes = make_planes(canvas.channels, canvas.height, canvas.width);
  for (std::size_t i = 0; i < planes.values.size(); ++i) {
    const Expected& element = state.canvases[from.index][i];
    planes.values[i] = rounded(element.value, canvas.type);
    planes.exact = planes.exact && element.exact;
  }
  return planes;
}

void require_written(const std::vector<std::vector<Expected>>& memory, const char* what) {
  for (const auto& one : memory) {
    const bool all = std::all_of(one.begin(), one.end(), [](const Expected& e) { return e.written; });
    CAPTURE(what);
    REQUIRE(all);
  }
}

}  // namespace

std::vector<std::vector<Expected>> run_naive(const Plan& plan, const std::vector<Image>& images) {
  State state{plan, {}, {}};
  for (const Output& output : plan.outputs) state.outputs.emplace_back(static_cast<std::size_t>(output.elements()));
  for (const Buffer& canvas : plan.canvases) {
    state.canvases.emplace_back(static_cast<std::size_t>(canvas.channels) * canvas.height * canvas.width);
  }
  for (const Level& level : plan.levels) {
    for (const Job& job : level.jobs) {
      Planes source = source_planes(state, images, job.from);
      for (std::int32_t turn = 0; turn < job.from.turn; ++turn) source = quarter_turn(source);
      const Planes planes = resample(job, source);
      std::vector<double> pixel(static_cast<std::size_t>(job.channels));
      for (std::int32_t y = 0; y < job.y.count; ++y) {
        for (std::int32_t x = 0; x < job.x.count; ++x) {
          for (std::int32_t c = 0; c < job.channels; ++c) pixel[c] = planes.at(planes.channels == 1 ? 0 : c, y, x);
          apply(plan.epilogues[job.epilogue], pixel);
          for (std::int32_t c = 0; c < job.channels; ++c) {
            state.write(job.to, c, job.at_y + y, job.at_x + x, {pixel[c], false, planes.exact});
          }
        }
      }
    }
    for (const Fill& fill : level.fills) {
      for (std::int32_t c = 0; c < fill.channels; ++c) {
        for (std::int32_t y = fill.y0; y < fill.y1; ++y) {
          for (std::int32_t x = fill.x0; x < fill.x1; ++x) {
            state.write(fill.to, c, y, x, {fill.value[c] + fill.ramp_y * y + fill.ramp_x * x, false, true});
          }
        }
      }
    }
  }
  require_written(state.outputs, "output");
  require_written(state.canvases, "canvas");
  return state.outputs;
}

namespace {

/// Half of the last place of `type` at v: what the conversion alone may cost.
double half_place(double v, Type type) {
  switch (type) {
    case Type::f16:
      return std::max(std::ldexp(std::abs(v), -11), std::ldexp(1.0, -25));
    case Type::bf16:
      return std::ldexp(std::abs(v), -8);
    case Type::u8:
      return 0.5;
    default:
      return 0.0;
  }
}

}  // namespace

double compare_with_naive(const Backend& backend, const Plan& plan, const std::vector<Image>& images, double bound,
                          const RunContext& context) {
  const std::vector<std::vector<Expected>> expected = run_naive(plan, images);
  const std::vector<GuardedMemory> outputs = run_poisoned(backend, plan, images, context);
  double worst = 0;
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    const Type type = plan.outputs[o].type;
    std::int64_t failures = 0;
    for (std::size_t i = 0; i < expected[o].size(); ++i) {
      const double value = expected[o][i].value, got = element(outputs[o].data(), type, static_cast<std::int64_t>(i));
      double error = 0;
      if (expected[o][i].exact) {
        error = got == rounded(value, type) ? 0.0 : std::numeric_limits<double>::infinity();
      } else {
        const double aim = type == Type::u8 ? std::clamp(value, 0.0, 255.0) : value;
        error = std::max(std::abs(got - aim) - half_place(aim, type), 0.0);
        if (std::isnan(got)) error = std::numeric_limits<double>::infinity();
      }
      if (!(error <= bound) && failures++ == 0) {
        CAPTURE(o, i, value, got);
        CHECK(error <= bound);
      }
      worst = std::max(worst, error);
    }
    CHECK(failures == 0);
  }
  return worst;
}

}  // namespace kir::test
