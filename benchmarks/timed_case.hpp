// One case of a suite with all its contenders: what is timed together.
#pragma once

#include <benchmark/benchmark.h>

#include <map>
#include <string>
#include <vector>

#include "benchmarks/contenders/contender.hpp"

namespace kir::benchmarks {

struct TimedCase {
  std::string suite, case_name;
  int images = 0;
  benchmark::TimeUnit unit = benchmark::kMillisecond;
  std::vector<Contender> contenders;
  std::map<std::string, std::vector<TrainTimes>> trains;  ///< of contenders on a device: one a repetition

  /// SUITE/CASE/CONTENDER
  std::string name_of(const Contender& contender) const { return suite + "/" + case_name + "/" + contender.name; }
};

}  // namespace kir::benchmarks
