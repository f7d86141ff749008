// Every bad configuration is refused with the file and the key, the value and what is allowed.
#include <filesystem>
#include <fstream>

#include "tests/plan/fixtures.hpp"
#include "tests/support/contains.hpp"

namespace kir::test {

namespace {

/// The error must name config.json: key, and say `part`.
void check_refused(const std::string& keys, const std::string& key, const std::string& part,
                   const std::string& class_name = "CLIPImageProcessor") {
  INFO(keys);
  const Error error = error_of([&] { spec_of(class_name, keys); });
  CHECK(error.code == ErrorCode::invalid_argument);
  CHECK(error.argument == "config.json: " + key);
  INFO(error.message);
  CHECK(contains(error.message, part));
}

}  // namespace

TEST_CASE("bad config: malformed JSON is placed", "[bad_config]") {
  const Error error = error_of([] { parse_spec("{\"size\": 3,\n \"do_resize\" true}", "config.json"); });
  CHECK(error.argument == "config.json");
  CHECK(contains(error.message, "malformed JSON"));
  CHECK(contains(error.message, "line 2, column"));
}

TEST_CASE("bad config: not an object, truncated, empty", "[bad_config]") {
  for (const char* text :
       {"[1, 2]", "{\"size\": 3", "", "null", "{\"rescale_factor\": NaN}", "{\"rescale_factor\": 1e999}"}) {
    INFO(text);
    CHECK(error_of([&] { parse_spec(text, "config.json"); }).argument == "config.json");
  }
}

TEST_CASE("bad config: a file that is not there", "[bad_config]") {
  const Error error = error_of([] { load_spec("no/such/config.json"); });
  CHECK(error.code == ErrorCode::io);
  CHECK(error.argument == "no/such/config.json");
}

TEST_CASE("bad config: a folder in place of a file", "[bad_config]") {
  CHECK(error_of([] { load_spec("configs"); }).code == ErrorCode::io);
}

TEST_CASE("bad config: the class is missing, of the wrong type, unknown", "[bad_config]") {
  CHECK(error_of([] { parse_spec("{}", "f"); }).argument == "f: image_processor_type");
  CHECK(error_of([] { parse_spec(R"({"image_processor_type": 3})", "f"); }).argument == "f: image_processor_type");
  const Error error = error_of([] { parse_spec(R"({"image_processor_type": "FooImageProcessor"})", "f"); });
  CHECK(contains(error.message, "FooImageProcessor"));
}

TEST_CASE("bad config: missing keys", "[bad_config]") {
  check_refused(R"("size": {"height": 224})", "size.width", "missing");
  check_refused(R"("do_center_crop": true)", "crop_size", "missing", "BlipImageProcessor");
  check_refused(R"("do_normalize": true)", "image_mean", "missing", "Tipsv2ImageProcessor");
  check_refused(R"("do_normalize": true, "image_mean": null)", "image_mean", "null: ", "MobileViTImageProcessor");
  check_refused(R"("crop_pct": null, "size": 224)", "crop_pct", "null: ", "ConvNextImageProcessor");
  check_refused(R"("merge_size": null)", "merge_size", "null: ", "Qwen2VLImageProcessor");
  check_refused(R"("do_pad": true)", "size_divisor", "missing", "DPTImageProcessor");
  check_refused(R"("size": {})", "size", "empty");
}

TEST_CASE("bad config: contradictory keys", "[bad_config]") {
  check_refused(R"("size": {"shortest_edge": 224, "height": 224, "width": 224})", "size", "contradicts");
  check_refused(R"("size": {"max_height": 3, "max_width": 4, "longest_edge": 5})", "size", "contradicts");
  check_refused(R"("size": {"longest_edge": 224})", "size", "height and width, or shortest_edge");
  check_refused(R"("size": {"height": 3, "width": 4})", "size", "shortest_edge", "ConvNextImageProcessor");
  check_refused(R"("size": {"shortest_edge": 3})", "size", "height and width", "DPTImageProcessor");
  check_refused(R"("size": {"shortest_edge": 3})", "size", "longest_edge", "DetrImageProcessor");
  check_refused(R"("size": {"shortest_edge": 3})", "size", "longest_edge", "Qwen2VLImageProcessor");
  check_refused(R"("image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5])", "image_std", "2 values");
}

TEST_CASE("bad config: wrong types", "[bad_config]") {
  check_refused(R"("size": "224")", "size", "\"224\"");
  check_refused(R"("size": 224.5)", "size", "224.5");
  check_refused(R"("size": true)", "size", "true");
  check_refused(R"("size": [1])", "size", "[height, width]");
  check_refused(R"("size": {"height": "224", "width": 224})", "size.height", "integer");
  check_refused(R"("size": {"edge": 224})", "size.edge", "height and width");
  check_refused(R"("rescale_factor": "1/255")", "rescale_factor", "not a number");
  check_refused(R"("image_mean": "0.5")", "image_mean[0]", "not a number");
  check_refused(R"("image_mean": [0.5, null, 0.5])", "image_mean[1]", "not a number");
  check_refused(R"("image_std": [])", "image_std", "0 values");
  check_refused(R"("image_std": [1, 1, 1, 1, 1])", "image_std", "5 values");
}

