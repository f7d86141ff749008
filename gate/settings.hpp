// What the gate accepts: configs/gate.json, checked key by key.
#pragma once

#include <string>
#include <vector>

#include "gate/check.hpp"

namespace kir::gate {

/// What a parity run of `backend` against `oracle` over every supported configuration and the quick cases may find.
/// `of` is one of the three names below; errors are in normalized units. Of the configurations compared nothing is
/// accepted but all that are planned: "at_least": "planned".
inline constexpr const char* kFailedCases = "failed cases";
inline constexpr const char* kLargestError = "largest error";
inline constexpr const char* kConfigurationsCompared = "configurations compared";
struct ParityBound {
  std::string backend, oracle, numerics, of;
  Bound accepted;

  /// "cpu vs reference, float32"
  std::string pair() const { return backend + " vs " + oracle + ", " + numerics; }
  std::string name() const { return pair() + ": " + of; }
};

/// A configuration that is refused by its own values, though its class is planned.
struct RefusedConfiguration {
  std::string name, reason;
};

struct CoverageSettings {
  Bound total;  ///< how many configurations there are
  std::vector<RefusedConfiguration> refused;
};

/// The median time of a benchmark's contender, measured in this run on one thread. With `against`: its ratio to the
/// median time of that contender of the same case, from the same run; without: the time itself, in the accepted value's
/// unit (us).
struct SpeedBound {
  std::string suite, case_name, contender, against;
  Bound accepted;
};
inline constexpr const char* kMicroseconds = "us";

/// What the evidence that `command` records depends on.
struct EvidenceSources {
  std::string command;
  std::vector<std::string> compiled = {};  ///< roots of source_files(), each file with the headers that it includes
  std::vector<std::string> paths = {};     ///< roots of which the files alone count
  /// The plans that it ran: "processors", "torch_cpu", "suites" for all of plan_hashes(), or names of single ones.
  std::vector<std::string> plans = {};
};

/// A value in the evidence that was recorded on another machine. `measurement` is the name of a ParityBound, or
/// "SUITE CONTENDER: VALUE" for a value (us, ratio_to_copy, ...) of the row of a contender in a suite's case
/// (seed_n32). `command` is what records it: each evidence file of that command must hold it, and none need be there
/// yet.
struct RecordedBound {
  std::string measurement;
  Bound accepted;
  std::string command = "make record";
  std::string device = {};  ///< kernel times in us are promised for one device; empty: for any
};

struct Settings {
  std::string file;  ///< for messages
  std::vector<ParityBound> parity;
  CoverageSettings coverage;
  std::vector<SpeedBound> speed;
  int speed_repetitions = 0;    ///< of each contender; at least 2
  double speed_min_time_s = 0;  ///< of one repetition
  std::vector<EvidenceSources> recorded_sources;
  std::vector<RecordedBound> recorded;

  /// Those of one command. Throws Error{invalid_argument, FILE} for a command that records no evidence.
  const EvidenceSources& sources_of(const std::string& command) const;
};

/// Throws Error{invalid_argument, "FILE: KEY", ...} for a missing, wrong-typed, out-of-range or unknown key and
/// Error{io} for a file that cannot be read.
Settings load_settings(const std::string& path);

}  // namespace kir::gate
