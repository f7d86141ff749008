// Threads change the time, never the bits; one backend serves several callers at once.
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "kir/cpu.hpp"
#include "kir/error.hpp"
#include "tests/catch.hpp"
#include "tests/kernels_cpu/thread_executor.hpp"
#include "tests/support/axis.hpp"
#include "tests/support/guarded_memory.hpp"
#include "tests/support/images.hpp"
#include "tests/support/job_plans.hpp"
#include "tests/support/poisoned_run.hpp"
#include "tests/support/seed.hpp"

using namespace kir;
using namespace kir::test;

namespace {

Plan ragged_plan(std::mt19937& random, std::vector<Image>& images, Round round) {
  constexpr std::int32_t kSide = 150;
  Plan plan;
  plan.numerics = round == Round::each ? Numerics::torch_cpu : Numerics::float32;
  plan.epilogues = {affine()};
  plan.outputs = {{"pixel_values", Type::f32, {3, 3, kSide, kSide}, {}, {}}};
  plan.levels.resize(1);
  images.clear();
  for (std::int32_t i = 0; i < 3; ++i) {
    const ImageSize size{3, pick(random, 1, 400), pick(random, 1, 400)};
    images.push_back(make_image(random, size, kStorages[i]));
    plan.images.push_back(size);
    Job job;
    job.from.index = i;
    job.y = make_axis(size.height, kSide);
    job.x = make_axis(size.width, kSide);
    job.arithmetic = round == Round::each ? Arithmetic::torch_int16 : Arithmetic::float32;
    job.round = round;
    job.to.layout = chw_layout(std::int64_t{i} * 3 * kSide * kSide, kSide, kSide);
    plan.levels[0].jobs.push_back(job);
  }
  return plan;
}

bool same(const std::vector<GuardedMemory>& a, const std::vector<GuardedMemory>& b) {
  return std::memcmp(a[0].data(), b[0].data(), a[0].bytes()) == 0;
}

}  // namespace

TEST_CASE("any number of workers gives the same bits", "[threads]") {
  std::mt19937 random = seeded();
  const std::unique_ptr<Backend> backend = make_cpu_backend();
  for (const Round round : {Round::never, Round::each}) {
    std::vector<Image> images;
    const Plan plan = ragged_plan(random, images, round);
    const auto serial = run_poisoned(*backend, plan, images);
    for (const int workers : {1, 2, 3, 8}) {
      CAPTURE(workers);
      ThreadExecutor executor(workers);
      const RunContext context{&executor, nullptr};
      CHECK(same(run_poisoned(*backend, plan, images, context), serial));
      CHECK(backend->workspace_bytes(plan, context) == workers * backend->workspace_bytes(plan, {}));
    }
  }
}

TEST_CASE("two threads share one backend", "[threads]") {
  std::mt19937 random = seeded();
  const std::unique_ptr<Backend> backend = make_cpu_backend();
  std::vector<Image> images[2];
  const Plan plans[2] = {ragged_plan(random, images[0], Round::never), ragged_plan(random, images[1], Round::each)};
  const std::vector<GuardedMemory> expected[2] = {run_once(*backend, plans[0], images[0], {}, 0),
                                                  run_once(*backend, plans[1], images[1], {}, 0)};
  bool equal[2] = {true, true};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    // Catch2's assertions are not for threads: plain memory here, compared below.
    threads.emplace_back([&, t] {
      std::vector<ImageView> views;
      for (const Image& image : images[t]) views.push_back(image.view());
      std::vector<std::byte> out(plans[t].outputs[0].bytes());
      const std::size_t bytes = backend->workspace_bytes(plans[t], {});
      std::vector<std::byte> memory(bytes + 64);
      auto* workspace = memory.data();
      while (reinterpret_cast<std::uintptr_t>(workspace) % 64 != 0) ++workspace;
      const OutputView output{out.data(), out.size()};
      for (int repeat = 0; repeat < 10; ++repeat) {
        backend->run(plans[t], views, {&output, 1}, {workspace, bytes}, {});
        equal[t] = equal[t] && std::memcmp(out.data(), expected[t][0].data(), out.size()) == 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(equal[0]);
  CHECK(equal[1]);
}
