#include "describe/describe.hpp"

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

namespace kir {

namespace {

using nlohmann::json;

// ---------------------------------------------------------------------------------------------------------------------
// Words

const char* word(Passes passes) {
  constexpr const char* kWords[] = {"copy", "x", "y", "xy", "yx"};
  return kWords[static_cast<int>(passes)];
}

const char* word(Round round) {
  constexpr const char* kWords[] = {"never", "last", "each"};
  return kWords[static_cast<int>(round)];
}

const char* word(Border border) {
  constexpr const char* kWords[] = {"renormalize", "clamp", "zero", "reflect", "symmetric"};
  return kWords[static_cast<int>(border)];
}

const char* word(Step::Op op) {
  constexpr const char* kWords[] = {"mul", "sub", "div", "mix", "scale"};
  return kWords[static_cast<int>(op)];
}

std::string text_of(const Source& from) {
  std::string text = (from.kind == Source::Kind::image ? "images[" : "canvases[") + std::to_string(from.index) + "]";
  if (from.turn != 0) text += " turned clockwise by " + std::to_string(90 * from.turn) + " degrees";
  return text;
}

std::string text_of(const Target& to, const Plan& plan) {
  if (to.kind == Target::Kind::canvas) return "canvases[" + std::to_string(to.index) + "]";
  const std::string key = plan.outputs[static_cast<std::size_t>(to.index)].key;
  return "outputs[" + std::to_string(to.index) + "] " + key + " from element " + std::to_string(to.layout.base);
}

template <typename Number>
std::string interval(Number begin, Number end) {
  std::ostringstream text;
  text.precision(17);
  text << "[" << begin << ", " << end << ")";
  return text.str();
}

std::string text_of(const std::vector<std::int64_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + ")";
}

std::string text_of(const Axis& axis) {
  std::string text = std::to_string(axis.in) + " -> " + std::to_string(axis.out);
  if (axis.box_begin != 0 || axis.box_end != axis.in) text += " of " + interval(axis.box_begin, axis.box_end);
  if (axis.border != Border::renormalize && axis.border != Border::clamp) text += std::string(" ") + word(axis.border);
  if (axis.align_corners) text += " by the corners";
  if (axis.first != 0 || axis.count != axis.out) text += " window " + interval(axis.first, axis.first + axis.count);
  return text;
}

std::string text_of(const Job& job, const Plan& plan) {
  const Axis& axis = resamples_y(job.passes) ? job.y : job.x;
  std::ostringstream text;
  text << text_of(job.from) << " rows " << text_of(job.y) << ", columns " << text_of(job.x) << ", "
       << (job.passes == Passes::copy ? "copied" : name_of(axis.filter));
  if (job.passes != Passes::copy) {
    text << (axis.antialias ? " antialiased" : " not antialiased") << ", passes " << word(job.passes) << " in "
         << name_of(job.arithmetic) << ", rounded " << word(job.round);
  }
  text << ", epilogue " << job.epilogue << ", " << job.channels << " channels -> " << text_of(job.to, plan);
  if (job.at_y != 0 || job.at_x != 0) text << " at row " << job.at_y << ", column " << job.at_x;
  return text.str();
}

std::string text_of(const Fill& fill, const Plan& plan) {
  std::ostringstream text;
  text << "fill rows " << interval(fill.y0, fill.y1) << ", columns " << interval(fill.x0, fill.x1) << " of "
       << text_of(fill.to, plan) << " with";
  for (std::int32_t c = 0; c < fill.channels; ++c) text << " " << fill.value[c];
  if (fill.ramp_y != 0) text << " + " << fill.ramp_y << " * row";
  if (fill.ramp_x != 0) text << " + " << fill.ramp_x << " * column";
  return text.str();
}

std::string text_of(const Step& step) {
  std::ostringstream text;
  text.precision(9);  // enough to tell any two floats apart
  text << word(step.op);
  for (const float constant : step.c) text << " " << constant;
  if (step.rounded_to != Type::f32) text << " rounded to " << name_of(step.rounded_to);
  return text.str();
}

// ---------------------------------------------------------------------------------------------------------------------
// JSON

json to_json(const Axis& axis) {
  return {{"in", axis.in},
          {"out", axis.out},
          {"first", axis.first},
          {"count", axis.count},
          {"box", {axis.box_begin, axis.box_end}},
          {"filter", name_of(axis.filter)},
          {"border", word(axis.border)},
          {"antialias", axis.antialias},
          {"align_corners", axis.align_corners}};
}

json to_json(const Strides& steps) {
  return {{"outer", steps.outer},
          {"middle", steps.middle},
          {"inner", steps.inner},
          {"unit", steps.unit},
          {"group", steps.group}};
}

json to_json(const Source& from) {
  json source = {{"kind", from.kind == Source::Kind::image ? "image" : "canvas"}, {"index", from.index}};
  if (from.turn != 0) source["turn"] = from.turn;
  return source;
}

json to_json(const Target& to) {
  const Layout& layout = to.layout;
  return {{"kind", to.kind == Target::Kind::output ? "output" : "canvas"},
          {"index", to.index},
          {"layout",
           {{"base", layout.base},
            {"channel", layout.channel},
            {"y", to_json(layout.y)},
            {"x", to_json(layout.x)},
            {"copies", layout.copies},
            {"copy", layout.copy}}}};
}

json to_json(const Job& job) {
  return {{"from", to_json(job.from)},
          {"y", to_json(job.y)},
          {"x", to_json(job.x)},
          {"passes", word(job.passes)},
          {"arithmetic", name_of(job.arithmetic)},
          {"round", word(job.round)},
          {"channels", job.channels},
          {"epilogue", job.epilogue},
          {"to", to_json(job.to)},
          {"at", {job.at_y, job.at_x}}};
}

json to_json(const Fill& fill) {
  return {{"to", to_json(fill.to)},
          {"rows", {fill.y0, fill.y1}},
          {"columns", {fill.x0, fill.x1}},
          {"values", std::vector<double>(fill.value, fill.value + fill.channels)},
          {"ramp", {fill.ramp_y, fill.ramp_x}}};
}

json to_json(const Step& step) {
  return {{"op", word(step.op)},
          {"rounded_to", name_of(step.rounded_to)},
          {"c", std::vector<float>(std::begin(step.c), std::end(step.c))}};
}

}  // namespace

std::string describe(const ProcessorSpec& spec, const Plan& plan) {
  std::ostringstream text;
  text << spec.source << ": " << spec.class_name << ", numerics " << name_of(plan.numerics) << "\nstages\n";
  for (const std::string& stage : spec.stages) text << "  " << stage << "\n";

  text << "images\n";
  for (std::size_t i = 0; i < plan.images.size(); ++i) {
    const ImageSize& image = plan.images[i];
    text << "  [" << i << "] " << image.height << " x " << image.width << ", " << image.channels << " channels\n";
  }
  for (std::size_t i = 0; i < plan.canvases.size(); ++i) {
    const Buffer& canvas = plan.canvases[i];
    text << (i == 0 ? "canvases\n" : "") << "  [" << i << "] " << canvas.height << " x " << canvas.width << ", "
         << canvas.channels << " channels of " << name_of(canvas.type) << "\n";
  }
  for (std::size_t i = 0; i < plan.epilogues.size(); ++i) {
    text << (i == 0 ? "epilogues\n" : "") << "  [" << i << "]";
    for (const Step& step : plan.epilogues[i].steps) text << " " << text_of(step) << ";";
    text << (plan.epilogues[i].steps.empty() ? " nothing\n" : "\n");
  }
  for (std::size_t level = 0; level < plan.levels.size(); ++level) {
    text << "level " << level << "\n";
    for (const Job& job : plan.levels[level].jobs) text << "  " << text_of(job, plan) << "\n";
    for (const Fill& fill : plan.levels[level].fills) text << "  " << text_of(fill, plan) << "\n";
  }

  text << "outputs\n";
  for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
    const Output& output = plan.outputs[i];
    text << "  [" << i << "] " << output.key << " " << text_of(output.shape) << " " << name_of(output.type);
    if (output.of.kind == Share::Kind::image) text << ", of images[" << output.of.index << "]";
    if (output.of.kind == Share::Kind::sample) text << ", of sample " << output.of.index;
    if (!output.values.empty()) text << " =";
    for (const double value : output.values) text << " " << value;
    text << "\n";
  }
  return text.str();
}

