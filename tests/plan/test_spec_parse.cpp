// Configurations as the hub has them: keys left out, integers for sizes, names of old classes, keys of others.
#include <algorithm>
#include <filesystem>
#include <set>

#include "tests/plan/fixtures.hpp"

namespace kir::test {

namespace {

/// What a configuration makes of the class's first stage.
std::string first_stage(const std::string& class_name, const std::string& keys = "",
                        const std::string& key_of_class = "image_processor_type") {
  const std::string text = "{\"" + key_of_class + "\": \"" + class_name + "\"" + (keys.empty() ? "" : ", " + keys);
  return parse_spec(text + "}", "config.json").stages.at(0);
}

}  // namespace

TEST_CASE("an old configuration of the hub parses, and what it leaves out is the class's own", "[spec]") {
  const ProcessorSpec spec = parse_spec(R"({
    "crop_size": 224, "do_center_crop": true, "do_normalize": true, "do_resize": true,
    "feature_extractor_type": "CLIPFeatureExtractor", "processor_class": "CLIPProcessor",
    "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711],
    "resample": 3, "size": 336})");
  CHECK(spec.class_name == "CLIPImageProcessor");
  CHECK(spec.unsupported.empty());
  REQUIRE(spec.stages.size() == 3);
  CHECK(spec.stages[0] == "resize automatic shortest_edge 336, bicubic");  // default_to_square is false in CLIP
  CHECK(spec.stages[1] == "window 224 x 224");
  CHECK(plan_of(spec, rgb({{500, 600}})).epilogues[0].steps[0].c[0] == 0.48145466f * 255.0f);
  CHECK(spec.unknown_keys == std::vector<std::string>{"processor_class"});
}

TEST_CASE("names of classes of any age", "[spec]") {
  for (const char* name :
       {"ViTImageProcessor", "ViTImageProcessorPil", "ViTImageProcessorFast", "ViTImageProcessorPilFast"}) {
    CHECK(spec_of(name).class_name == "ViTImageProcessor");
  }
  CHECK(error_of([] { spec_of("ResNetImageProcessor2"); }).argument == "config.json: image_processor_type");
}

TEST_CASE("an integer size is what default_to_square says", "[spec]") {
  CHECK(first_stage("ViTImageProcessor", R"("size": 96)") == "resize automatic 96 x 96, bilinear");
  CHECK(first_stage("CLIPImageProcessor", R"("size": 96)") == "resize automatic shortest_edge 96, bicubic");
  CHECK(first_stage("CLIPImageProcessor", R"("size": 96, "default_to_square": true)") ==
        "resize automatic 96 x 96, bicubic");
  CHECK(first_stage("ViTImageProcessor", R"("size": [90, 130])") == "resize automatic 90 x 130, bilinear");
  CHECK(first_stage("ViTImageProcessor", R"("size": [90, 130, 5])") == "resize automatic 90 x 130, bilinear");
}

TEST_CASE("resample is Pillow's integer", "[spec]") {
  const auto filter = [](const std::string& resample) {
    const ProcessorSpec spec = spec_of("ViTImageProcessor", "\"resample\": " + resample);
    return plan_of(spec, rgb({{50, 60}})).levels[0].jobs[0].y.filter;
  };
  CHECK(filter("0") == Filter::nearest_exact);  // torchvision's: image_utils.pil_torch_interpolation_mapping
  CHECK(filter("2") == Filter::bilinear);
  CHECK(filter("3") == Filter::bicubic);
  CHECK(filter("false") == Filter::nearest_exact);                                // Python's 0
  CHECK(first_stage("ViTImageProcessor").find("bilinear") != std::string::npos);  // the class's own
}

TEST_CASE("what a step that is off would read is not looked at", "[spec]") {
  const std::string off = R"("do_resize": false, "do_center_crop": false, "do_rescale": false, "do_normalize": false)";
  const char* values[] = {R"("size": -1, "crop_size": -1, "rescale_factor": 0, "image_std": 0, "resample": "box")",
                          R"("size": {"height": 0, "width": "x"}, "crop_size": {"height": -1, "width": null})",
                          R"("image_mean": "0.5", "image_std": [], "rescale_factor": "1/255", "pad_size": 0)"};
  for (const char* each : values) {
    INFO(each);
    CHECK(spec_of("CLIPImageProcessor", off + ", " + each).stages.empty());
  }
  CHECK_NOTHROW(spec_of("ConvNextImageProcessor", R"("do_resize": false, "crop_pct": 0)"));
  CHECK_NOTHROW(spec_of("DPTImageProcessor", R"("do_pad": false, "size_divisor": 0)"));
  CHECK_NOTHROW(
      spec_of("MobileViTImageProcessor", R"("do_normalize": true, "image_std": 0)"));  // it ignores do_normalize
}

