// What the backend refuses, and that it refuses before it writes.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kir/cpu.hpp"
#include "kir/error.hpp"
#include "tests/catch.hpp"
#include "tests/support/axis.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/guarded_memory.hpp"
#include "tests/support/images.hpp"
#include "tests/support/job_plans.hpp"
#include "tests/support/seed.hpp"

using namespace kir;
using namespace kir::test;

namespace {

Plan good_plan() {
  return one_job_plan({3, 20, 30}, make_axis(20, 8), make_axis(30, 9), affine());
}

void check_refused(const std::string& part, const std::function<void(Plan&, Job&)>& spoil) {
  const std::unique_ptr<Backend> backend = make_cpu_backend();
  Plan plan = good_plan();
  spoil(plan, plan.levels[0].jobs[0]);
  const Support support = backend->supports(plan);
  CAPTURE(part, support.reason);
  CHECK_FALSE(support.ok);
  CHECK(contains(support.reason, part));
}

}  // namespace

TEST_CASE("supports says why not", "[refusals]") {
  const std::unique_ptr<Backend> backend = make_cpu_backend();
  CHECK(backend->name() == "cpu");
  CHECK(backend->supports(good_plan()).ok);
  CHECK(backend->supports(good_plan()).reason.empty());

  for (const Arithmetic other : {Arithmetic::cuda_float32, Arithmetic::cv2_int11}) {
    const std::string name = name_of(other);
    check_refused("arithmetic = " + name, [&](Plan&, Job& job) { job.arithmetic = other; });
  }
  check_refused("turn = 4", [](Plan&, Job& job) { job.from.turn = 4; });
  check_refused("turn = -1", [](Plan&, Job& job) { job.from.turn = -1; });
  check_refused("round = last", [](Plan&, Job& job) { job.round = Round::last; });
  check_refused("round = each", [](Plan&, Job& job) { job.round = Round::each; });
  check_refused("goes with round = each", [](Plan&, Job& job) { job.arithmetic = Arithmetic::torch_int16; });
  check_refused("uint8 sources only", [](Plan& plan, Job& job) {
    plan.canvases = {{Type::f32, 3, 20, 30}};
    job.from = {Source::Kind::canvas, 0};
    job.arithmetic = Arithmetic::torch_int16;
    job.round = Round::each;
  });
  check_refused("levels[0].jobs[0]: channels = 4", [](Plan&, Job& job) { job.channels = 4; });
  check_refused("a mix of fewer than 3", [](Plan& plan, Job& job) {
    plan.images[0].channels = 1;
    job.channels = 1;
    plan.epilogues[0].steps[0].op = Step::Op::mix;
  });
  check_refused("int64", [](Plan& plan, Job&) { plan.outputs[0].type = Type::i64; });
  check_refused("a canvas of float16", [](Plan& plan, Job&) { plan.canvases = {{Type::f16, 3, 2, 2}}; });
  check_refused("y.in = 21", [](Plan&, Job& job) { job.y.in = 21; });
  check_refused("x.count = 0", [](Plan&, Job& job) { job.x.count = 0; });
  check_refused("x: filter", [](Plan&, Job& job) {
    job.arithmetic = Arithmetic::torch_int16;
    job.round = Round::each;
    job.x.filter = Filter::lanczos3;
  });
  check_refused("y: border", [](Plan&, Job& job) { job.y.border = Border::clamp; });
  check_refused("y: border", [](Plan&, Job& job) {
    job.y.border = Border::reflect;
    job.arithmetic = Arithmetic::torch_int16;
    job.round = Round::each;
  });
  const auto check_pillow = [](const char* reason, const auto& change) {
    check_refused(reason, [&](Plan&, Job& job) {
      job.arithmetic = Arithmetic::pillow_int22;
      job.round = Round::each;
      change(job);
    });
  };
  check_pillow("pillow_int22 goes with round = each", [](Job& job) { job.round = Round::never; });
  check_pillow("Pillow's NEAREST is nearest-exact", [](Job& job) { job.x.filter = Filter::nearest; });
  check_pillow("which ends at the source", [](Job& job) { job.y.border = Border::reflect; });
  check_pillow("Pillow always antialiases", [](Job& job) { job.y.antialias = false; });
  check_refused("x: the box", [](Plan&, Job& job) { job.x.box_begin = -0.5; });
  check_refused("parts of pixels", [](Plan&, Job& job) {
    job.passes = Passes::x;
    job.y.count = 10;
    job.y.box_begin = 0.5;
  });
  check_refused("outside of its source", [](Plan&, Job& job) {
    job.passes = Passes::x;
    job.y.first = 13;
  });
  check_refused("not in the plan", [](Plan&, Job& job) { job.from.index = 1; });
  check_refused("not in the plan", [](Plan&, Job& job) { job.to.index = -1; });
  check_refused("epilogue is not in the plan", [](Plan&, Job& job) { job.epilogue = 1; });
  check_refused("fills[0]", [](Plan& plan, Job&) {
    plan.levels[0].fills.resize(1);
    plan.levels[0].fills[0].to.index = 7;
  });
}

TEST_CASE("a wrong run is refused by argument before anything is written", "[refusals]") {
  std::mt19937 random = seeded();
  const std::unique_ptr<Backend> backend = make_cpu_backend();
  const Plan plan = good_plan();
  const Image image = make_image(random, plan.images[0], Storage::chw);

  const auto refused = [&](const std::string& argument, ErrorCode code, const Plan& with, const ImageView& view,
                           std::ptrdiff_t output_bytes, std::ptrdiff_t workspace_bytes) {
    GuardedMemory output(plan.outputs[0].bytes(), 0x5a), workspace(backend->workspace_bytes(plan, {}), 0x5a);
    const OutputView out{output.data(), output.bytes() + output_bytes};
    CAPTURE(argument);
    const Workspace given = {workspace.data(), workspace.bytes() + workspace_bytes};
    const Error error = error_of([&] { backend->run(with, {&view, 1}, {&out, 1}, given, {}); });
    CHECK(error.code == code);
    CHECK(contains(error.what(), argument));
    bool untouched = true;
    for (std::size_t i = 0; i < output.bytes(); ++i) untouched = untouched && output.data()[i] == std::byte{0x5a};
    CHECK(untouched);
  };
  refused("workspace", ErrorCode::invalid_argument, plan, image.view(), 0, -1);
  refused("outputs[0]", ErrorCode::invalid_argument, plan, image.view(), -1, 0);
  ImageView bad = image.view();
  bad.data = nullptr;
  refused("images[0]", ErrorCode::invalid_argument, plan, bad, 0, 0);
  bad = image.view();
  bad.size.width = 31;
  refused("images[0]", ErrorCode::invalid_argument, plan, bad, 0, 0);
  Plan unsupported = plan;
  unsupported.levels[0].jobs[0].arithmetic = Arithmetic::cv2_int11;
  refused("cpu", ErrorCode::unsupported, unsupported, image.view(), 0, 0);
}
