// What a plan has of Pillow's classes: numpy's crop, rescale and normalize around Pillow's resize
// (image_processing_backends: PilBackend, image_transforms).
#include "plan/epilogue.hpp"
#include "tests/plan/fixtures.hpp"
#include "tests/support/contains.hpp"

namespace kir::test {

namespace {

const PlanOptions kPillow = [] {
  PlanOptions options;
  options.numerics = Numerics::pillow13;
  return options;
}();

Job job_of(const Plan& plan) {
  return plan.levels.back().jobs.at(0);
}

/// The step that rescales by `factor`, alone.
Step rescale(const std::string& factor) {
  const ProcessorSpec spec = spec_of("ViTImageProcessor", R"("do_normalize": false, "rescale_factor": )" + factor);
  const Plan made = plan_of(spec, rgb({{10, 10}}), kPillow);
  REQUIRE(made.epilogues.at(0).steps.size() == 1);
  return made.epilogues[0].steps[0];
}

}  // namespace

TEST_CASE("a crop larger than the image is padded by the larger half on the near side", "[pillow]") {
  const ProcessorSpec spec =
      spec_of("CLIPImageProcessor", R"("do_resize": false, "crop_size": {"height": 10, "width": 5})");
  CHECK(job_of(plan_of(spec, rgb({{7, 20}}))).at_y == 1);
  const Job job = job_of(plan_of(spec, rgb({{7, 20}}), kPillow));
  CHECK(job.at_y == 2);
  CHECK(job.y.count == 7);
  CHECK(job.x.first == 7);  // (20 - 5) // 2
}

TEST_CASE("a rescale gives numpy's values of all levels: a product in double, rounded once", "[pillow]") {
  const std::pair<std::string, Step::Op> factors[] = {{"0.00392156862745098", Step::Op::div},
                                                      {"0.00784313725490196", Step::Op::div},
                                                      {"0.5", Step::Op::mul},
                                                      {"0.003921568859368563", Step::Op::mul},
                                                      {"0.0078", Step::Op::scale},
                                                      {"2", Step::Op::mul}};
  for (const auto& [text, op] : factors) {
    CAPTURE(text);
    const Step step = rescale(text);
    CHECK(step.op == op);
    const double factor = std::stod(text);
    for (int level = 0; level < 256; ++level) {
      REQUIRE(applied({&step, 1}, static_cast<float>(level), 0) == static_cast<float>(level * factor));
    }
  }
}

TEST_CASE("numpy normalizes behind the rescale, not with it", "[pillow]") {
  const ProcessorSpec spec = spec_of("ViTImageProcessor", R"("image_mean": [0.1, 0.2, 0.3], "image_std": 0.5)");
  CHECK(plan_of(spec, rgb({{10, 10}})).epilogues.at(0).steps.size() == 2);
  const std::vector<Step> steps = plan_of(spec, rgb({{10, 10}}), kPillow).epilogues.at(0).steps;
  REQUIRE(steps.size() == 3);
  CHECK(steps[1].op == Step::Op::sub);
  CHECK(steps[1].c[1] == 0.2f);
  CHECK(steps[2].op == Step::Op::div);
  CHECK(steps[2].c[2] == 0.5f);
}

TEST_CASE("each toolkit reads a filter's number in its own way", "[pillow]") {
  const auto filter = [](const char* number, const PlanOptions& options) {
    return job_of(
               plan_of(spec_of("ViTImageProcessor", std::string("\"resample\": ") + number), rgb({{10, 10}}), options))
        .y.filter;
  };
  CHECK(filter("1", {}) == Filter::bicubic);
  CHECK(filter("1", kPillow) == Filter::lanczos3);
  CHECK(filter("0", kPillow) == Filter::nearest_exact);
  CHECK(job_of(plan_of(spec_of("DepthProImageProcessor"), rgb({{10, 10}}))).y.antialias == false);
  CHECK(job_of(plan_of(spec_of("PPDocLayoutV2ImageProcessor"), rgb({{10, 10}}), kPillow)).y.antialias);
}

TEST_CASE("what Pillow's functions refuse, or do in a way that is not built", "[pillow]") {
  const auto refusal = [](const ProcessorSpec& spec, const ImageSize& size) {
    return error_of([&] { plan_of(spec, {size}, kPillow); });
  };
  const ProcessorSpec levels = spec_of("ViTImageProcessor", R"("do_rescale": false, "do_normalize": false)");
  for (const std::int32_t channels : {2, 4}) {
    const Error alpha = refusal(levels, {channels, 9, 9});
    CHECK(alpha.argument == "images[0].channels");
    CHECK(contains(alpha.message, std::to_string(channels) + " channels: Pillow resizes the last of them as alpha"));
  }
  CHECK(plan_of(levels, {{1, 9, 9}}, kPillow).outputs.at(0).type == Type::u8);
  const Error grey = refusal(spec_of("ViTImageProcessor"), {1, 9, 9});
  CHECK(contains(grey.message, "image_mean and image_std have 3 values, so 3 are allowed"));
  const ProcessorSpec own = spec_of("Pix2StructImageProcessor");
  CHECK(own.unsupported.empty());
  CHECK(contains(own.unsupported_by_pillow, "do_normalize: "));
  CHECK(&why_unsupported(own, Numerics::pillow12) == &own.unsupported_by_pillow);
  CHECK(refusal(own, {3, 9, 9}).code == ErrorCode::unsupported);
  const ProcessorSpec integer = spec_of("ViTImageProcessor", R"("do_normalize": false, "rescale_factor": 2)");
  CHECK_FALSE(integer.unsupported.empty());
  CHECK(integer.unsupported_by_pillow.empty());
}

}  // namespace kir::test
