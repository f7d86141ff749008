// On a device: the floor moves every byte at a speed that memory has, backends are timed on sets of their own, and one
// that is wrong gets no time.
#include "benchmarks/cuda/cuda_case.hpp"

#include <cuda_runtime_api.h>

#include <cstdio>
#include <set>

#include "benchmarks/bench.hpp"
#include "benchmarks/contenders/verify.hpp"
#include "kernels/cuda/check.hpp"
#include "tests/benchmarks/suite_folder.hpp"
#include "tests/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/fake_backend.hpp"
#include "tests/support/idle_backend.hpp"
#include "tests/support/seed.hpp"

using namespace kir;
using namespace kir::benchmarks;
using nlohmann::json;

namespace {

/// Fills its outputs with zeros, and remembers what it was given.
class ZeroBackend final : public kir::test::IdleBackend {
 public:
  std::string_view name() const override { return "zero"; }
  MemorySpace memory() const override { return MemorySpace::cuda; }
  std::size_t workspace_bytes(const Plan& plan, const RunContext&) const override {
    return 64 * plan.images.size();  // of this plan alone
  }
  void run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
           Workspace workspace, const RunContext& context) const override {
    IdleBackend::run(plan, images, outputs, workspace, context);
    workspaces.insert(workspace.data);
    sizes.insert(plan.images[0].height);
    for (const OutputView& output : outputs) {
      cuda::check(cudaMemsetAsync(output.data, 0, output.bytes, static_cast<cudaStream_t>(context.stream)), "memset");
    }
  }

  mutable std::set<const void*> workspaces;
  mutable std::set<int> sizes;
};

struct Made {
  explicit Made(const std::string& name)
      : suite(load_suites("configs/suites", {name}).at(0)),
        one(suite.cases.at(0)),
        images(make_images(suite, one, seed, {})),
        device(suite, one, seed, images) {}

  std::uint64_t seed = kir::test::test_seed();
  Suite suite;
  SuiteCase one;
  std::vector<parity::Image> images;
  CudaCase device;
};

void print(const char* what, const Contender& contender, const TrainTimes& times) {
  std::printf("%s: %.2f us a call in a train of %d, isolated %.2f, host %.2f, wall %.2f, %.0f GB/s, %.0f MHz%s\n", what,
              times.call_s * 1e6, times.calls, times.isolated_s * 1e6, times.host_s * 1e6, times.wall_s * 1e6,
              static_cast<double>(contender.bytes) / times.call_s * 1e-9, times.megahertz,
              times.host_limited ? ", host limited" : "");
}

}  // namespace

TEST_CASE("the floor moves the needed bytes, neither faster than memory nor far slower") {
  for (const char* name : {"seed_n32", "seed_n1", "clip_crop_n32"}) {
    const Made made(name);
    const Contender copy = made.device.copy();
    INFO(copy.refused);
    REQUIRE(copy.train);
    const TrainTimes times = copy.train();
    print(name, copy, times);
    const double rate = static_cast<double>(copy.bytes) / times.call_s;
    CHECK(rate < 10e12);  // no device of today has such a memory: it would be the cache's
    if (std::string(name) != "seed_n1") CHECK(rate > 0.1e12);
    CHECK_FALSE(times.host_limited);
    CHECK(times.calls >= 50);
    CHECK(times.isolated_s >= times.call_s);
    CHECK(times.megahertz > 100);
  }
}

TEST_CASE("the floor of images in host memory is the bus") {
  const Made made("host_memory_n32");
  const Contender copy = made.device.copy();
  INFO(copy.refused);
  REQUIRE(copy.train);
  const TrainTimes times = copy.train();
  print("host_memory_n32", copy, times);
  CHECK(static_cast<double>(copy.bytes) / times.call_s < 1e12);
}

TEST_CASE("a backend is timed on many sets, each with sizes and a workspace of its own") {
  const Made made("seed_n8");
  const ZeroBackend zero;
  Contender contender = named_contender("zero", Numerics::float32);
  made.device.time(contender, zero, Numerics::float32);
  REQUIRE(contender.refused.empty());
  const TrainTimes times = contender.train();
  print("zeros", contender, times);
  CHECK(times.call_s > 0);
  CHECK(zero.workspaces.size() >= 3);
  CHECK(zero.sizes.size() >= 2);
}

TEST_CASE("a device backend that is wrong gets no time; the floor beside it gets one") {
  const kir::test::SuiteFolder folder;
  kir::test::FakeBackend right("right");
  ZeroBackend zero;
  const std::pair<std::string, Backend*> backends[] = {{"zero", &zero}};
  BenchOptions options;
  options.suites_dir = folder.path();
  options.oracle = "right";
  options.verifiers = {{"right", &right}};
  options.settings = parity::load_settings("configs/parity.json");
  options.repetitions = 3;
  const json result = run_bench(options, backends);
  for (const json& row : result["benchmarks"]) {
    if (row["contender"] == "copy") {
      for (const char* key : {"us", "isolated_us", "host_us", "wall_us", "calls", "host_limited", "megahertz"}) {
        CHECK(row.contains(key));
      }
    } else {
      CHECK(row["error_occurred"] == true);
      CHECK(kir::test::contains(row["error_message"].get<std::string>(), "wrong: pixel_values"));
    }
  }
  CHECK_FALSE(result["context"]["device"].get<std::string>().empty());
}