TEST_CASE("bad config: zero, negative and absurd sizes", "[bad_config]") {
  check_refused(R"("size": {"height": 0, "width": 224})", "size.height", "1..1048576");
  check_refused(R"("size": {"height": 224, "width": -1})", "size.width", "-1");
  check_refused(R"("size": {"shortest_edge": 1048577})", "size.shortest_edge", "1048577");
  check_refused(R"("size": 99999999999999999999)", "size", "an integer or");  // JSON reads it as a float
  check_refused(R"("size": 18446744073709551615)", "size", "1..1048576");
  check_refused(R"("size": 0)", "size", "1..1048576");
  check_refused(R"("crop_size": {"height": 224, "width": 0})", "crop_size.width", "0");
  check_refused(R"("do_pad": true, "pad_size": {"shortest_edge": 5})", "pad_size", "height and width");
  check_refused(R"("patch_size": 0)", "patch_size", "1..4096", "Qwen2VLImageProcessor");
  check_refused(R"("max_patches": 0)", "max_patches", "1..", "Pix2StructImageProcessor");
  check_refused(R"("max_soft_tokens": 100)", "max_soft_tokens", "70, 140, 280, 560, 1120", "Gemma4ImageProcessor");
  check_refused(R"("max_soft_tokens": 60, "do_resize": false)", "max_soft_tokens", "70..1120", "Gemma4ImageProcessor");
  check_refused(R"("max_image_size": {"longest_edge": 0})", "max_image_size.longest_edge", "0",
                "Idefics3ImageProcessor");
}

TEST_CASE("bad config: a crop without a size", "[bad_config]") {
  check_refused(R"("crop_size": {"shortest_edge": 224})", "crop_size", "height and width");
}

TEST_CASE("bad config: std 0, negative, infinite; means that are not finite", "[bad_config]") {
  check_refused(R"("image_std": [0.2, 0, 0.2])", "image_std[1]", "greater than 0");
  check_refused(R"("image_std": [0.2, 0.2, -0.2])", "image_std[2]", "-0.2");
  check_refused(R"("image_std": 1e300)", "image_std[0]", "finite");           // infinite as a float32
  check_refused(R"("image_std": 1e-300)", "image_std[0]", "greater than 0");  // 0 as a float32
  check_refused(R"("image_mean": [1e300, 0, 0])", "image_mean[0]", "finite");
  check_refused(R"("rescale_factor": 0)", "rescale_factor", "greater than 0");
  check_refused(R"("rescale_factor": -1)", "rescale_factor", "-1");
  check_refused(R"("crop_pct": 0, "size": 300)", "crop_pct", "greater than 0", "ConvNextImageProcessor");
}

TEST_CASE("bad config: unknown resample", "[bad_config]") {
  for (const char* resample : {"6", "-1", "2.5", "2.0", "\"bicubic\"", "[3]"}) {
    check_refused(std::string("\"resample\": ") + resample, "resample", "2 (bilinear)");
  }
}

TEST_CASE("bad config: levels that the processor would normalize without making them floats", "[bad_config]") {
  const std::pair<const char*, const char*> refused[] = {
      {"EfficientNetImageProcessor", R"("do_rescale": false, "do_normalize": false)"},
      {"DINOv3ViTImageProcessor", R"("do_rescale": false)"}};
  for (const auto& [class_name, keys] : refused) {
    const ProcessorSpec spec = spec_of(class_name, keys);
    CHECK_NOTHROW(plan_of(spec, rgb({{5, 7}})));
    const Error error = error_of([&spec = spec] { plan_of(spec, rgb({{5, 7}}), torch_cpu()); });
    CHECK(error.code == ErrorCode::invalid_argument);
    CHECK(error.argument == "config.json: do_rescale");
    CHECK(contains(error.message, "torch_cpu"));
  }
  CHECK_NOTHROW(plan_of(spec_of("DINOv3ViTImageProcessor", R"("do_rescale": false, "do_normalize": false)"),
                        rgb({{5, 7}}), torch_cpu()));
}

TEST_CASE("bad request: resize_normalize names its arguments", "[bad_config]") {
  ResizeNormalize good;
  good.height = good.width = 32;
  good.image_mean = good.image_std = {0.5, 0.5, 0.5};
  CHECK_NOTHROW(resize_normalize_spec(good));

  const auto argument = [&](auto change) {
    ResizeNormalize bad = good;
    change(bad);
    return error_of([&] { resize_normalize_spec(bad); }).argument;
  };
  CHECK(argument([](ResizeNormalize& r) { r.height = 0; }) == "height");
  CHECK(argument([](ResizeNormalize& r) { r.width = -3; }) == "width");
  CHECK(argument([](ResizeNormalize& r) { r.width = kMaxEdge + 1; }) == "width");
  CHECK(argument([](ResizeNormalize& r) { r.crop_height = 5; }) == "crop_width");
  CHECK(argument([](ResizeNormalize& r) { r.image_std[1] = 0; }) == "image_std[1]");
  CHECK(argument([](ResizeNormalize& r) { r.image_std[1] = std::numeric_limits<double>::quiet_NaN(); }) ==
        "image_std[1]");
  CHECK(argument([](ResizeNormalize& r) { r.image_mean[2] = std::numeric_limits<double>::infinity(); }) ==
        "image_mean[2]");
  CHECK(argument([](ResizeNormalize& r) { r.image_mean = {}; }) == "image_mean");
  CHECK(argument([](ResizeNormalize& r) { r.image_std = {1, 1}; }) == "image_std");
  CHECK(argument([](ResizeNormalize& r) { r.rescale_factor = 0; }) == "rescale_factor");
  CHECK(argument([](ResizeNormalize& r) {
          r.resize_mode = ResizeMode::shortest_edge;
          r.width = 33;
        }) == "width");
}

}  // namespace kir::test
