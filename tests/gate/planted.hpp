// A real backend with a planted fault.
#pragma once

#include <cstring>

#include "tests/support/forwarding_backend.hpp"

namespace kir::test {

enum class Plant {
  nothing,
  wrong_weight,  ///< a tap of the second pixel takes a little of its right neighbour too much
  nan,           ///< the first value is not a number
  slowdown,      ///< the work is done `kSlowdown` times
  refusal,       ///< supports nothing
};
inline constexpr int kSlowdown = 100;

class PlantedBackend final : public ForwardingBackend {
 public:
  PlantedBackend(const Backend& real, Plant plant) : ForwardingBackend(real), plant_(plant) {}

  Support supports(const Plan& plan) const override {
    return plant_ == Plant::refusal ? Support{false, "planted"} : ForwardingBackend::supports(plan);
  }
  void run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
           Workspace workspace, const RunContext& context) const override {
    for (int i = 0; i < (plant_ == Plant::slowdown ? kSlowdown : 1); ++i)
      ForwardingBackend::run(plan, images, outputs, workspace, context);
    if (plant_ == Plant::wrong_weight || plant_ == Plant::nan) spoil(plan, outputs);
  }

 private:
  void spoil(const Plan& plan, std::span<const OutputView> outputs) const {
    for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
      if (plan.outputs[i].type != Type::f32 || !plan.outputs[i].values.empty() || plan.outputs[i].elements() < 3)
        continue;
      float pixel[3];
      std::memcpy(pixel, outputs[i].data, sizeof pixel);
      if (plant_ == Plant::nan) pixel[0] = __builtin_nanf("");
      if (plant_ == Plant::wrong_weight) pixel[1] += 0.004F * (pixel[2] - pixel[1]);
      std::memcpy(outputs[i].data, pixel, sizeof pixel);
    }
  }

  Plant plant_;
};

}  // namespace kir::test
