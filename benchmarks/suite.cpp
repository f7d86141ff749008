#include "benchmarks/suite.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "kir/error.hpp"

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

Suite load(const std::filesystem::path& path) {
  const std::string file = path.string();
  std::ifstream stream(path);
  if (!stream) throw Error(ErrorCode::io, file, "cannot be read");
  const json root = json::parse(stream, nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded()) refuse(file, "is not JSON");

  Suite suite;
  suite.name = path.stem().string();
  suite.about = text(root, file, "about");
  suite.spec = parse_spec(required(root, file, "processor").dump(), file + ": processor");
  if (!suite.spec.unsupported.empty())
    throw Error(ErrorCode::unsupported, file + ": processor", suite.spec.unsupported);

  const std::string measures = text(root, file, "measures");
  if (measures != "run" && measures != "plan")
    refuse(file + ": measures", "is \"" + measures + "\", must be run or plan");
  suite.measures = measures == "run" ? Suite::Measures::run : Suite::Measures::plan;

  for (const json& one : required(root, file, "numerics")) suite.numerics.push_back(numerics(one, file + ": numerics"));
  if (suite.numerics.empty()) refuse(file + ": numerics", "must name at least one");

  for (const json& one : required(root, file, "cases")) {
    const std::string where = file + ": cases[" + std::to_string(suite.cases.size()) + "]";
    suite.cases.push_back({text(one, where, "name"), length(required(one, where, "images"), where + ": images", 4096),
                           range(one, where, "height"), range(one, where, "width"), memory(one, where)});
    if (suite.cases.back().name.find('/') != std::string::npos) refuse(where + ": name", "must not contain \"/\"");
  }
  if (suite.cases.empty()) refuse(file + ": cases", "must hold at least one case");
  return suite;
}

}  // namespace

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
  for (const std::string& name : only.empty() ? known : only) {
    if (!std::binary_search(known.begin(), known.end(), name)) {
      std::string list;
      for (const std::string& one : known) list += (list.empty() ? "" : ", ") + one;
      refuse("suite", "\"" + name + "\" is none of " + list);
    }
    suites.push_back(load(fs::path(folder) / (name + ".json")));
  }
  return suites;
}

std::vector<parity::Image> make_images(const Suite& suite, const SuiteCase& one, std::uint64_t seed,
                                       std::span<const parity::Image> photos) {
  parity::Random random(parity::seed_of(seed, suite.name + "/" + one.name));
  std::vector<parity::Image> images;
  for (int i = 0; i < one.images; ++i) {
    ImageSize size;
    size.height = static_cast<std::int32_t>(random.between(one.height[0], one.height[1]));
    size.width = static_cast<std::int32_t>(random.between(one.width[0], one.width[1]));
    images.push_back(photos.empty() ? parity::smooth_image(size, random, one.memory)
                                    : parity::mirrored_tiles(photos[static_cast<std::size_t>(i) % photos.size()], size,
                                                             random, one.memory));
  }
  return images;
}

}  // namespace kir::benchmarks