TEST_CASE("a switch has Python's truth", "[spec]") {
  for (const char* on : {"true", "1", "0.5", "\"false\"", "[0]"}) {
    CHECK(spec_of("CLIPImageProcessor", R"("do_center_crop": )" + std::string(on)).stages.size() == 3);
  }
  for (const char* off : {"false", "null", "0", "0.0", "\"\"", "[]", "{}"}) {
    CHECK(spec_of("CLIPImageProcessor", R"("do_center_crop": )" + std::string(off)).stages.size() == 2);
  }
}

TEST_CASE("whole floats are integers where the class makes integers of them itself", "[spec]") {
  const std::string pixels = R"("size": {"shortest_edge": 3136.0, "longest_edge": 200704.0})";
  CHECK(first_stage("Qwen2VLImageProcessor", pixels) ==
        "resize smart_resize shortest_edge 3136, longest_edge 200704, bicubic");
  CHECK(first_stage("ViTImageProcessor", R"("size": {"max_height": 20.0, "max_width": 30.0})") ==
        "resize automatic at most 20 x 30, bilinear");
  CHECK(error_of([] { spec_of("ViTImageProcessor", R"("size": {"height": 20.0, "width": 30.0})"); }).argument ==
        "config.json: size.height");
}

TEST_CASE("LANCZOS of a configuration is bicubic in the torch numerics, asked for by name it is Lanczos", "[spec]") {
  const ProcessorSpec lanczos = spec_of("ViTImageProcessor", R"("resample": 1)");
  CHECK(plan_of(lanczos, rgb({{50, 60}})).levels[0].jobs[0].y.filter == Filter::bicubic);

  ResizeNormalize request;
  request.height = request.width = 32;
  request.image_mean = request.image_std = {0.5};
  request.resample = Filter::lanczos3;
  CHECK(plan_of(resize_normalize_spec(request), rgb({{50, 60}})).levels[0].jobs[0].y.filter == Filter::lanczos3);
}

TEST_CASE("box and hamming are refused for a configuration, as torchvision refuses them", "[spec]") {
  for (const char* resample : {"4", "5"}) {
    const ProcessorSpec spec = spec_of("ViTImageProcessor", std::string("\"resample\": ") + resample);
    CHECK(spec.unsupported.find("resample") != std::string::npos);
    CHECK(error_of([&] { plan_of(spec, rgb({{10, 10}})); }).code == ErrorCode::unsupported);
    CHECK(spec.unsupported_by_pillow.empty());
    PlanOptions pillow;
    pillow.numerics = Numerics::pillow13;
    const Filter filter = *resample == '4' ? Filter::box : Filter::hamming;
    CHECK(plan_of(spec, rgb({{10, 10}}), pillow).levels[0].jobs[0].y.filter == filter);
  }
}

TEST_CASE("an integer rescale_factor is refused where torch multiplies uint8 by it", "[spec]") {
  const auto unsupported = [](const char* name, const std::string& keys) { return spec_of(name, keys).unsupported; };
  const std::string alone = R"("do_normalize": false, "rescale_factor": )";
  CHECK(unsupported("CLIPImageProcessor", alone + "2").rfind("rescale_factor: 2: ", 0) == 0);
  CHECK(unsupported("CLIPImageProcessor", alone + "1").rfind("rescale_factor: 1: ", 0) == 0);
  CHECK(unsupported("CLIPImageProcessor", alone + "2.0").empty());
  CHECK(unsupported("CLIPImageProcessor", alone + "2, \"do_rescale\": false").empty());
  CHECK(unsupported("CLIPImageProcessor", R"("rescale_factor": 2)").empty());  // a part of the normalization
  CHECK(!unsupported("MobileViTImageProcessor", R"("do_normalize": true, "rescale_factor": 2)").empty());
  CHECK(!unsupported("DINOv3ViTImageProcessor", R"("rescale_factor": 2)").empty());
  CHECK(!unsupported("EfficientNetImageProcessor", R"("rescale_offset": true, "rescale_factor": 2)").empty());
}

