#include "reference/store.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <type_traits>

namespace kir::reference {
namespace {

// ---------------------------------------------------------------------------------------------------------------------
// Conversion to an element type. Eigen rounds to half and bfloat16 to nearest, ties to even.

template <typename Element>
Element convert(double value);
template <>
float convert(double value) {
  return static_cast<float>(value);
}
template <>
Eigen::half convert(double value) {
  return Eigen::half(static_cast<float>(value));
}
template <>
Eigen::bfloat16 convert(double value) {
  return Eigen::bfloat16(static_cast<float>(value));
}
template <>
std::uint8_t convert(double value) {
  return static_cast<std::uint8_t>(std::clamp(std::nearbyint(value), 0.0, 255.0));
}
template <>
bool convert(double value) {
  return value != 0;
}
template <>
std::int32_t convert(double value) {
  return static_cast<std::int32_t>(std::nearbyint(value));
}
template <>
std::int64_t convert(double value) {
  return static_cast<std::int64_t>(std::nearbyint(value));
}

float round_to(Type type, float value) {
  if (type == Type::f16) return static_cast<float>(Eigen::half(value));
  if (type == Type::bf16) return static_cast<float>(Eigen::bfloat16(value));
  return value;
}

// Calls visit(pointer to the elements) with the pointer's type.
template <typename Visit>
void with_elements(Destination to, Visit visit) {
  switch (to.type) {
    case Type::u8:
      return visit(static_cast<std::uint8_t*>(to.data));
    case Type::boolean:
      return visit(static_cast<bool*>(to.data));
    case Type::i32:
      return visit(static_cast<std::int32_t*>(to.data));
    case Type::i64:
      return visit(static_cast<std::int64_t*>(to.data));
    case Type::f16:
      return visit(static_cast<Eigen::half*>(to.data));
    case Type::bf16:
      return visit(static_cast<Eigen::bfloat16*>(to.data));
    case Type::f32:
      return visit(static_cast<float*>(to.data));
  }
}

// ---------------------------------------------------------------------------------------------------------------------

// Writes value(c, y, x) to every element of the rows [y0, y0 + height) and columns [x0, x0 + width) of `channels`.
// value_of(y, x, pixel) sets pixel[0..channels).
template <typename ValueOf>
void write(const Layout& layout, std::int32_t channels, std::int64_t y0, std::int64_t x0, std::int64_t height,
           std::int64_t width, Destination to, ValueOf value_of) {
  with_elements(to, [&](auto* elements) {
    using Element = std::remove_pointer_t<decltype(elements)>;
    for (std::int64_t y = y0; y < y0 + height; ++y) {
      for (std::int64_t x = x0; x < x0 + width; ++x) {
        auto pixel = value_of(y, x);
        const std::int64_t at = layout.base + layout.y(y) + layout.x(x);
        for (std::int32_t c = 0; c < channels; ++c) {
          const Element element = convert<Element>(pixel[std::size_t(c)]);
          for (std::int32_t k = 0; k < layout.copies; ++k)
            elements[at + c * layout.channel + k * layout.copy] = element;
        }
      }
    }
  });
}

}  // namespace

Support supports_epilogue(const Epilogue& epilogue, std::int32_t channels) {
  for (const Step& step : epilogue.steps) {
    if (step.op == Step::Op::mix && channels < 3) {
      return {false, "a mix of three channels in a job of " + std::to_string(channels)};
    }
  }
  return {};
}

void apply(const Epilogue& epilogue, std::span<float> value) {
  for (const Step& step : epilogue.steps) {
    const float mixed =
        step.op == Step::Op::mix ? step.c[0] * value[0] + step.c[1] * value[1] + step.c[2] * value[2] : 0.0f;
    for (std::size_t c = 0; c < value.size(); ++c) {
      switch (step.op) {
        case Step::Op::mul:
          value[c] = value[c] * step.c[c];
          break;
        case Step::Op::sub:
          value[c] = value[c] - step.c[c];
          break;
        case Step::Op::div:
          value[c] = value[c] / step.c[c];
          break;
        case Step::Op::mix:
          value[c] = mixed;
          break;
        case Step::Op::scale:
          value[c] = float(double(value[c]) * (double(step.c[0]) + double(step.c[1]) + double(step.c[2])));
          break;
      }
      value[c] = round_to(step.rounded_to, value[c]);
    }
  }
}

void store(const Job& job, const Epilogue& epilogue, std::span<const Plane> planes, Destination to) {
  const auto pixel_at = [&](std::int64_t y, std::int64_t x) {
    std::array<float, 4> pixel{};
    for (std::int32_t c = 0; c < job.channels; ++c) {
      const Plane& plane = planes[planes.size() == 1 ? 0 : std::size_t(c)];
      pixel[std::size_t(c)] = plane(y - job.at_y, x - job.at_x);
    }
    apply(epilogue, std::span(pixel).first(std::size_t(job.channels)));
    return pixel;
  };
  write(job.to.layout, job.channels, job.at_y, job.at_x, job.y.count, job.x.count, to, pixel_at);
}

void store(const Fill& fill, Destination to) {
  const auto pixel_at = [&](std::int64_t y, std::int64_t x) {
    std::array<double, 4> pixel{};
    for (std::size_t c = 0; c < 4; ++c) {
      pixel[c] = fill.value[c] + fill.ramp_y * double(y) + fill.ramp_x * double(x);
    }
    return pixel;
  };
  write(fill.to.layout, fill.channels, fill.y0, fill.x0, fill.y1 - fill.y0, fill.x1 - fill.x0, to, pixel_at);
}

}  // namespace kir::reference
