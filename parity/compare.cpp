#include "parity/compare.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <sstream>
#include <vector>

#include "kir/error.hpp"
#include "parity/element.hpp"

namespace kir::parity {
namespace {

// ---------------------------------------------------------------------------------------------------------------------
// Units: how many output units one level is, per channel

using Slopes = std::array<double, 4>;

/// Output units per unit of the epilogue's input. A mix has weights that sum to one, so it leaves the slope alone.
Slopes slopes_of(const Epilogue& epilogue, Slopes slopes) {
  for (const Step& step : epilogue.steps) {
    for (std::size_t c = 0; c < slopes.size(); ++c) {
      if (step.op == Step::Op::mul) slopes[c] *= std::abs(static_cast<double>(step.c[c]));
      if (step.op == Step::Op::scale) slopes[c] *= std::abs(static_cast<double>(step.c[0]));
      if (step.op == Step::Op::div) slopes[c] /= std::abs(static_cast<double>(step.c[c]));
    }
  }
  return slopes;
}

/// How far apart two sums that differ in their last bit may come out of steps whose results are rounded to a narrow
/// type: one rounding step at each, of the largest value that a level has there, as the later steps spread it.
double step_of_rounding(const Epilogue& epilogue, int channel) {
  double low = 0, high = 255, apart = 0;
  for (const Step& step : epilogue.steps) {
    const double c = step.op == Step::Op::scale ? step.c[0] : step.c[channel];
    const double factor = step.op == Step::Op::mul || step.op == Step::Op::scale ? c
                          : step.op == Step::Op::div                             ? 1 / c
                                                                                 : 1;
    const double less = step.op == Step::Op::sub ? c : 0;
    low = (low - less) * factor;
    high = (high - less) * factor;
    apart = apart * std::abs(factor) + rounding_step(step.rounded_to, std::max(std::abs(low), std::abs(high)));
  }
  return apart;
}

/// A set of elements that share a job and a channel, or a fill.
struct Group {
  double units_per_level = 1;
  double normalized_per_unit = 1;
  double step = 0;  ///< output units, of an epilogue that rounds between its steps
  bool padding = false;
};

double normalized_per_unit(double units_per_level, double span_cap) {
  const double span = units_per_level * 255;
  return span > span_cap ? span_cap / span : 1;
}

/// Slopes of all canvases: those of the steepest job that writes each.
std::vector<Slopes> canvas_slopes(const Plan& plan) {
  std::vector<Slopes> canvases(plan.canvases.size(), Slopes{});
  for (const Level& level : plan.levels) {
    for (const Job& job : level.jobs) {
      if (job.to.kind != Target::Kind::canvas) continue;
      const Slopes from = job.from.kind == Source::Kind::canvas ? canvases.at(job.from.index) : Slopes{1, 1, 1, 1};
      const Slopes slopes = slopes_of(plan.epilogues.at(job.epilogue), from);
      Slopes& known = canvases.at(job.to.index);
      for (std::size_t c = 0; c < known.size(); ++c) known[c] = std::max(known[c], slopes[c]);
    }
  }
  for (Slopes& slopes : canvases) {
    for (double& slope : slopes) slope = slope > 0 ? slope : 1;  // a canvas of fills alone
  }
  return canvases;
}

// ---------------------------------------------------------------------------------------------------------------------
// Coverage: which job or fill writes which element

/// Calls visit(first, y, along_x) for each row of a window of a layout, all copies included: element x of the row is at
/// first + along_x[x - x0]. y is the layout's own coordinate.
template <class Visit>
void for_window(const Layout& layout, int channel, std::int64_t y0, std::int64_t y1, std::int64_t x0, std::int64_t x1,
                const Visit& visit) {
  std::vector<std::int64_t> along_x(static_cast<std::size_t>(x1 - x0));
  for (std::int64_t x = x0; x < x1; ++x) along_x[static_cast<std::size_t>(x - x0)] = layout.x(x);
  for (std::int64_t copy = 0; copy < layout.copies; ++copy) {
    const std::int64_t base = layout.base + copy * layout.copy + channel * layout.channel;
    for (std::int64_t y = y0; y < y1; ++y) visit(base + layout.y(y), y, along_x);
  }
}

/// Calls visit(channel, job, nullptr) or visit(channel, nullptr, fill) for everything that writes output `index`.
template <class Visit>
void for_writers(const Plan& plan, std::size_t index, const Visit& visit) {
  const auto writes = [&](const Target& to) {
    return to.kind == Target::Kind::output && static_cast<std::size_t>(to.index) == index;
  };
  for (const Level& level : plan.levels) {
    for (const Job& job : level.jobs) {
      if (!writes(job.to)) continue;
      for (int c = 0; c < job.channels; ++c) visit(c, &job, nullptr);
    }
    for (const Fill& fill : level.fills) {
      if (!writes(fill.to)) continue;
      for (int c = 0; c < fill.channels; ++c) visit(c, nullptr, &fill);
    }
  }
}

/// for_window of what a job or a fill writes.
template <class Visit>
void for_rows(const Job* job, const Fill* fill, int channel, const Visit& visit) {
  if (job != nullptr) {
    for_window(job->to.layout, channel, job->at_y, job->at_y + job->y.count, job->at_x, job->at_x + job->x.count,
               visit);
  } else {
    for_window(fill->to.layout, channel, fill->y0, fill->y1, fill->x0, fill->x1, visit);
  }
}

/// The group of every element of one output. Group 0 is "nobody".
struct Coverage {
  std::vector<Group> groups{Group{}};
  std::vector<std::uint32_t> of;  ///< per element, into groups
};

Coverage cover(const Plan& plan, std::size_t index, double span_cap) {
  const std::int64_t elements = plan.outputs[index].elements();
  const std::vector<Slopes> canvases = canvas_slopes(plan);
  Coverage coverage;
  coverage.of.assign(static_cast<std::size_t>(elements), 0);
  const auto refuse = [&](std::int64_t offset, const char* what) {
    throw Error(ErrorCode::invalid_argument, "plan",
                "output " + plan.outputs[index].key + ": element " + std::to_string(offset) + " of " +
                    std::to_string(elements) + " " + what);
  };
  double steepest = 0;
  for_writers(plan, index, [&](int channel, const Job* job, const Fill* fill) {
    Group group;
    group.padding = fill != nullptr;
    if (job != nullptr) {
      const bool canvas = job->from.kind == Source::Kind::canvas;
      const Slopes from = canvas ? canvases.at(job->from.index) : Slopes{1, 1, 1, 1};
      group.units_per_level = slopes_of(plan.epilogues.at(job->epilogue), from)[static_cast<std::size_t>(channel)];
      steepest = std::max(steepest, group.units_per_level);
      group.step = step_of_rounding(plan.epilogues.at(job->epilogue), channel);
    }
    const auto number = static_cast<std::uint32_t>(coverage.groups.size());
    coverage.groups.push_back(group);
    for_rows(job, fill, channel, [&](std::int64_t first, std::int64_t, const std::vector<std::int64_t>& along_x) {
      for (const std::int64_t x : along_x) {
        const std::int64_t offset = first + x;
        if (offset < 0 || offset >= elements) refuse(offset, "is outside of it");
        std::uint32_t& owner = coverage.of[static_cast<std::size_t>(offset)];
        if (owner != 0) refuse(offset, "is written twice");
        owner = number;
      }
    });
  });
  const auto gap = std::find(coverage.of.begin(), coverage.of.end(), 0u);
  if (gap != coverage.of.end()) refuse(gap - coverage.of.begin(), "is written by no job and no fill");

  // Padding has no affine of its own: it is measured as the pixels beside it are.
  for (Group& group : coverage.groups) {
    if (group.padding && steepest > 0) group.units_per_level = steepest;
    group.normalized_per_unit = normalized_per_unit(group.units_per_level, span_cap);
  }
  return coverage;
}

Coordinate locate(const Plan& plan, std::size_t index, std::int64_t element) {
  Coordinate found;
  found.element = element;
  for_writers(plan, index, [&](int channel, const Job* job, const Fill* fill) {
    for_rows(job, fill, channel, [&](std::int64_t first, std::int64_t y, const std::vector<std::int64_t>& along_x) {
      const auto at = std::find(along_x.begin(), along_x.end(), element - first);
      if (at == along_x.end()) return;
      found.channel = channel;
      found.y = y;
      found.x = (job != nullptr ? job->at_x : fill->x0) + (at - along_x.begin());
      found.padding = fill != nullptr;
      found.image = job != nullptr && job->from.kind == Source::Kind::image ? job->from.index : -1;
    });
  });
  return found;
}

/// Takes one differing pair of elements into the result. How bad it is: an element without a number, or one that must
/// be equal, outranks every measured error.
double take(Comparison& result, double got, double want, Type type, const Group& group, const Tolerance& tolerance) {
  constexpr double kWorst = std::numeric_limits<double>::infinity();
  ++result.differing;
  if (!std::isfinite(got) || !std::isfinite(want)) {
    ++result.non_finite;
    result.max_raw = result.max_levels = result.max_abs = result.sum_abs = kWorst;
    return kWorst;
  }
  const double raw = std::abs(got - want);
  // Exact results (max_abs = 0) and padding have nothing to round differently.
  const double step = tolerance.max_abs > 0 && !group.padding ? rounding_step(type, want) + group.step : 0;
  const double beyond = std::max(raw - step, 0.0);
  const double normalized = beyond * group.normalized_per_unit;
  result.max_raw = std::max(result.max_raw, raw);
  result.max_levels = std::max(result.max_levels, beyond / group.units_per_level);
  result.max_abs = std::max(result.max_abs, normalized);
  result.sum_abs += raw * group.normalized_per_unit;
  if (type == Type::boolean || type == Type::i32 || type == Type::i64) {
    ++result.unequal;
    return kWorst;
  }
  return normalized + raw * 1e-12;  // below one rounding step the raw error still says where to look
}

}  // namespace

std::string Comparison::describe_worst() const {
  std::ostringstream text;
  text.precision(9);
  text << key << "[";
  if (worst.image >= 0) text << "image " << worst.image << ", ";
  if (worst.padding) text << "padding, ";
  text << "channel " << worst.channel << ", y " << worst.y << ", x " << worst.x << " (element " << worst.element
       << ")]: got " << got << ", want " << want;
  return text.str();
}

Comparison compare(const Plan& plan, std::size_t index, const void* got, const void* want, const Tolerance& tolerance) {
  const Output& output = plan.outputs.at(index);
  const Coverage coverage = cover(plan, index, tolerance.span_cap);

  Comparison result;
  result.key = output.key;
  result.elements = output.elements();
  double worst = 0;
  with_elements(output.type, [&]<Type type>() {
    for (std::int64_t i = 0; i < result.elements; ++i) {
      const double a = element<type>(got, i), b = element<type>(want, i);
      if (a == b && std::isfinite(a)) continue;
      const Group& group = coverage.groups[coverage.of[static_cast<std::size_t>(i)]];
      const double badness = take(result, a, b, type, group, tolerance);
      if (badness <= worst) continue;
      worst = badness;
      result.worst.element = i;
      result.got = a;
      result.want = b;
    }
  });
  if (result.worst.element >= 0) result.worst = locate(plan, index, result.worst.element);
  return result;
}

bool has_float_resampling(const Plan& plan) {
  for (const Level& level : plan.levels) {
    for (const Job& job : level.jobs) {
      if (job.round == Round::never && job.passes != Passes::copy) return true;
    }
  }
  return false;
}

}  // namespace kir::parity
