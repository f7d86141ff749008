#include "kernels/plan_support.hpp"

#include <string>
#include <utility>

#include "plan/epilogue.hpp"
#include "weights/axis_table.hpp"

namespace kir {
namespace {

/// The source's shape and type, or channels = 0 for an index that is not in the plan.
Buffer source_of(const Plan& plan, const Source& from) {
  const auto index = static_cast<std::size_t>(from.index);
  if (from.kind == Source::Kind::image) {
    if (index >= plan.images.size()) return {Type::u8, 0, 0, 0};
    const ImageSize& size = plan.images[index];
    return {Type::u8, size.channels, size.height, size.width};
  }
  return index < plan.canvases.size() ? plan.canvases[index] : Buffer{Type::u8, 0, 0, 0};
}

bool exists(const Plan& plan, const Target& to) {
  const auto index = static_cast<std::size_t>(to.index);
  return index < (to.kind == Target::Kind::output ? plan.outputs.size() : plan.canvases.size());
}

Type type_of(const Plan& plan, const Target& to) {
  return to.kind == Target::Kind::output ? plan.outputs[to.index].type : plan.canvases[to.index].type;
}

/// Of the edge of a box that is not far away.
bool is_whole(double edge) {
  return edge == static_cast<double>(static_cast<std::int64_t>(edge));
}

std::string box_text(const Axis& axis) {
  return "box = [" + std::to_string(axis.box_begin) + ", " + std::to_string(axis.box_end) + ")";
}

/// Of an axis that has a weight table.
std::string ability_reason(const Axis& axis, const Abilities& abilities) {
  if (!abilities.borders && goes_on_beyond(axis.border) && !is_mirrored_copy(axis)) {
    return std::string("border = zero, reflect or symmetric ") +
           (axis.border == Border::zero ? "is not built yet" : "is built for copies alone");
  }
  if (!abilities.boxes && !(is_whole(axis.box_begin) && is_whole(axis.box_end))) {
    return box_text(axis) + ": only whole source pixels are built";
  }
  return "";
}

std::string axis_reason(const char* name, const Axis& axis, std::int32_t source, bool resampled, Arithmetic arithmetic,
                        const Abilities& abilities) {
  if (axis.in != source) {
    return std::string(name) + ".in = " + std::to_string(axis.in) + "; its source has " + std::to_string(source);
  }
  if (axis.count < 1) return std::string(name) + ".count = " + std::to_string(axis.count) + "; allowed: at least 1";
  if (resampled) {
    std::string reason = why_no_axis_table(axis, arithmetic);
    if (reason.empty()) reason = ability_reason(axis, abilities);
    return reason.empty() ? "" : std::string(name) + ": " + reason;
  }
  const bool inside =
      axis.first >= 0 && axis.box_begin >= 0 && axis.box_end <= axis.in && is_whole(axis.box_begin) &&
      static_cast<std::int64_t>(axis.box_begin) + axis.first + axis.count <= static_cast<std::int64_t>(axis.box_end);
  return inside ? "" : std::string(name) + " is copied from pixels outside of its source, or from parts of pixels";
}

/// The one place that says which arithmetics the kernels have, and where each rounds.
std::string arithmetic_reason(const Job& job, Type source, const Abilities& abilities) {
  const std::string name = std::string("arithmetic = ") + name_of(job.arithmetic);
  const bool pillow = job.arithmetic == Arithmetic::pillow_int22;
  const bool integer = job.arithmetic == Arithmetic::torch_int16 || pillow;
  if (pillow ? !abilities.pillow : !integer && job.arithmetic != Arithmetic::float32) {
    return name + "; the kernels have float32 and torch_int16" + (abilities.pillow ? " and pillow_int22" : "");
  }
  if (job.passes == Passes::copy) return "";
  if (job.passes == Passes::yx && !abilities.pillow) return "passes = yx (the vertical pass first) is not built yet";
  if (job.round == Round::last) return "round = last is not built yet";
  if (integer && job.round != Round::each) return name + " goes with round = each";
  if (!integer && job.round != Round::never) return "round = each goes with arithmetic = torch_int16 or pillow_int22";
  if (integer && source != Type::u8) return name + " reads uint8 sources only";
  return "";
}

std::string job_reason(const Plan& plan, const Job& job, const Abilities& abilities) {
  Buffer source = source_of(plan, job.from);
  if (source.channels == 0 || !exists(plan, job.to)) return "its source or target is not in the plan";
  if (static_cast<std::size_t>(job.epilogue) >= plan.epilogues.size()) return "its epilogue is not in the plan";
  if (job.from.turn < 0 || job.from.turn > 3) return "turn = " + std::to_string(job.from.turn) + "; allowed: 0..3";
  if (job.from.turn % 2 != 0) std::swap(source.height, source.width);
  std::string reason = arithmetic_reason(job, source.type, abilities);
  if (!reason.empty()) return reason;
  if (job.channels < 1 || job.channels > 4 || (source.channels != job.channels && source.channels != 1)) {
    return "channels = " + std::to_string(job.channels) + " from a source of " + std::to_string(source.channels);
  }
  if (!abilities.scales && has_scale(plan.epilogues[job.epilogue])) return "a product in double is not built yet";
  if (job.channels < 3 && mixes_channels(plan.epilogues[job.epilogue])) return "a mix of fewer than 3 channels";
  const Type type = type_of(plan, job.to);
  if (type == Type::boolean || type == Type::i32 || type == Type::i64) {
    return std::string("pixels stored as ") + name_of(type) + "; allowed: uint8, float16, bfloat16, float32";
  }
  reason = axis_reason("y", job.y, source.height, resamples_y(job.passes), job.arithmetic, abilities);
  if (reason.empty())
    reason = axis_reason("x", job.x, source.width, resamples_x(job.passes), job.arithmetic, abilities);
  return reason;
}

std::string plan_reason(const Plan& plan, const Abilities& abilities) {
  for (const Buffer& canvas : plan.canvases) {
    if (canvas.type != Type::u8 && canvas.type != Type::f32) {
      return std::string("a canvas of ") + name_of(canvas.type) + "; allowed: uint8, float32";
    }
  }
  for (std::size_t l = 0; l < plan.levels.size(); ++l) {
    const std::string level = "levels[" + std::to_string(l) + "]";
    for (std::size_t j = 0; j < plan.levels[l].jobs.size(); ++j) {
      const std::string reason = job_reason(plan, plan.levels[l].jobs[j], abilities);
      if (!reason.empty()) return level + ".jobs[" + std::to_string(j) + "]: " + reason;
    }
    for (std::size_t f = 0; f < plan.levels[l].fills.size(); ++f) {
      const Fill& fill = plan.levels[l].fills[f];
      if (!exists(plan, fill.to)) return level + ".fills[" + std::to_string(f) + "]: its target is not in the plan";
    }
  }
  return "";
}

}  // namespace

bool is_mirrored_copy(const Axis& axis) {
  return (axis.border == Border::reflect || axis.border == Border::symmetric) &&
         (axis.filter == Filter::nearest || axis.filter == Filter::nearest_exact) && is_whole(axis.box_begin) &&
         axis.box_end - axis.box_begin == axis.out;
}

Support support_of(const Plan& plan, const Abilities& abilities) {
  std::string reason = plan_reason(plan, abilities);
  return {reason.empty(), std::move(reason)};
}

}  // namespace kir
