// Something that is timed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "benchmarks/cuda/train.hpp"

namespace kir::benchmarks {

struct Contender {
  std::string name;     ///< unique within a case; the JSON's ratio_to_NAME
  std::string backend;  ///< the backend's name; "none" for copy, "plan" for planning
  std::string numerics;
  std::int64_t bytes = 0;     ///< read and written once by the best possible program
  std::function<void()> run;  ///< one iteration; reuses its buffers
  /// In place of `run`: one repetition that measures itself, by trains of calls on a device's queue.
  std::function<TrainTimes()> train;
  std::string refused;  ///< not empty: a wrong or impossible contender, and why; it gets no time

  // How it was verified before it is timed; absent for a contender that computes no pixels.
  std::string verified_against;
  std::optional<double> max_abs, bound;  ///< normalized units; no bound: its error is shown and decides nothing
};

}  // namespace kir::benchmarks
