#include "benchmarks/suite.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "json/reader.hpp"
#include "kir/error.hpp"
#include "plan/names.hpp"

namespace kir::benchmarks {
namespace {

/// Values that a text may be, as in `memory`: refused with "must be A or B".
template <class Value, std::size_t kCount>
Value named(const JsonValue& value, const std::pair<const char*, Value> (&allowed)[kCount]) {
  std::string names;
  for (const auto& [name, one] : allowed) {
    if (value.raw() == name) return one;
    names += (names.empty() ? "" : " or ") + std::string(name);
  }
  value.refuse_unless(names);
}

std::int32_t edge(const JsonValue& value) {
  return static_cast<std::int32_t>(value.integer(1, kMaxEdge));
}

std::array<std::int32_t, 2> range(const JsonValue& value) {
  if (!value.raw().is_array() || value.raw().size() != 2) value.refuse_unless("[smallest, largest]");
  const std::array<std::int32_t, 2> ends{edge(value.item(0)), edge(value.item(1))};
  if (ends[0] > ends[1]) value.refuse("the smallest is larger than the largest: " + value.raw().dump());
  return ends;
}

std::vector<Numerics> numerics_list(const JsonValue& value) {
  constexpr std::pair<const char*, Numerics> kTimed[] = {{"float32", Numerics::float32},
                                                         {"torch_cpu", Numerics::torch_cpu}};
  std::vector<Numerics> found;
  for (const JsonValue& one : value.list(1, "a list of numerics")) found.push_back(named(one, kTimed));
  return found;
}

std::vector<MemorySpace> memory_spaces(const JsonValue& value) {
  constexpr std::pair<const char*, MemorySpace> kSpaces[] = {{"host", MemorySpace::host}, {"cuda", MemorySpace::cuda}};
  std::vector<MemorySpace> found;
  for (const JsonValue& one : value.list(1, "a list out of host and cuda")) found.push_back(named(one, kSpaces));
  return found;
}

std::vector<double> numbers(const JsonValue& value) {
  std::vector<double> found;
  for (const JsonValue& one : value.list(0, "a list of numbers")) found.push_back(one.number());
  return found;
}

/// The call by name, for filters that no processor's configuration can ask for.
ProcessorSpec resize_normalize(JsonObject object) {
  ResizeNormalize request;
  request.height = edge(object.at("height"));
  request.width = edge(object.at("width"));
  const JsonValue resample = object.at("resample");
  request.resample = filter_named(resample.text(), resample.where());
  request.antialias = object.at("antialias").boolean();
  request.image_mean = numbers(object.at("image_mean"));
  request.image_std = numbers(object.at("image_std"));
  object.no_other_keys();
  return resize_normalize_spec(request);
}

ProcessorSpec spec_of(JsonObject& root) {
  if (root.has("processor") == root.has("resize_normalize")) {
    root.refuse("needs either \"processor\" or \"resize_normalize\"");
  }
  if (root.has("resize_normalize")) return resize_normalize(root.object("resize_normalize"));
  const JsonValue processor = root.at("processor");
  ProcessorSpec spec = parse_spec(processor.raw().dump(), processor.where());
  if (!spec.unsupported.empty()) throw Error(ErrorCode::unsupported, processor.where(), spec.unsupported);
  return spec;
}

SuiteCase case_of(JsonObject& object, const std::vector<Numerics>& of_suite) {
  SuiteCase one;
  one.name = object.at("name").text();
  if (one.name.find('/') != std::string::npos) object.at("name").refuse("must not contain \"/\"");
  one.images = static_cast<int>(object.at("images").integer(1, 4096));
  one.height = range(object.at("height"));
  one.width = range(object.at("width"));
  constexpr std::pair<const char*, parity::Memory> kMemory[] = {{"chw", parity::Memory::chw},
                                                                {"hwc", parity::Memory::hwc}};
  one.memory = named(object.at("memory"), kMemory);
  const std::optional<JsonValue> numerics = object.find("numerics"), runs_on = object.find("runs_on");
  const std::optional<JsonValue> host_images = object.find("host_images");
  one.numerics = numerics ? numerics_list(*numerics) : of_suite;
  one.runs_on = runs_on ? memory_spaces(*runs_on) : std::vector{MemorySpace::host, MemorySpace::cuda};
  one.host_images = host_images && host_images->boolean();
  if (one.host_images && one.runs_in(MemorySpace::host)) {
    host_images->refuse("is for CUDA backends: runs_on must be [\"cuda\"]");
  }
  object.no_other_keys();
  return one;
}

Suite load(const std::filesystem::path& path) {
  const nlohmann::json document = read_json_object(path.string());
  JsonObject root(document, path.string());
  Suite suite;
  suite.name = path.stem().string();
  suite.about = root.at("about").text();
  suite.spec = spec_of(root);
  constexpr std::pair<const char*, Suite::Measures> kMeasures[] = {{"run", Suite::Measures::run},
                                                                   {"plan", Suite::Measures::plan}};
  suite.measures = named(root.at("measures"), kMeasures);
  if (const std::optional<JsonValue> type = root.find("output_type")) {
    suite.output_type = type_named(type->text(), type->where());
  }
  const std::vector<Numerics> of_suite = numerics_list(root.at("numerics"));
  for (JsonObject& one : root.objects("cases")) suite.cases.push_back(case_of(one, of_suite));
  root.no_other_keys();
  return suite;
}

/// A suite by its name, or one case of it by SUITE_CASE.
Suite load_named(const std::string& folder, const std::vector<std::string>& known, const std::string& name) {
  const auto path = [&](const std::string& suite) { return std::filesystem::path(folder) / (suite + ".json"); };
  if (std::binary_search(known.begin(), known.end(), name)) return load(path(name));
  for (const std::string& one : known) {
    if (name.rfind(one + "_", 0) != 0) continue;
    Suite suite = load(path(one));
    std::erase_if(suite.cases, [&](const SuiteCase& each) { return one + "_" + each.name != name; });
    if (!suite.cases.empty()) return suite;
  }
  std::string list;
  for (const std::string& one : known) list += (list.empty() ? "" : ", ") + one;
  throw Error(ErrorCode::invalid_argument, "suite",
              "\"" + name + "\" is none of " + list + ", nor a SUITE_CASE of one");
}

}  // namespace

bool SuiteCase::runs_in(MemorySpace memory_space) const {
  return std::find(runs_on.begin(), runs_on.end(), memory_space) != runs_on.end();
}

PlanOptions Suite::plan_options(Numerics chosen) const {
  PlanOptions options;
  options.numerics = chosen;
  options.output_type = output_type;
  return options;
}

std::vector<Suite> load_suites(const std::string& folder, const std::vector<std::string>& only) {
  namespace fs = std::filesystem;
  std::vector<std::string> known;
  std::error_code code;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, code)) {
    if (entry.path().extension() == ".json") known.push_back(entry.path().stem().string());
  }
  if (code) throw Error(ErrorCode::io, folder, code.message());
  std::sort(known.begin(), known.end());
  if (known.empty()) throw Error(ErrorCode::io, folder, "holds no suite (*.json)");

  std::vector<Suite> suites;
  for (const std::string& name : only.empty() ? known : only) suites.push_back(load_named(folder, known, name));
  return suites;
}

}  // namespace kir::benchmarks
