#include "benchmarks/suite.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "kir/error.hpp"
#include "plan/names.hpp"

namespace kir::benchmarks {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& where, const std::string& message) {
  throw Error(ErrorCode::invalid_argument, where, message);
}

const json& required(const json& object, const std::string& where, const char* key) {
  if (!object.is_object()) refuse(where, "must be an object, is " + object.dump());
  if (!object.contains(key)) refuse(where + ": " + key, "missing");
  return object[key];
}

std::string text(const json& object, const std::string& where, const char* key) {
  const json& value = required(object, where, key);
  if (!value.is_string()) refuse(where + ": " + key, "must be a string, is " + value.dump());
  return value.get<std::string>();
}

std::int32_t length(const json& value, const std::string& where, std::int32_t most) {
  if (!value.is_number_integer() || value.get<double>() < 1 || value.get<double>() > most) {
    refuse(where, "must be an integer from 1 to " + std::to_string(most) + ", is " + value.dump());
  }
  return value.get<std::int32_t>();
}

std::array<std::int32_t, 2> range(const json& object, const std::string& where, const char* key) {
  const json& value = required(object, where, key);
  const std::string here = where + ": " + key;
  if (!value.is_array() || value.size() != 2) refuse(here, "must be [smallest, largest], is " + value.dump());
  const std::array<std::int32_t, 2> ends{length(value[0], here, kMaxEdge), length(value[1], here, kMaxEdge)};
  if (ends[0] > ends[1]) refuse(here, "the smallest is larger than the largest: " + value.dump());
  return ends;
}

parity::Memory memory(const json& object, const std::string& where) {
  const std::string name = text(object, where, "memory");
  for (const parity::Memory one : {parity::Memory::chw, parity::Memory::hwc}) {
    if (name == parity::name_of(one)) return one;
  }
  refuse(where + ": memory", "is \"" + name + "\", must be chw or hwc");
}

Numerics numerics(const json& value, const std::string& where) {
  for (const Numerics one : {Numerics::float32, Numerics::torch_cpu}) {
    if (value == name_of(one)) return one;
  }
  refuse(where, "is " + value.dump() + ", must be float32 or torch_cpu");
}

void no_other_keys(const json& object, const std::string& where, std::initializer_list<const char*> known) {
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) refuse(where + ": " + key, "unknown key");
  }
}

std::vector<Numerics> numerics_list(const json& list, const std::string& where) {
  if (!list.is_array() || list.empty()) refuse(where, "must name at least one, is " + list.dump());
  std::vector<Numerics> found;
  for (const json& one : list) found.push_back(numerics(one, where));
  return found;
}

std::vector<MemorySpace> runs_on(const json& list, const std::string& where) {
  if (!list.is_array() || list.empty()) refuse(where, "must be a list out of host and cuda, is " + list.dump());
  std::vector<MemorySpace> found;
  for (const json& one : list) {
    if (one != "host" && one != "cuda") refuse(where, "is " + one.dump() + ", must be host or cuda");
    found.push_back(one == "cuda" ? MemorySpace::cuda : MemorySpace::host);
  }
  return found;
}

std::int64_t edge(const json& object, const std::string& where, const char* key) {
  return length(required(object, where, key), where + ": " + key, kMaxEdge);
}

/// The call by name, for filters that no processor's configuration can ask for.
ProcessorSpec resize_normalize(const json& object, const std::string& where) {
  no_other_keys(object, where, {"height", "width", "resample", "antialias", "image_mean", "image_std"});
  ResizeNormalize request;
  request.height = edge(object, where, "height");
  request.width = edge(object, where, "width");
  request.resample = filter_named(text(object, where, "resample"), where + ": resample");
  const json& antialias = required(object, where, "antialias");
  if (!antialias.is_boolean()) refuse(where + ": antialias", "must be true or false, is " + antialias.dump());
  request.antialias = antialias.get<bool>();
  for (const char* key : {"image_mean", "image_std"}) {
    const json& list = required(object, where, key);
    const auto is_number = [](const json& value) { return value.is_number(); };
    if (!list.is_array() || !std::all_of(list.begin(), list.end(), is_number)) {
      refuse(where + ": " + key, "must be a list of numbers, is " + list.dump());
    }
    (key == std::string("image_mean") ? request.image_mean : request.image_std) = list.get<std::vector<double>>();
  }
  return resize_normalize_spec(request);
}

