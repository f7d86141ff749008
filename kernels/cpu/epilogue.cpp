#include "kernels/cpu/epilogue.hpp"

#include <cstring>

#include "kernels/cpu/convert.hpp"
#include "kernels/cpu/store.hpp"
#include "plan/epilogue.hpp"

namespace kir::cpu {
namespace {

void mix_channels(const float* c, float* const* rows, std::int32_t channels, std::int32_t width) {
  for (std::int32_t x = 0; x < width; ++x) {
    const float grey = c[0] * rows[0][x] + c[1] * rows[1][x] + c[2] * rows[2][x];
    for (std::int32_t channel = 0; channel < channels; ++channel) rows[channel][x] = grey;
  }
}

void scale_row(double factor, float* row, std::int32_t width) {
  for (std::int32_t x = 0; x < width; ++x) row[x] = static_cast<float>(row[x] * factor);
}

void round_row(Type type, float* row, std::int32_t width) {
  if (type == Type::f16) {
    for (std::int32_t x = 0; x < width; ++x) row[x] = f32_of_f16(f16_bits(row[x]));
  } else if (type == Type::bf16) {
    for (std::int32_t x = 0; x < width; ++x) row[x] = f32_of_bf16(bf16_bits(row[x]));
  }
}

}  // namespace

void apply_steps(const Epilogue& epilogue, const PassLoops& loops, float* const* rows, std::int32_t channels,
                 std::int32_t width) {
  for (const Step& step : epilogue.steps) {
    if (step.op == Step::Op::mix) mix_channels(step.c, rows, channels, width);
    for (std::int32_t channel = 0; channel < channels; ++channel) {
      switch (step.op) {
        case Step::Op::mul:
          loops.mul(rows[channel], width, step.c[channel]);
          break;
        case Step::Op::sub:
          loops.sub(rows[channel], width, step.c[channel]);
          break;
        case Step::Op::div:
          loops.div(rows[channel], width, step.c[channel]);
          break;
        case Step::Op::scale:
          scale_row(scale_of(step), rows[channel], width);
          break;
        case Step::Op::mix:
          break;
      }
      round_row(step.rounded_to, rows[channel], width);
    }
  }
}

void make_level_table(const Epilogue& epilogue, const PassLoops& loops, Type type, std::int32_t channels, void* table) {
  float levels[4][256];
  float* rows[4] = {};
  for (std::int32_t channel = 0; channel < channels; ++channel) {
    rows[channel] = levels[channel];
    for (std::int32_t level = 0; level < 256; ++level) levels[channel][level] = static_cast<float>(level);
  }
  apply_steps(epilogue, loops, rows, channels, 256);
  for (std::int32_t channel = 0; channel < channels; ++channel) {
    convert_row(levels[channel], 256, type, static_cast<std::byte*>(table) + channel * 256 * bytes_of(type));
  }
}

}  // namespace kir::cpu
