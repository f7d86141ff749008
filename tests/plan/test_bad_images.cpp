// Every bad request of a plan is refused before any work, naming the image.
#include <cstring>

#include "tests/plan/fixtures.hpp"
#include "tests/support/contains.hpp"

namespace kir::test {

namespace {

Error refusal(const ProcessorSpec& spec, const std::vector<ImageSize>& images, const PlanOptions& options = {}) {
  const Error error = error_of([&] { plan_of(spec, images, options); });
  INFO(error.what());
  CHECK(error.code == ErrorCode::invalid_argument);
  return error;
}

}  // namespace

TEST_CASE("bad images: an empty list", "[bad_images]") {
  const Error error = refusal(spec_of("ViTImageProcessor"), {});
  CHECK(error.argument == "images");
  CHECK(contains(error.message, "empty"));
}

TEST_CASE("bad images: a side of zero, negative, too long", "[bad_images]") {
  const ProcessorSpec spec = spec_of("ViTImageProcessor");
  CHECK(refusal(spec, {{3, 5, 5}, {3, 0, 5}}).argument == "images[1].height");
  CHECK(refusal(spec, {{3, 5, -1}}).argument == "images[0].width");
  const Error error = refusal(spec, {{3, 5, kMaxEdge + 1}});
  CHECK(contains(error.message, "1048577 is not in 1..1048576"));
  CHECK_NOTHROW(plan_of(spec, {{3, 1, kMaxEdge}}));
}

TEST_CASE("bad images: channels * height * width is bounded", "[bad_images]") {
  CHECK(refusal(spec_of("ViTImageProcessor"), {{3, kMaxEdge, kMaxEdge}}).argument == "images[0]");
  CHECK_NOTHROW(plan_of(spec_of("ViTImageProcessor"), {{1, kMaxEdge, kMaxEdge}}));
}

TEST_CASE("bad images: channels outside 1..4 or unlike the mean", "[bad_images]") {
  const ProcessorSpec spec = spec_of("ViTImageProcessor");
  CHECK(refusal(spec, {{0, 5, 5}}).argument == "images[0].channels");
  CHECK(refusal(spec, {{5, 5, 5}}).argument == "images[0].channels");
  for (const std::int32_t channels : {2, 4}) {
    const Error error = refusal(spec, {{channels, 5, 5}});
    CHECK(error.argument == "images[0].channels");
    CHECK(contains(error.message, "3 values"));
  }
  CHECK_NOTHROW(plan_of(spec_of("ViTImageProcessor", R"("image_mean": 0.5, "image_std": 0.5)"), {{4, 5, 5}}));
  CHECK_NOTHROW(plan_of(spec_of("ViTImageProcessor", R"("do_normalize": false)"), {{2, 5, 5}}));
}

TEST_CASE("bad images: a resized side of zero or beyond the longest edge", "[bad_images]") {
  const ProcessorSpec box = spec_of("ViTImageProcessor", R"("size": {"max_height": 20, "max_width": 20})");
  CHECK(contains(refusal(box, {{3, 1, 30}}).message, "0 x 20"));
  const ProcessorSpec shortest = spec_of("CLIPImageProcessor");
  CHECK(contains(refusal(shortest, {{3, 1, 10000}}).message, "224 x 2240000"));
}

TEST_CASE("bad images: an output of more than kMaxElements elements", "[bad_images]") {
  const ProcessorSpec spec = spec_of("ViTImageProcessor", R"("size": {"height": 1000000, "width": 1000000})");
  const Error error = refusal(spec, {{3, 5, 5}});
  CHECK(error.argument == "images");
  CHECK(contains(error.message, "pixel_values"));
}

TEST_CASE("bad images: shapes that a processor would stack", "[bad_images]") {
  const ProcessorSpec detr = spec_of("RTDetrImageProcessor", R"("size": {"shortest_edge": 20, "longest_edge": 40})");
  CHECK(refusal(detr, rgb({{10, 10}, {10, 15}})).argument == "images[1]");
  CHECK_NOTHROW(plan_of(detr, rgb({{10, 10}, {20, 20}})));
  const ProcessorSpec video = spec_of("VideoMAEImageProcessor", R"("do_center_crop": false)");
  CHECK(refusal(video, rgb({{10, 10}, {10, 15}})).argument == "images[1]");
}

TEST_CASE("bad images: larger than pad_size", "[bad_images]") {
  const ProcessorSpec spec = spec_of("ViTImageProcessor", R"("do_pad": true, "pad_size": 100)");
  CHECK(contains(refusal(spec, rgb({{10, 10}})).message, "pad_size"));
}

TEST_CASE("bad images: classes that reverse three channels", "[bad_images]") {
  CHECK(refusal(spec_of("MobileViTImageProcessor"), {{1, 9, 9}}).argument == "images[0].channels");
  CHECK_NOTHROW(plan_of(spec_of("PPLCNetImageProcessor"), {{1, 9, 9}}));  // the mean makes three of one
  CHECK_NOTHROW(plan_of(spec_of("LayoutLMv2ImageProcessor", R"("apply_ocr": false)"), {{1, 9, 9}}));
}

TEST_CASE("bad images: an aspect over 200 and sides off the grid of patches", "[bad_images]") {
  CHECK(refusal(spec_of("Qwen2VLImageProcessor"), {{3, 1, 300}}).argument == "images");
  CHECK(refusal(spec_of("Qwen2VLImageProcessor", R"("do_resize": false)"), {{3, 28, 29}}).argument == "images[0]");
  CHECK_NOTHROW(plan_of(spec_of("Qwen2VLImageProcessor", R"("do_resize": false)"), {{3, 28, 56}}));
  // Without merging the patches alone must fit.
  const ProcessorSpec paddle = spec_of("PaddleOCRVLImageProcessor", R"("do_resize": false)");
  CHECK_NOTHROW(plan_of(paddle, {{3, 14, 42}}));
  CHECK(contains(refusal(paddle, {{3, 14, 43}}).message,
                 "14 x 43; without do_resize both sides must be multiples of patch_size = 14"));
}

TEST_CASE("bad images: an aspect over 4 and a side below a token, of GlmImage", "[bad_images]") {
  const ProcessorSpec spec = spec_of("GlmImageImageProcessor");
  CHECK_NOTHROW(plan_of(spec, {{3, 28, 112}}));
  CHECK(contains(refusal(spec, {{3, 28, 113}}).message, "28 x 113: one side may be at most 4 times the other"));
  CHECK(contains(refusal(spec, {{3, 27, 30}}).message, "27 x 30: both sides must be at least"));
}

TEST_CASE("bad images: rows of tokens that are too short, sides and channels that make none", "[bad_images]") {
  const ProcessorSpec siglip2 = spec_of("Siglip2ImageProcessor", R"("do_resize": false, "max_num_patches": 6)");
  CHECK_NOTHROW(plan_of(siglip2, {{3, 32, 48}}));
  CHECK(contains(refusal(siglip2, {{3, 48, 48}}).message, "needs 3 x 3 patches; max_num_patches is 6"));
  CHECK(contains(refusal(siglip2, {{3, 32, 47}}).message, "multiples of patch_size = 16"));
  CHECK(refusal(spec_of("Siglip2ImageProcessor", R"("do_normalize": false)"), {{3, 9, 9}, {4, 9, 9}}).argument ==
        "images[1].channels");

  const ProcessorSpec unified = spec_of("Gemma4UnifiedImageProcessor");
  CHECK(refusal(unified, {{1, 99, 99}}).argument == "images[0].channels");
  CHECK_NOTHROW(plan_of(spec_of("Gemma4UnifiedImageProcessor", R"("do_normalize": true)"), {{1, 99, 99}}));
  CHECK(contains(refusal(spec_of("Gemma4UnifiedImageProcessor", R"("do_resize": false)"), {{3, 48, 64}}).message,
                 "multiples of patch_size * pooling_kernel_size = 48"));
}

TEST_CASE("bad images: uint8 levels that a class unfolds", "[bad_images]") {
  const ProcessorSpec spec = spec_of("Kosmos2_5ImageProcessor", R"("do_normalize": false)");
  const Error error = refusal(spec, {{3, 99, 99}}, torch_cpu());
  CHECK(error.argument == "config.json: do_normalize");
  CHECK_NOTHROW(plan_of(spec, {{3, 99, 99}}));  // of floats it does
}

TEST_CASE("bad images: no standard deviation, wrong number of probe results", "[bad_images]") {
  const ProcessorSpec spec = spec_of("Pix2StructImageProcessor");
  const std::vector<ImageSize> images = {{1, 1, 1}};
  ProbeResult one_sample;
  one_sample.std = std::numeric_limits<double>::quiet_NaN();
  CHECK(error_of([&] { plan(spec, images, {}, std::vector<ProbeResult>{one_sample}); }).argument == "images[0]");
  CHECK(error_of([&] { plan(spec, images); }).argument == "probe_results");
  CHECK(error_of([&] {
          plan(spec_of("ViTImageProcessor"), images, {}, std::vector<ProbeResult>{one_sample});
        }).argument == "probe_results");
}

TEST_CASE("bad options: an output type that holds no pixels, numerics that are not built", "[bad_images]") {
  const ProcessorSpec spec = spec_of("ViTImageProcessor");
  PlanOptions options;
  options.output_type = Type::i64;
  CHECK(refusal(spec, rgb({{5, 5}}), options).argument == "output_type");
  options = {};
  options.numerics = Numerics::torch_cuda;
  const Error error = error_of([&] { plan_of(spec, rgb({{5, 5}}), options); });
  CHECK(error.code == ErrorCode::unsupported);
  CHECK(error.argument == "numerics");
  CHECK(contains(error.message, "torch_cuda"));
}

TEST_CASE("a stacked batch of no images gives outputs of no images", "[bad_images]") {
  const Plan none = plan_stacked(spec_of("CLIPImageProcessor"), 0, {3, 100, 50});
  CHECK(none.outputs[0].shape == std::vector<std::int64_t>{0, 3, 224, 224});
  CHECK(none.levels.empty());
  CHECK_NOTHROW(validate(none));
  CHECK(plan_stacked(spec_of("Pix2StructImageProcessor"), 0, {3, 100, 50}).outputs[1].shape[0] == 0);
  CHECK(plan_stacked(spec_of("CLIPImageProcessor"), 2, {3, 100, 50}).images.size() == 2);
  CHECK(error_of([] { plan_stacked(spec_of("CLIPImageProcessor"), -1, {3, 5, 5}); }).argument == "count");
  CHECK(error_of([] { plan_stacked(spec_of("CLIPImageProcessor"), 0, {3, 5, 0}); }).argument == "images[0].width");
}

}  // namespace kir::test
