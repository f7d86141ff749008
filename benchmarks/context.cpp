#include "benchmarks/context.hpp"

#include <algorithm>
#include <fstream>
#include <string>

namespace kir::benchmarks {
namespace {

using nlohmann::json;

std::string cpu_name() {
  std::ifstream stream("/proc/cpuinfo");
  for (std::string line; std::getline(stream, line);) {
    if (line.rfind("model name", 0) == 0) return line.substr(std::min(line.find(':') + 2, line.size()));
  }
  return "unknown";
}

}  // namespace

void add_context(json& context, const BenchOptions& options, int workers) {
  context["cpu"] = cpu_name();
  context["compiler"] = __VERSION__;
#ifdef NDEBUG
  context["build"] = "release";
#else
  context["build"] = "debug";
#endif
  context["seed"] = options.seed;
  context["oracle"] = options.oracle;
  context["workers"] = workers;
  context["min_time_s"] = options.min_time_s;
  context["repetitions"] = options.repetitions;
  context["photos"] = json::array();
  for (const parity::Image& photo : options.photos) context["photos"].push_back(photo.name());
  for (const auto& [key, value] : options.context) context[key] = value;
}

}  // namespace kir::benchmarks