ProcessorSpec spec_of(const json& root, const std::string& file) {
  if (root.contains("processor") == root.contains("resize_normalize")) {
    refuse(file, "needs either \"processor\" or \"resize_normalize\"");
  }
  if (root.contains("resize_normalize")) {
    return resize_normalize(root["resize_normalize"], file + ": resize_normalize");
  }
  ProcessorSpec spec = parse_spec(root["processor"].dump(), file + ": processor");
  if (!spec.unsupported.empty()) throw Error(ErrorCode::unsupported, file + ": processor", spec.unsupported);
  return spec;
}

SuiteCase case_of(const json& object, const std::string& where, const std::vector<Numerics>& of_suite) {
  SuiteCase one;
  one.name = text(object, where, "name");
  no_other_keys(object, where, {"name", "images", "height", "width", "memory", "numerics", "runs_on", "host_images"});
  if (one.name.find('/') != std::string::npos) refuse(where + ": name", "must not contain \"/\"");
  one.images = length(required(object, where, "images"), where + ": images", 4096);
  one.height = range(object, where, "height");
  one.width = range(object, where, "width");
  one.memory = memory(object, where);
  one.numerics = object.contains("numerics") ? numerics_list(object["numerics"], where + ": numerics") : of_suite;
  one.runs_on = {MemorySpace::host, MemorySpace::cuda};
  if (object.contains("runs_on")) one.runs_on = runs_on(object["runs_on"], where + ": runs_on");
  if (object.contains("host_images")) {
    if (!object["host_images"].is_boolean()) refuse(where + ": host_images", "must be true or false");
    one.host_images = object["host_images"].get<bool>();
  }
  if (one.host_images && one.runs_in(MemorySpace::host)) {
    refuse(where + ": host_images", "is for CUDA backends: runs_on must be [\"cuda\"]");
  }
  return one;
}

Suite load(const std::filesystem::path& path) {
  const std::string file = path.string();
  std::ifstream stream(path);
  if (!stream) throw Error(ErrorCode::io, file, "cannot be read");
  const json root = json::parse(stream, nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded()) refuse(file, "is not JSON");

  Suite suite;
  suite.name = path.stem().string();
  suite.about = text(root, file, "about");
  no_other_keys(root, file, {"about", "measures", "numerics", "output_type", "processor", "resize_normalize", "cases"});
  suite.spec = spec_of(root, file);

  const std::string measures = text(root, file, "measures");
  if (measures != "run" && measures != "plan")
    refuse(file + ": measures", "is \"" + measures + "\", must be run or plan");
  suite.measures = measures == "run" ? Suite::Measures::run : Suite::Measures::plan;
  if (root.contains("output_type")) {
    suite.output_type = type_named(text(root, file, "output_type"), file + ": output_type");
  }

  const std::vector<Numerics> of_suite = numerics_list(required(root, file, "numerics"), file + ": numerics");
  for (const json& one : required(root, file, "cases")) {
    suite.cases.push_back(case_of(one, file + ": cases[" + std::to_string(suite.cases.size()) + "]", of_suite));
  }
  if (suite.cases.empty()) refuse(file + ": cases", "must hold at least one case");
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
  refuse("suite", "\"" + name + "\" is none of " + list + ", nor a SUITE_CASE of one");
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

std::vector<ImageSize> draw_sizes(const Suite& suite, const SuiteCase& one, std::uint64_t seed, std::size_t set) {
  parity::Random random(parity::seed_of(seed, suite.name + "/" + one.name + "/sizes " + std::to_string(set)));
  std::vector<ImageSize> sizes(static_cast<std::size_t>(one.images));
  for (ImageSize& size : sizes) {
    size.height = static_cast<std::int32_t>(random.between(one.height[0], one.height[1]));
    size.width = static_cast<std::int32_t>(random.between(one.width[0], one.width[1]));
  }
  return sizes;
}

std::vector<parity::Image> make_images(const Suite& suite, const SuiteCase& one, std::uint64_t seed,
                                       std::span<const parity::Image> photos, Executor* executor) {
  const std::vector<ImageSize> sizes = draw_sizes(suite, one, seed);
  std::vector<std::optional<parity::Image>> made(sizes.size());
  SerialExecutor serial;
  (executor != nullptr ? *executor : serial).parallel_for(one.images, [&](std::int64_t index, int) {
    const auto i = static_cast<std::size_t>(index);
    parity::Random random(parity::seed_of(seed, suite.name + "/" + one.name + "/" + std::to_string(i)));
    made[i] = photos.empty() ? parity::smooth_image(sizes[i], random, one.memory)
                             : parity::mirrored_tiles(photos[i % photos.size()], sizes[i], random, one.memory);
  });
  std::vector<parity::Image> images;
  for (std::optional<parity::Image>& image : made) images.push_back(std::move(*image));
  return images;
}

}  // namespace kir::benchmarks
