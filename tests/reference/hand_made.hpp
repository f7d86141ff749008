// Images and plans made by hand, so that these tests need no planner.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "kir/backend.hpp"
#include "tests/support/axis.hpp"
#include "tests/support/job_plans.hpp"
#include "tests/support/seed.hpp"

namespace kir::test {

/// Sides that find mistakes: 1, small, odd, large against small.
inline std::int32_t random_side(std::mt19937& random) {
  switch (pick(random, 0, 5)) {
    case 0:
      return 1;
    case 1:
      return pick(random, 2, 9);
    case 2:
      return 2 * pick(random, 5, 60) + 1;
    case 3:
      return pick(random, 300, 700);
    default:
      return pick(random, 10, 200);
  }
}

struct ChwImage {
  ImageSize size;
  std::vector<std::uint8_t> pixels;  // CHW
  ImageView view() const { return chw_view(pixels.data(), size); }
};

inline ChwImage noise(std::mt19937& random, ImageSize size) {
  ChwImage image{size, {}};
  image.pixels.resize(std::size_t(size.channels) * std::size_t(size.height) * std::size_t(size.width));
  for (std::uint8_t& pixel : image.pixels) pixel = std::uint8_t(random() >> 24);
  return image;
}

/// A contiguous height x width plane layout for any number of channels, interleaved.
inline Layout hwc_layout(std::int64_t width, std::int64_t channels) {
  return {0, 1, Strides{0, 0, width * channels}, Strides{0, 0, channels}, 1, 0};
}

/// v / 255 to the mean and std of SigLIP (0.5), folded as transformers does: in levels, subtract 127.5, divide by
/// 127.5.
inline Epilogue siglip() {
  Epilogue epilogue;
  Step sub{Step::Op::sub, Type::f32, {127.5f, 127.5f, 127.5f, 127.5f}};
  Step div{Step::Op::div, Type::f32, {127.5f, 127.5f, 127.5f, 127.5f}};
  epilogue.steps = {sub, div};
  return epilogue;
}

/// One image to one contiguous CHW output.
inline Plan resize_plan(ImageSize size, Axis y, Axis x, Round round, Type type = Type::f32, Epilogue epilogue = {}) {
  Plan plan = one_job_plan(size, y, x, epilogue);
  plan.numerics = round == Round::each ? Numerics::torch_cpu : Numerics::float32;
  plan.outputs[0].type = type;
  Job& job = plan.levels[0].jobs[0];
  const bool y_changes = y.in != y.out, x_changes = x.in != x.out;
  job.passes = y_changes ? (x_changes ? Passes::xy : Passes::y) : (x_changes ? Passes::x : Passes::copy);
  job.arithmetic = round == Round::each ? Arithmetic::torch_int16 : Arithmetic::float32;
  job.round = round;
  return plan;
}

/// Counts the cases that a backend refuses, and prints them at the end of a test: a skip is never a pass.
class Skips {
 public:
  bool refused(const Backend& backend, const Plan& plan) {
    const Support support = backend.supports(plan);
    if (!support.ok) ++reasons_[support.reason];
    return !support.ok;
  }
  ~Skips() {
    for (const auto& [reason, count] : reasons_) std::printf("  skipped %d: %s\n", count, reason.c_str());
  }

 private:
  std::map<std::string, int> reasons_;
};

/// The first output, from memory that was full of 0xA5.
template <typename Element>
std::vector<Element> run(const Backend& backend, const Plan& plan, const std::vector<ImageView>& images) {
  std::vector<std::vector<std::byte>> memory;
  std::vector<OutputView> outputs;
  for (const Output& output : plan.outputs) {
    memory.emplace_back(output.bytes(), std::byte{0xA5});
    outputs.push_back({memory.back().data(), memory.back().size()});
  }
  backend.run(plan, images, outputs, {}, {});
  std::vector<Element> result(memory.front().size() / sizeof(Element));
  std::memcpy(result.data(), memory.front().data(), memory.front().size());
  return result;
}

}  // namespace kir::test
