#include "gate/coverage.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include "kir/error.hpp"
#include "kir/spec.hpp"

namespace kir::gate {
namespace fs = std::filesystem;
namespace {

/// Plans one 480 x 640 image: a claim of support that no plan stands behind is worth nothing.
void plan_one(const ProcessorSpec& spec) {
  const ImageSize photograph[] = {{3, 480, 640}};
  ProbeResult mid_grey;
  mid_grey.mean = 127.5;
  mid_grey.std = 64;
  const std::vector<ProbeResult> answers(probes(spec, photograph).size(), mid_grey);
  plan(spec, photograph, {}, answers);
}

}  // namespace

std::vector<Check> check_coverage(const std::vector<CoverageBound>& bounds, const std::string& processors_dir) {
  if (!fs::is_directory(processors_dir))
    throw Error(ErrorCode::io, processors_dir, "no such folder of processor configurations");

  // What there is: "total", "supported", and "supported WRITES", as "supported tokens".
  std::map<std::string, int> count;
  std::string broken;
  for (const auto& entry : fs::directory_iterator(processors_dir)) {
    if (entry.path().extension() != ".json") continue;
    try {
      const ProcessorSpec spec = load_spec(entry.path().string());
      ++count["total"];
      if (!spec.unsupported.empty()) continue;
      plan_one(spec);
      ++count["supported"];
      ++count[std::string("supported ") + spec.writes];
    } catch (const Error& error) {
      broken += (broken.empty() ? "broken: " : "; ") + std::string(error.what());
    }
  }

  std::vector<Check> checks;
  for (const CoverageBound& bound : bounds)
    checks.push_back(judge("coverage", bound.of, count[bound.of], bound.accepted, broken));
  return checks;
}

}  // namespace kir::gate
