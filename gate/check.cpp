#include "gate/check.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace kir::gate {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string accepted_text(const Bound& bound) {
  return (bound.side == Bound::Side::at_most ? "<= " : ">= ") + number(bound.value);
}

}  // namespace

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::fail:
      return "FAIL";
    case Verdict::skip:
      return "skipped";
  }
  return "?";
}

Check judge(std::string room, std::string name, double measured, const Bound& bound, std::string note) {
  const bool within = bound.side == Bound::Side::at_most ? measured <= bound.value : measured >= bound.value;
  const Verdict verdict = within && std::isfinite(measured) ? Verdict::pass : Verdict::fail;
  return {std::move(room), std::move(name), true, measured, bound, verdict, std::move(note)};
}

Check failure(std::string room, std::string name, const Bound& bound, std::string note) {
  return {std::move(room), std::move(name), false, 0, bound, Verdict::fail, std::move(note)};
}

Check skipped(std::string room, std::string name, const Bound& bound, std::string note) {
  return {std::move(room), std::move(name), false, 0, bound, Verdict::skip, std::move(note)};
}

void append(std::vector<Check>& checks, std::vector<Check> more) {
  for (Check& check : more) checks.push_back(std::move(check));
}

double margin(const Check& check) {
  return check.bound.side == Bound::Side::at_most ? check.bound.value - check.measured
                                                  : check.measured - check.bound.value;
}

std::string table_of(const std::vector<Check>& checks) {
  // The table, its columns as wide as their widest cell.
  std::vector<std::vector<std::string>> rows = {{"check", "measured", "accepted", "margin", "unit", "verdict"}};
  for (const Check& check : checks) {
    const bool bounded = !check.bound.unit.empty();
    rows.push_back({check.room + ": " + check.name, check.is_measured ? number(check.measured) : "-",
                    bounded ? accepted_text(check.bound) : "-", check.is_measured ? number(margin(check)) : "-",
                    bounded ? check.bound.unit : "-", name_of(check.verdict)});
  }
  std::vector<std::size_t> widths(rows[0].size(), 0);
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  std::string text;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string line;
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      const std::string pad(widths[c] - rows[r][c].size(), ' ');
      const bool is_number = c >= 1 && c <= 3;
      if (c > 0) line.append("  ");
      line += is_number ? pad + rows[r][c] : rows[r][c] + pad;
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    if (r == 0) text += std::string(line.size(), '-') + "\n";
  }

  // What regressed and what was not checked, with the reasons.
  for (const Verdict verdict : {Verdict::fail, Verdict::skip}) {
    for (const Check& check : checks) {
      if (check.verdict != verdict) continue;
      text.append("\n").append(name_of(verdict)).append("  ").append(check.room + ": " + check.name + "\n");
      if (check.is_measured)
        text += "  measured " + number(check.measured) + ", accepted " + accepted_text(check.bound) + " " +
                check.bound.unit + "\n";
      if (!check.note.empty()) text += "  " + check.note + "\n";
      if (verdict == Verdict::fail && !check.bound.reason.empty())
        text += "  accepted because: " + check.bound.reason + "\n";
    }
  }

  const auto count = [&](Verdict verdict) {
    return std::to_string(
        std::count_if(checks.begin(), checks.end(), [&](const Check& check) { return check.verdict == verdict; }));
  };
  return text + "\ngate: " + count(Verdict::pass) + " passed, " + count(Verdict::fail) + " failed, " +
         count(Verdict::skip) + " skipped\n";
}

bool passed(const std::vector<Check>& checks, bool allow_only_skips) {
  bool any_pass = false;
  for (const Check& check : checks) {
    if (check.verdict == Verdict::fail) return false;
    any_pass |= check.verdict == Verdict::pass;
  }
  return any_pass || allow_only_skips;
}

}  // namespace kir::gate
