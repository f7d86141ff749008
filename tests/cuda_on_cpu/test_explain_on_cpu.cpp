// What is explained for an architecture without a device is what is launched on a device of it.
#include <cstdio>
#include <string>
#include <vector>

#include "kernels/cuda/device.hpp"
#include "kernels/cuda/explain.hpp"
#include "kernels/cuda/separable.hpp"
#include "kir/cuda.hpp"
#include "kir/spec.hpp"
#include "tests/catch.hpp"
#include "tests/cuda_on_cpu/on_cpu.hpp"
#include "tests/support/contains.hpp"

namespace {

using namespace kir;
using namespace kir::test;

std::vector<Plan> plans() {
  std::vector<Plan> plans;
  for (const char* config : {"siglip", "clip", "detr", "idefics3"}) {
    const ProcessorSpec spec = load_spec(std::string("configs/processors/") + config + ".json");
    for (const Numerics numerics : {Numerics::float32, Numerics::torch_cpu}) {
      PlanOptions options;
      options.numerics = numerics;
      plans.push_back(plan(spec, std::vector<ImageSize>(1, {3, 610, 900}), options, {}));
      plans.push_back(plan(spec, std::vector<ImageSize>(40, {3, 400, 770}), options, {}));
    }
  }
  return plans;
}

/// Launches a plan on images that are nowhere: what is launched is recorded, and not run.
void launch(const Plan& plan) {
  for (const Level& level : plan.levels) {
    if (cuda::empty(cuda::part_of(level))) continue;
    const auto part = cuda::lower_separable({plan, {}, {}, nullptr}, cuda::part_of(level));
    std::vector<std::byte> workspace(part->workspace_bytes());
    REQUIRE(part->launch(workspace.data(), nullptr) == cudaSuccess);
  }
}

/// The launches that the lines name, of `records` that were made.
void check_lines(const std::vector<std::string>& lines, const std::vector<LaunchRecord>& records) {
  std::size_t at = 0;
  for (const std::string& line : lines) {
    const bool is_prepare = contains(line, "prepare: "), is_direct = contains(line, "direct: ");
    if (!is_prepare && !is_direct && !contains(line, "separable: ")) continue;
    REQUIRE(at < records.size());
    const LaunchRecord& record = records[at++];
    CAPTURE(line, record.grid_x, record.grid_y, record.threads, record.shared_bytes);
    const std::string shared = std::to_string(record.shared_bytes) + " bytes of shared memory a block";
    if (is_prepare) {
      CHECK(contains(line, "grid " + std::to_string(record.grid_x) + " x " + std::to_string(record.grid_y)));
    } else if (is_direct) {
      CHECK(contains(line, " " + std::to_string(record.grid_x) + " tiles, a block each"));
      CHECK(contains(line, shared));
    } else {
      CHECK(contains(line, " tiles on " + std::to_string(record.grid_x) + " blocks of " +
                               std::to_string(record.threads / 128 - 1) + " teams"));
      CHECK(contains(line, shared));
    }
  }
  CHECK(at == records.size());
}

}  // namespace

TEST_CASE("sm_90 explained without a device is what a device of 132 multiprocessors launches") {
  multiprocessors = 132;
  runs_kernels = false;
  int direct = 0, two = 0;
  for (const Plan& plan : plans()) {
    const std::vector<std::string> lines = explain_cuda(plan, "cuda-separable", "sm_90");
    CHECK(lines == cuda::explain(cuda::kSeparablePlanner, plan, cuda::device_facts().tuning));
    const std::size_t before = launch_records.size();
    launch(plan);
    const std::vector<LaunchRecord> records(launch_records.begin() + static_cast<std::ptrdiff_t>(before),
                                            launch_records.end());
    check_lines(lines, records);
    for (const std::string& line : lines) {
      direct += contains(line, "direct: ");
      two += contains(line, "separable: ");
    }
  }
  std::printf("%d levels by one launch, %d by two\n", direct, two);
  CHECK(direct > 0);
  CHECK(two > 0);
}
