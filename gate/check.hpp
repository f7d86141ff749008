// One line of the gate's table: what was measured, what is accepted, and the verdict. A NaN never passes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kir::gate {

/// An accepted value and why it is that value; read from configs/gate.json.
struct Bound {
  enum class Side { at_most, at_least } side = Side::at_most;
  double value = 0;         ///< not a number until it is known where is_planned
  std::string unit;         ///< "normalized units", "configurations", "us", ...
  std::string reason;       ///< one sentence
  bool is_planned = false;  ///< the value is how many configurations are planned
};

enum class Verdict {
  pass,
  fail,
  skip,  ///< not checked, and `note` says why; counted, never a pass
};
/// "pass", "FAIL", "skipped"
const char* name_of(Verdict verdict);

struct Check {
  std::string room;  ///< "parity", "coverage", "speed", "recorded"
  std::string name;  ///< what is checked, unique within its room
  bool is_measured = false;
  double measured = 0;  ///< in bound.unit; meaningless unless is_measured
  Bound bound;
  Verdict verdict = Verdict::fail;
  std::string note;  ///< where the worst case is, why a check was skipped or failed without a number
};

/// Compares `measured` with the bound. NaN and infinities fail.
Check judge(std::string room, std::string name, double measured, const Bound& bound, std::string note = {});

/// A check that failed without a number (a missing value, stale evidence, an error).
Check failure(std::string room, std::string name, const Bound& bound, std::string note);

/// A check that was not made.
Check skipped(std::string room, std::string name, const Bound& bound, std::string note);

/// Puts `more` behind `checks`.
void append(std::vector<Check>& checks, std::vector<Check> more);

/// How far the measured value is on the good side of the accepted one, in the bound's unit; negative = broken.
double margin(const Check& check);

/// The table (check, measured, accepted, margin, verdict), then every check that failed with its note and the accepted
/// value's reason, every skip with its reason, and a last line of counts.
std::string table_of(const std::vector<Check>& checks);

/// True when no check failed and at least one passed: a gate that checked nothing has not passed, except
/// `allow_only_skips`.
bool passed(const std::vector<Check>& checks, bool allow_only_skips = false);

}  // namespace kir::gate
