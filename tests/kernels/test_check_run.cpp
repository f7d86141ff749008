// What every backend's run() refuses, through check_run and a backend that needs 128 bytes.
#include "kir/backend.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/idle_backend.hpp"
#include "tests/support/plans.hpp"

namespace kir::test {

namespace {

class Needy final : public IdleBackend {
 public:
  bool able = true;
  mutable int runs = 0;
  Support supports(const Plan&) const override { return able ? Support{} : Support{false, "it cannot"}; }
  std::size_t workspace_bytes(const Plan&, const RunContext&) const override { return 128; }
  void run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
           Workspace workspace, const RunContext& context) const override {
    IdleBackend::run(plan, images, outputs, workspace, context);
    ++runs;
  }
};

/// A run that is right: an image of 5 x 6 to one of 4 x 4.
struct GoodRun {
  Plan plan = plan_of(spec_of("Sam2ImageProcessor", R"("size": {"height": 4, "width": 4})"), rgb({{5, 6}}));
  std::vector<std::uint8_t> pixels = std::vector<std::uint8_t>(3 * 5 * 6);
  std::vector<float> values = std::vector<float>(3 * 4 * 4);
  alignas(64) unsigned char scratch[192];
  ImageView image = chw_view(pixels.data(), {3, 5, 6});
  std::vector<OutputView> outputs = {{values.data(), values.size() * 4}, {nullptr, 0}};  // original_sizes: the plan's
};

}  // namespace

TEST_CASE("check_run names what is wrong with a run", "[check_run]") {
  GoodRun good;
  Needy backend;
  const auto run = [&](std::vector<ImageView> images, std::vector<OutputView> views, Workspace workspace) {
    backend.run(good.plan, images, views, workspace, {});
  };
  const auto refusal = [&](auto... arguments) { return error_of([&] { run(arguments...); }); };
  const ImageView image = good.image;
  const std::vector<OutputView> outputs = good.outputs;
  const Workspace enough = {good.scratch, 128};
  REQUIRE_NOTHROW(run({image}, outputs, enough));

  CHECK(refusal(std::vector<ImageView>{}, outputs, enough).argument == "images");
  ImageView other = image;
  other.size.width = 7;
  CHECK(contains(refusal(std::vector{other}, outputs, enough).message, "3x5x7"));
  other = image;
  other.data = nullptr;
  CHECK(refusal(std::vector{other}, outputs, enough).argument == "images[0]");
  CHECK(refusal(std::vector{image}, std::vector{outputs[0]}, enough).argument == "outputs");
  CHECK(refusal(std::vector{image}, std::vector{OutputView{good.values.data(), 191}, outputs[1]}, enough).argument ==
        "outputs[0] (pixel_values)");
  CHECK(
      contains(refusal(std::vector{image}, std::vector{OutputView{nullptr, 192}, outputs[1]}, enough).message, "null"));
  CHECK(contains(refusal(std::vector{image}, outputs, Workspace{good.scratch, 127}).message, "128 are needed"));
  CHECK(contains(refusal(std::vector{image}, outputs, Workspace{nullptr, 128}).message, "null"));
  CHECK(contains(refusal(std::vector{image}, outputs, Workspace{good.scratch + 1, 128}).message, "aligned"));

  backend.able = false;
  const Error error = refusal(std::vector{image}, outputs, enough);
  CHECK(error.code == ErrorCode::unsupported);
  CHECK(error.message == "it cannot");
}

TEST_CASE("run_allocating asks for the workspace once, after everything else is checked", "[check_run]") {
  GoodRun good;
  const Needy backend;
  std::vector<std::size_t> asked;
  const auto allocate = [&](std::size_t bytes) {
    asked.push_back(bytes);
    return Workspace{good.scratch, bytes};
  };
  const auto run = [&](std::span<const ImageView> images, const AllocateWorkspace& with) {
    backend.run_allocating(good.plan, images, good.outputs, with, {});
  };
  run({&good.image, 1}, allocate);
  CHECK(asked == std::vector<std::size_t>{128});
  CHECK(backend.runs == 1);

  CHECK(error_of([&] { run({}, allocate); }).argument == "images");
  CHECK(asked.size() == 1);
  const auto too_little = [&](std::size_t bytes) { return Workspace{good.scratch, bytes - 1}; };
  CHECK(contains(error_of([&] { run({&good.image, 1}, too_little); }).message, "128 are needed"));
  CHECK(backend.runs == 1);
}

TEST_CASE("check_probes refuses what no backend answers", "[check_run]") {
  const std::uint8_t pixel = 7;
  const ImageView images[] = {chw_view(&pixel, {1, 1, 1}), chw_view(nullptr, {1, 1, 1})};
  const auto error = [&](Probe::Kind kind, std::int32_t image) {
    const Probe probes[] = {{Probe::Kind::is_grey, 0}, {kind, image}};
    return error_of([&] { check_probes(probes, images); });
  };
  CHECK_NOTHROW(check_probes({}, {}));
  for (const std::int32_t image : {-1, 2}) {
    CHECK(error(Probe::Kind::mean_std, image).argument == "probes");
    CHECK(contains(error(Probe::Kind::mean_std, image).message, std::to_string(image) + " of 2"));
  }
  CHECK(error(Probe::Kind::mean_std, 1).argument == "images[1]");
  CHECK(error(Probe::Kind::content_box, 0).code == ErrorCode::unsupported);
}

}  // namespace kir::test
