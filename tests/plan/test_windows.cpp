// Where windows, borders and padding stand, by hand.
#include "plan/epilogue.hpp"
#include "plan/stages.hpp"
#include "tests/plan/fixtures.hpp"

namespace kir::test {

namespace {

Job job_of(const Plan& plan) {
  return plan.levels.back().jobs.at(0);
}

}  // namespace

TEST_CASE("a centre crop computes its window alone", "[windows]") {
  // 101 x 200 to the short side 64: 64 x int(64 * 200 / 101) = 126. 33 of 64 from int(31 / 2.0) = 15; 50 of 126
  // from 38.
  const ProcessorSpec spec =
      spec_of("CLIPImageProcessor", R"("size": {"shortest_edge": 64}, "crop_size": {"height": 33, "width": 50})");
  const Plan made = plan_of(spec, rgb({{101, 200}}));
  const Job job = job_of(made);
  CHECK(job.y.out == 64);
  CHECK(job.x.out == 126);
  CHECK(job.y.first == 15);
  CHECK(job.y.count == 33);
  CHECK(job.x.first == 38);
  CHECK(job.x.count == 50);
  CHECK(job.passes == Passes::xy);
  CHECK(made.levels[0].fills.empty());
}

TEST_CASE("a crop larger than the image has a border of level 0, pushed through the affine", "[windows]") {
  // 7 x 20 cropped to 10 x 5: (10 - 7) // 2 = 1 row above, 2 below; columns int((20 - 5) / 2.0) = 7.
  const ProcessorSpec spec =
      spec_of("CLIPImageProcessor",
              R"("do_resize": false, "crop_size": {"height": 10, "width": 5}, "image_std": [0.5, 0.25, 1])");
  const Plan made = plan_of(spec, rgb({{7, 20}}));
  const Job job = job_of(made);
  CHECK(job.at_y == 1);
  CHECK(job.at_x == 0);
  CHECK(job.y.count == 7);
  CHECK(job.x.first == 7);
  CHECK(job.x.count == 5);
  CHECK(job.passes == Passes::copy);
  REQUIRE(made.levels[0].fills.size() == 2);
  CHECK(made.levels[0].fills[0].y1 == 1);
  CHECK(made.levels[0].fills[1].y0 == 8);
  CHECK(made.levels[0].fills[1].y1 == 10);
  for (std::int32_t c = 0; c < 3; ++c) {
    CHECK(made.levels[0].fills[0].value[c] == applied(made.epilogues[0].steps, 0.0f, c));
    CHECK(made.levels[0].fills[0].value[c] < 0);
  }
}

TEST_CASE("one axis may be padded while the other is cropped", "[windows]") {
  const ProcessorSpec spec =
      spec_of("ViTImageProcessor", R"("size": {"height": 50, "width": 20}, "do_center_crop": true,
                                                            "crop_size": {"height": 31, "width": 33})");
  const Job job = job_of(plan_of(spec, rgb({{9, 9}})));
  CHECK(job.y.first == 9);  // int(19 / 2.0)
  CHECK(job.at_x == 6);     // 13 // 2
  CHECK(job.x.count == 20);
}

TEST_CASE("an axis whose size does not change is not resampled", "[windows]") {
  const ProcessorSpec spec = spec_of("ViTImageProcessor", R"("size": {"height": 32, "width": 48})");
  CHECK(job_of(plan_of(spec, rgb({{32, 48}}))).passes == Passes::copy);
  CHECK(job_of(plan_of(spec, rgb({{32, 47}}))).passes == Passes::x);
  CHECK(job_of(plan_of(spec, rgb({{31, 48}}))).passes == Passes::y);
  CHECK(job_of(plan_of(spec, rgb({{31, 47}}))).passes == Passes::xy);
}

TEST_CASE("numerics decide the rounding, the float domain is never rounded", "[windows]") {
  CHECK(job_of(plan_of(spec_of("ViTImageProcessor"), rgb({{9, 9}}))).round == Round::never);
  CHECK(job_of(plan_of(spec_of("ViTImageProcessor"), rgb({{9, 9}}), torch_cpu())).round == Round::each);
  for (const char* name : {"DINOv3ViTImageProcessor", "DepthProImageProcessor"}) {
    const Plan made = plan_of(spec_of(name), rgb({{9, 9}}), torch_cpu());
    REQUIRE(made.levels.size() == 2);
    CHECK(job_of(made).round == Round::never);
    CHECK(made.canvases[0].type == Type::f32);
  }
  // Without a rescale DINOv3 resizes uint8.
  const Plan levels = plan_of(spec_of("DINOv3ViTImageProcessor", R"("do_rescale": false, "do_normalize": false)"),
                              rgb({{9, 9}}), torch_cpu());
  CHECK(levels.levels.size() == 1);
  CHECK(job_of(levels).round == Round::each);
}

TEST_CASE("the affine is fused as the installed source fuses it", "[windows]") {
  const auto steps = [](const std::string& class_name, const std::string& keys) {
    return plan_of(spec_of(class_name, keys), rgb({{9, 9}})).epilogues[0].steps;
  };
  const auto fused = steps("ViTImageProcessor", R"("image_mean": [0.1, 0.2, 0.3])");
  REQUIRE(fused.size() == 2);
  CHECK(fused[0].op == Step::Op::sub);
  CHECK(fused[0].c[0] == 0.1f * 255.0f);
  CHECK(fused[1].op == Step::Op::div);
  CHECK(fused[1].c[2] == 0.5f * 255.0f);

  const auto rescaled = steps("ViTImageProcessor", R"("do_normalize": false)");
  REQUIRE(rescaled.size() == 1);
  CHECK(rescaled[0].op == Step::Op::mul);
  CHECK(rescaled[0].c[1] == static_cast<float>(1.0 / 255.0));

  const auto normalized = steps("ViTImageProcessor", R"("do_rescale": false)");
  REQUIRE(normalized.size() == 2);
  CHECK(normalized[0].c[0] == 0.5f);

  CHECK(steps("ViTImageProcessor", R"("do_rescale": false, "do_normalize": false)").empty());
  CHECK(steps("EfficientNetImageProcessor", R"("rescale_offset": true)").size() == 5);  // mul, sub 1, sub, div, div
}

TEST_CASE("default output types are the processor's", "[windows]") {
  const ProcessorSpec none = spec_of("ViTImageProcessor", R"("do_rescale": false, "do_normalize": false)");
  CHECK(plan_of(none, rgb({{9, 9}}), torch_cpu()).outputs[0].type == Type::u8);
  CHECK(plan_of(none, rgb({{9, 9}})).outputs[0].type == Type::f32);
  CHECK(plan_of(spec_of("ViTImageProcessor"), rgb({{9, 9}}), torch_cpu()).outputs[0].type == Type::f32);
  PlanOptions half;
  half.output_type = Type::bf16;
  CHECK(plan_of(none, rgb({{9, 9}}), half).outputs[0].type == Type::bf16);
}

TEST_CASE("reversed channels run backwards from the last, in both channel orders", "[windows]") {
  const ProcessorSpec spec = spec_of("PPLCNetImageProcessor");
  const Layout planes = job_of(plan_of(spec, rgb({{9, 9}}))).to.layout;
  CHECK(planes.base == 2 * 224 * 224);
  CHECK(planes.channel == -224 * 224);
  PlanOptions last;
  last.order = ChannelOrder::nhwc;
  const Plan made = plan_of(spec, rgb({{9, 9}, {8, 8}}), last);
  CHECK(made.outputs[0].shape == std::vector<std::int64_t>{2, 224, 224, 3});
  const Layout pixels = made.levels[0].jobs[1].to.layout;
  CHECK(pixels.base == 3 * 224 * 224 + 2);
  CHECK(pixels.channel == -1);
  CHECK(pixels.x.inner == 3);
}

TEST_CASE("different shapes give an output an image, one key for all", "[windows]") {
  const ProcessorSpec spec = spec_of("ViTImageProcessor", R"("do_resize": false)");
  const Plan made = plan_of(spec, rgb({{5, 7}, {6, 7}}));
  REQUIRE(made.outputs.size() == 2);
  CHECK(made.outputs[1].key == "pixel_values");
  CHECK(made.outputs[1].of.index == 1);
  CHECK(made.outputs[1].shape == std::vector<std::int64_t>{3, 6, 7});
  CHECK(plan_of(spec, rgb({{5, 7}, {5, 7}})).outputs.size() == 1);
}

TEST_CASE("one channel meets three means, and stays one without them", "[windows]") {
  const std::vector<ImageSize> grey = {{1, 9, 9}};
  CHECK(job_of(plan_of(spec_of("ViTImageProcessor"), grey)).channels == 3);
  CHECK(plan_of(spec_of("ViTImageProcessor", R"("do_normalize": false)"), grey).outputs[0].shape[1] == 1);
  CHECK(plan_of(spec_of("DepthProImageProcessor"), grey).canvases[0].channels == 3);   // normalizes, then resizes
  CHECK(plan_of(spec_of("DINOv3ViTImageProcessor"), grey).canvases[0].channels == 1);  // rescales, then resizes
}

TEST_CASE("Perceiver crops the source, Llava pads it", "[windows]") {
  // int(224 / 256 * 50) = 43 of 50 rows from 3, of 80 columns from 18.
  const Plan cropped = plan_of(spec_of("PerceiverImageProcessor"), rgb({{50, 80}}));
  REQUIRE(cropped.levels.size() == 2);
  const Job& copy = cropped.levels[0].jobs[0];
  CHECK(copy.y.first == 3);
  CHECK(copy.y.count == 43);
  CHECK(copy.x.first == 18);
  CHECK(job_of(cropped).y.in == 43);

  const Plan padded = plan_of(spec_of("LlavaImageProcessor", R"("do_pad": true)"), rgb({{5, 8}, {6, 6}}));
  REQUIRE(padded.canvases.size() == 1);  // the square image needs none
  CHECK(padded.canvases[0].height == 8);
  CHECK(padded.levels[0].jobs[0].at_y == 1);
  CHECK(padded.levels[0].fills[0].value[0] == 122);  // int(0.48145466 * 255)
  CHECK(plan_of(spec_of("LlavaImageProcessor", R"("do_pad": true)"), rgb({{6, 6}})).levels.size() == 1);
}

TEST_CASE("padding after the affine is 0: to pad_size, to the batch, to a multiple", "[windows]") {
  const Plan batch =
      plan_of(spec_of("ViTImageProcessor", R"("do_resize": false, "do_pad": true)"), rgb({{5, 9}, {7, 6}}));
  CHECK(batch.outputs[0].shape == std::vector<std::int64_t>{2, 3, 7, 9});
  for (const Fill& fill : batch.levels[0].fills) CHECK(fill.value[0] == 0);

  const ProcessorSpec dpt = spec_of("DPTImageProcessor", R"("do_resize": false, "do_pad": true, "size_divisor": 8)");
  const Plan multiple = plan_of(dpt, rgb({{13, 16}}));
  CHECK(multiple.outputs[0].shape == std::vector<std::int64_t>{1, 3, 16, 16});
  CHECK(job_of(multiple).at_y == 1);  // 3 // 2
}

TEST_CASE("margins of different values, more than one job has fills for", "[windows]") {
  ProcessorSpec spec;
  spec.source = spec.class_name = "margins";
  std::vector<Operation> operations;
  for (const float value : {1.0f, 2.0f, 3.0f, 4.0f, 5.0f}) {
    operations.push_back({.text = "pad", .extend = [value](Draft& draft) {
                            for (Picture& picture : draft.pictures) {
                              const Extent size = {picture.size.height + 3, picture.size.width + 2};
                              draft.pad(picture, size, 1, 0, {value, value, value, value});
                            }
                          }});
  }
  operations.push_back(write_images());
  set_operations(spec, std::move(operations));
  const Plan made = plan_of(spec, rgb({{4, 5}, {7, 6}}));
  CHECK_NOTHROW(validate(made));
  REQUIRE(made.canvases.size() == 2);
  CHECK(made.canvases[0].height == 4 + 3 * 3);
  CHECK(made.outputs[0].shape == std::vector<std::int64_t>{3, 4 + 5 * 3, 5 + 5 * 2});
  CHECK(made.levels[1].fills.back().value[0] == 5);
}

TEST_CASE("host outputs are in the plan", "[windows]") {
  const Plan sam = plan_of(spec_of("Sam2ImageProcessor"), rgb({{5, 9}, {7, 6}}));
  REQUIRE(sam.outputs.size() == 2);
  CHECK(sam.outputs[1].key == "original_sizes");
  CHECK(sam.outputs[1].type == Type::i64);
  CHECK(sam.outputs[1].values == std::vector<double>{5, 9, 7, 6});
  const Plan gemma = plan_of(spec_of("Gemma3ImageProcessor"), rgb({{5, 9}, {7, 6}}));
  CHECK(gemma.outputs[1].key == "num_crops");
  CHECK(gemma.outputs[1].shape == std::vector<std::int64_t>{2});
  const Plan video = plan_of(spec_of("VideoMAEImageProcessor"), rgb({{5, 9}, {7, 6}}));
  CHECK(video.outputs[0].shape == std::vector<std::int64_t>{1, 2, 3, 224, 224});
}

}  // namespace kir::test
