#include "kernels/cuda/tuning.hpp"

#include "kir/error.hpp"

namespace kir::cuda {

const Tuning& tuning_named(std::string_view name) {
  std::string known;
  for (const Tuning& tuning : kTunings) {
    const std::string one = "sm_" + std::to_string(tuning.architecture);
    if (name == one) return tuning;
    known += (known.empty() ? "" : ", ") + one;
  }
  throw Error(ErrorCode::invalid_argument, "architecture",
              "\"" + std::string(name) + "\" is unknown; allowed are " + known);
}

}  // namespace kir::cuda