TEST_CASE("null is Python's None: off, or no value, not the class's own", "[spec]") {
  const ProcessorSpec spec = spec_of("CLIPImageProcessor", R"("do_center_crop": null, "do_normalize": null)");
  CHECK(spec.stages.size() == 2);  // resize, rescale
  for (const char* key : {"size", "resample", "image_mean", "rescale_factor", "crop_size"}) {
    const Error error = error_of([&] { spec_of("CLIPImageProcessor", "\"" + std::string(key) + "\": null"); });
    CHECK(error.argument == "config.json: " + std::string(key));
    CHECK(error.message.rfind("null: ", 0) == 0);
  }
  // Without their own parameter these resize as the base class does.
  const auto resized = [](const char* name, const std::string& keys, std::int32_t height, std::int32_t width) {
    const Job job = plan_of(spec_of(name, keys), rgb({{height, width}})).levels[0].jobs[0];
    return std::vector<std::int32_t>{job.y.out, job.x.out};
  };
  CHECK(resized("PoolFormerImageProcessor", R"("crop_pct": null)", 300, 400) == std::vector<std::int32_t>{224, 298});
  CHECK(resized("PPLCNetImageProcessor", R"("resize_short": null)", 300, 400) == std::vector<std::int32_t>{256, 256});
  // These take their own size for a null.
  CHECK(first_stage("DetrImageProcessor", R"("size": null)") ==
        "resize detr shortest_edge 800, longest_edge 1333, bilinear");
  CHECK(first_stage("Qwen2VLImageProcessor", R"("size": null)").find("shortest_edge 3136") != std::string::npos);
  CHECK(spec_of("DetrImageProcessor", R"("do_pad": null)").stages.size() == 2);
}

TEST_CASE("an error of an older key names it, and the file's value", "[spec]") {
  const auto argument = [](const char* name, const std::string& keys) {
    return error_of([&] { spec_of(name, keys); }).argument;
  };
  CHECK(argument("IdeficsImageProcessor", R"("image_size": 0)") == "config.json: image_size");
  CHECK(argument("IdeficsImageProcessor", R"("image_size": "x")") == "config.json: image_size");
  CHECK(argument("DetrImageProcessor", R"("size": 800, "max_size": -5)") == "config.json: max_size");
  CHECK(argument("DetrImageProcessor", R"("size": -5)") == "config.json: size");
  CHECK(argument("Qwen2VLImageProcessor", R"("min_pixels": -4)") == "config.json: min_pixels");
  const Error both =
      error_of([] { spec_of("Qwen2VLImageProcessor", R"("size": {"height": 5, "width": 6}, "min_pixels": 4)"); });
  CHECK(both.argument == "config.json: size");
  CHECK(both.message.rfind(R"({"height":5,"width":6})", 0) == 0);
}

TEST_CASE("what torch does not take as an integer, nor transformers as a switch", "[spec]") {
  const auto argument = [](const std::string& keys) {
    return error_of([&] { spec_of("ViTImageProcessor", keys); }).argument;
  };
  CHECK(argument(R"("size": true)") == "config.json: size");
  CHECK(argument(R"("size": {"height": true, "width": 40})") == "config.json: size.height");
  CHECK(argument(R"("do_rescale": [])") == "config.json: do_rescale");
  CHECK(argument(R"("do_normalize": {})") == "config.json: do_normalize");
}

TEST_CASE("whether levels are resized follows from what stands before the resize", "[spec]") {
  CHECK(spec_of("CLIPImageProcessor").resizes_levels);
  CHECK(!spec_of("DINOv3ViTImageProcessor").resizes_levels);
  CHECK(spec_of("DINOv3ViTImageProcessor", R"("do_rescale": false, "do_normalize": false)").resizes_levels);
  CHECK(!spec_of("CLIPImageProcessor", R"("do_resize": false)").resizes_levels);
  CHECK(spec_of("Idefics3ImageProcessor", R"("do_resize": false)").resizes_levels);  // to tiles, in any case
  for (const char* normalizes : {"true", "false"}) {
    CHECK(!spec_of("Pix2StructImageProcessor", R"("do_normalize": )" + std::string(normalizes)).resizes_levels);
  }
}

TEST_CASE("keys of no meaning are kept, those about the file are not reported", "[spec]") {
  const ProcessorSpec spec =
      spec_of("ViTImageProcessor", R"("_provenance": {"how": "by hand"}, "do_fold": 1, "crop_pct": 0.9)");
  CHECK(spec.unknown_keys == std::vector<std::string>{"crop_pct", "do_fold"});
}