json plan_json(const Plan& plan) {
  json images = json::array(), levels = json::array(), canvases = json::array();
  json epilogues = json::array(), outputs = json::array();
  for (const ImageSize& image : plan.images) {
    images.push_back({{"channels", image.channels}, {"height", image.height}, {"width", image.width}});
  }
  for (const Level& level : plan.levels) {
    json jobs = json::array(), fills = json::array();
    for (const Job& job : level.jobs) jobs.push_back(to_json(job));
    for (const Fill& fill : level.fills) fills.push_back(to_json(fill));
    levels.push_back({{"jobs", jobs}, {"fills", fills}});
  }
  for (const Buffer& canvas : plan.canvases) {
    canvases.push_back({{"type", name_of(canvas.type)},
                        {"channels", canvas.channels},
                        {"height", canvas.height},
                        {"width", canvas.width}});
  }
  for (const Epilogue& epilogue : plan.epilogues) {
    json steps = json::array();
    for (const Step& step : epilogue.steps) steps.push_back(to_json(step));
    epilogues.push_back(steps);
  }
  for (const Output& output : plan.outputs) {
    outputs.push_back({{"key", output.key}, {"type", name_of(output.type)}, {"shape", output.shape}});
    if (output.of.kind == Share::Kind::image) outputs.back()["image"] = output.of.index;
    if (output.of.kind == Share::Kind::sample) outputs.back()["sample"] = output.of.index;
    if (!output.values.empty()) outputs.back()["values"] = output.values;
  }
  return {{"numerics", name_of(plan.numerics)},
          {"images", images},
          {"levels", levels},
          {"canvases", canvases},
          {"epilogues", epilogues},
          {"outputs", outputs}};
}

}  // namespace kir
