// The table of architectures, and plans that are explained without a device. Needs no CUDA.
#include <cstdio>

#include "kernels/cuda/tile.hpp"
#include "kernels/cuda/tuning.hpp"
#include "kir/cuda.hpp"
#include "kir/error.hpp"
#include "kir/spec.hpp"
#include "tests/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/errors.hpp"

using namespace kir;
using namespace kir::cuda;
using kir::test::contains;

namespace {

Plan plan_of(int images, Numerics numerics = Numerics::float32) {
  PlanOptions options;
  options.numerics = numerics;
  const std::vector<ImageSize> sizes(static_cast<std::size_t>(images), {3, 700, 900});
  return plan(load_spec("configs/processors/siglip.json"), sizes, options, {});
}

Error refusal(const Plan& plan, const char* backend, const char* architecture) {
  return test::error_of([&] { explain_cuda(plan, backend, architecture); });
}

}  // namespace

TEST_CASE("a row of choices is one that the kernels can be made of") {
  for (const Tuning& tuning : kTunings) {
    CAPTURE(tuning.architecture);
    const Choices& choices = tuning.choices;
    CHECK(std::ranges::is_sorted(choices.tile_rows, std::greater<>()));
    for (const int rows : choices.tile_rows) CHECK(rows % kBlockRows == 0);
    CHECK(choices.tile_rows.back() == kBlockRows);
    // A team is a warpgroup: its registers and those of the loaders are all that a multiprocessor has, or fewer.
    const int threads = 32 * kTeamWarps;
    CHECK(threads * (choices.most_teams * choices.team_registers + choices.loader_registers) <= kRegisters);
    CHECK(threads * (choices.most_teams + 1) <= 1024);
    CHECK((choices.rows_quarters > 0 && choices.rows_quarters < 4));
    CHECK(tuning.shared_per_block > static_cast<std::size_t>(block_head_bytes(choices)));
  }
  CHECK(std::ranges::is_sorted(kTunings, {}, &Tuning::architecture));
}

TEST_CASE("an architecture that nobody measured has Hopper's choices") {
  for (const Tuning& tuning : kTunings) {
    CAPTURE(tuning.architecture);
    CHECK(tuning.is_measured == (tuning.architecture == 90));
    if (!tuning.is_measured) CHECK(tuning.choices == kHopperChoices);
  }
}

TEST_CASE("an architecture without a row takes the last one before it") {
  CHECK(tuning_of(0).architecture == 80);  // the host's pass
  CHECK(tuning_of(80).architecture == 80);
  CHECK(tuning_of(87).architecture == 86);
  CHECK(tuning_of(90).architecture == 90);
  CHECK(tuning_of(103).architecture == 100);
  CHECK(tuning_of(121).architecture == 120);
}

TEST_CASE("plans are explained for every architecture, with its multiprocessors and its shared memory") {
  const Plan many = plan_of(64), one = plan_of(1);
  for (const Tuning& tuning : kTunings) {
    const std::string name = "sm_" + std::to_string(tuning.architecture);
    const std::vector<std::string> lines = explain_cuda(many, "cuda-separable", name);
    std::printf("%s:\n", name.c_str());
    for (const std::string& line : lines) std::printf("  %s\n", line.c_str());
    REQUIRE(lines.size() >= 3);
    CHECK(contains(lines[0], "prepare: 64 jobs"));
    CHECK(contains(lines[1], " on " + std::to_string(tuning.multiprocessors) + " blocks of "));
    CHECK(contains(lines[1], "at most 128 registers a thread"));
    CHECK(explain_cuda(one, "cuda-fused", name) == explain_cuda(one, "cuda-fused", "sm_90"));
  }
  // The rings of three teams take 150 KiB here, and sm_86 has 99: room for one.
  CHECK(contains(explain_cuda(many, "cuda-separable", "sm_90")[1], "blocks of 3 teams"));
  CHECK(contains(explain_cuda(many, "cuda-separable", "sm_86")[1], "blocks of 1 teams"));
}

TEST_CASE("what cannot be explained is refused by name, with what is allowed") {
  const Plan plan = plan_of(1);
  for (const char* name : {"sm_70", "sm_9", "90", ""}) {
    const Error unknown = refusal(plan, "cuda-separable", name);
    CHECK(unknown.argument == "architecture");
    CHECK(contains(unknown.message, "\"" + std::string(name) + "\""));
    CHECK(contains(unknown.message, "sm_80, sm_86, sm_89, sm_90, sm_100, sm_120"));
  }
  const Error backend = refusal(plan, "cpu", "sm_90");
  CHECK(backend.argument == "backend");
  CHECK(contains(backend.message, "cuda-separable, cuda-fused"));
  const Error numerics = refusal(plan_of(1, Numerics::torch_cpu), "cuda-fused", "sm_90");
  CHECK(numerics.code == ErrorCode::unsupported);
  CHECK(contains(numerics.message, "torch_cpu"));
}