TEST_CASE("older keys of some classes", "[spec]") {
  const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
  const std::string pixels = R"("min_pixels": 3136, "max_pixels": 12845056)";
  CHECK(has(first_stage("Qwen2VLImageProcessor", pixels), "shortest_edge 3136, longest_edge 12845056"));
  CHECK(has(first_stage("Qwen2VLImageProcessor", R"("size": {"min_pixels": 5, "max_pixels": 6}, )" + pixels),
            "shortest_edge 3136, longest_edge 12845056"));
  CHECK(has(first_stage("DetrFeatureExtractor", R"("size": 600, "max_size": 1000)", "feature_extractor_type"),
            "shortest_edge 600, longest_edge 1000"));
  CHECK(has(first_stage("DetrImageProcessor", R"("size": 600)"), "longest_edge 1333"));
  CHECK(spec_of("DetrImageProcessor", R"("pad_and_return_pixel_mask": false)").stages.size() == 2);
  CHECK(has(first_stage("IdeficsImageProcessor", R"("image_size": 96)"), "96 x 96"));
  CHECK(has(first_stage("CLIPImageProcessor", R"("size": 336, "use_square_size": true)"), "224 x 224"));  // its own
}

TEST_CASE("a switch that a class ignores is off", "[spec]") {
  const ProcessorSpec spec = spec_of("MobileViTImageProcessor", R"("do_normalize": true)");
  REQUIRE(spec.stages.size() == 4);
  CHECK(spec.stages[2].rfind("affine: times", 0) == 0);
  CHECK(spec.stages[3] == "reverse the channels");
  CHECK(spec_of("MobileViTImageProcessor", R"("do_flip_channel_order": false)").stages.size() == 3);
}

TEST_CASE("what is not built is refused by class or by key", "[spec]") {
  CHECK(spec_of("TimmWrapperImageProcessor").unsupported == "TimmWrapperImageProcessor is not built yet");
  CHECK(spec_of("LayoutLMv3ImageProcessor").unsupported.rfind("apply_ocr: ", 0) == 0);
  CHECK(spec_of("LayoutLMv3ImageProcessor", R"("apply_ocr": false)").unsupported.empty());
  const ProcessorSpec timm = spec_of("TimmWrapperImageProcessor");
  const Error error = error_of([&] { plan_of(timm, rgb({{10, 10}})); });
  CHECK(error.code == ErrorCode::unsupported);
  CHECK(error.argument == "config.json");
}

TEST_CASE("the table of classes", "[spec]") {
  const std::vector<ProcessorClass> classes = processor_classes();
  CHECK(classes.size() == 126);
  CHECK(std::is_sorted(classes.begin(), classes.end(),
                       [](const ProcessorClass& a, const ProcessorClass& b) { return a.name < b.name; }));
  for (const ProcessorClass& row : classes) {
    INFO(row.name);
    const ProcessorSpec spec = spec_of(row.name);  // every planned class has defaults that parse
    CHECK((spec.recipe == nullptr) == row.recipe.empty());
    CHECK(spec.writes.empty() == row.recipe.empty());
  }
  const auto clip = std::find_if(classes.begin(), classes.end(),
                                 [](const ProcessorClass& row) { return row.name == "CLIPImageProcessor"; });
  CHECK(clip->recipe == "resize(automatic) window(crop_size) affine pad(batch) images");
}

TEST_CASE("every configuration of the folder parses, with no key unknown", "[spec]") {
  std::size_t files = 0, supported = 0;
  for (const auto& file : std::filesystem::directory_iterator("configs/processors")) {
    INFO(file.path());
    const ProcessorSpec spec = load_spec(file.path().string());
    CHECK(spec.unknown_keys.empty());
    ++files;
    supported += spec.unsupported.empty();
  }
  WARN(supported << " of " << files << " configurations are planned");
  CHECK(files == 208);
  CHECK(supported >= 100);
}

TEST_CASE("resize_normalize is a spec like any other", "[spec]") {
  ResizeNormalize request;
  request.height = request.width = 256;
  request.image_mean = {0.5};
  request.image_std = {0.5};
  request.crop_height = request.crop_width = 224;
  request.resize_mode = ResizeMode::shortest_edge;
  const Plan made = plan_of(resize_normalize_spec(request), rgb({{300, 400}}));
  CHECK(made.outputs[0].shape == std::vector<std::int64_t>{1, 3, 224, 224});
  CHECK(made.levels[0].jobs[0].y.out == 256);
  CHECK(made.levels[0].jobs[0].x.out == 341);  // int(256 * 400 / 300)
}

}  // namespace kir::test
