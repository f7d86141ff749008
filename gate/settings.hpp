// What the gate accepts: configs/gate.json, checked key by key.
#pragma once

#include <string>
#include <vector>

#include "gate/check.hpp"

namespace kir::gate {

/// The largest error of `backend` against `oracle` over every supported configuration and the quick cases.
struct ParityBound {
  std::string backend, oracle, numerics;
  Bound accepted;
};

/// How many configurations there are: `of` is "total", "supported", or "supported FAMILY".
struct CoverageBound {
  std::string of;
  Bound accepted;
};

/// A time of a benchmark suite, measured in this run: the median over `repetitions` of at least `min_time_s` seconds.
/// With a contender: the ratio of the two times, both measured in this run; without: the time itself, in the bound's
/// unit.
struct SpeedBound {
  std::string name, suite, row, contender;
  int repetitions = 3;
  double min_time_s = 0.1;
  Bound accepted;
};

/// A value in the evidence that was recorded on another machine.
struct RecordedBound {
  std::string measurement;
  Bound accepted;
};

struct Settings {
  std::string file;  ///< for messages
  std::vector<ParityBound> parity;
  std::vector<CoverageBound> coverage;
  std::vector<SpeedBound> speed;
  std::vector<std::string>
      recorded_sources;  ///< files and folders that recorded evidence depends on, from the source folder
  std::vector<RecordedBound> recorded;
};

/// Throws Error{invalid_argument, "FILE: KEY", ...} for a missing, wrong-typed, out-of-range or unknown key and
/// Error{io} for a file that cannot be read.
Settings load_settings(const std::string& path);

}  // namespace kir::gate
