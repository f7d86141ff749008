// Configurations as the hub has them: keys left out, integers for sizes, names of old classes, keys of others.
#include <algorithm>
#include <filesystem>
#include <set>

#include "tests/plan/fixtures.hpp"

namespace kir::test {

TEST_CASE("an old configuration of the hub parses, and what it leaves out is the class's own", "[spec]") {
  const ProcessorSpec spec = parse_spec(R"({
    "crop_size": 224, "do_center_crop": true, "do_normalize": true, "do_resize": true,
    "feature_extractor_type": "CLIPFeatureExtractor", "processor_class": "CLIPProcessor",
    "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711],
    "resample": 3, "size": 336})");
  CHECK(spec.class_name == "CLIPImageProcessor");
  CHECK(spec.unsupported.empty());
  CHECK(spec.size.shortest_edge == 336);  // default_to_square is false in CLIP
  CHECK(spec.crop_size.height == 224);
  CHECK(spec.crop_size.width == 224);
  CHECK(spec.filter == Filter::bicubic);
  CHECK(spec.do_rescale);
  CHECK(spec.rescale_factor == 1.0 / 255.0);
  CHECK(spec.unknown_keys == std::vector<std::string>{"processor_class"});
}

TEST_CASE("names of classes of any age", "[spec]") {
  for (const char* name : {"ViTImageProcessor", "ViTImageProcessorPil", "ViTImageProcessorFast", "ViTImageProcessorPilFast"}) {
    CHECK(spec_of(name).class_name == "ViTImageProcessor");
  }
  CHECK(error_of([] { spec_of("ResNetImageProcessor2"); }).argument == "config.json: image_processor_type");
}

TEST_CASE("an integer size is what default_to_square says", "[spec]") {
  CHECK(spec_of("ViTImageProcessor", R"("size": 96)").size.height == 96);
  CHECK(spec_of("CLIPImageProcessor", R"("size": 96)").size.shortest_edge == 96);
  CHECK(spec_of("CLIPImageProcessor", R"("size": 96, "default_to_square": true)").size.width == 96);
  const SizeKeys list = spec_of("ViTImageProcessor", R"("size": [90, 130])").size;
  CHECK(list.height == 90);
  CHECK(list.width == 130);
}

TEST_CASE("resample is Pillow's integer or its name", "[spec]") {
  const auto filter = [](const std::string& resample) {
    return spec_of("ViTImageProcessor", "\"resample\": " + resample).filter;
  };
  CHECK(filter("0") == Filter::nearest_exact);  // torchvision's: image_utils.pil_torch_interpolation_mapping
  CHECK(filter("2") == Filter::bilinear);
  CHECK(filter("3") == Filter::bicubic);
  CHECK(filter("\"bicubic\"") == Filter::bicubic);
  CHECK(filter("\"PILImageResampling.BICUBIC\"") == Filter::bicubic);
  CHECK(spec_of("ViTImageProcessor").filter == Filter::bilinear);  // the class's own
}

TEST_CASE("LANCZOS of a configuration is bicubic in the torch numerics, asked for by name it is Lanczos", "[spec]") {
  const ProcessorSpec lanczos = spec_of("ViTImageProcessor", R"("resample": 1)");
  CHECK(lanczos.filter == Filter::lanczos3);
  CHECK(plan_of(lanczos, rgb({{50, 60}})).levels[0].jobs[0].y.filter == Filter::bicubic);

  ResizeNormalize request;
  request.height = request.width = 32;
  request.image_mean = request.image_std = {0.5};
  request.resample = Filter::lanczos3;
  CHECK(plan_of(resize_normalize_spec(request), rgb({{50, 60}})).levels[0].jobs[0].y.filter == Filter::lanczos3);
}

TEST_CASE("box and hamming are refused for a configuration, as torchvision refuses them", "[spec]") {
  for (const char* resample : {"4", "5", "\"box\""}) {
    const ProcessorSpec spec = spec_of("ViTImageProcessor", std::string("\"resample\": ") + resample);
    CHECK(spec.unsupported.find("resample") != std::string::npos);
    CHECK(error_of([&] { plan_of(spec, rgb({{10, 10}})); }).code == ErrorCode::unsupported);
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
  CHECK(!spec.do_center_crop);
  CHECK(!spec.do_normalize);
  for (const char* key : {"size", "resample", "image_mean", "rescale_factor", "crop_size"}) {
    const Error error = error_of([&] { spec_of("CLIPImageProcessor", "\"" + std::string(key) + "\": null"); });
    CHECK(error.argument == "config.json: " + std::string(key));
    CHECK(error.message.rfind("null: ", 0) == 0);
  }
  // Without their own parameter these resize as the base class does.
  CHECK(spec_of("PoolFormerImageProcessor", R"("crop_pct": null)").facts.size_rule == SizeRule::automatic);
  CHECK(spec_of("PPLCNetImageProcessor", R"("resize_short": null)").facts.size_rule == SizeRule::automatic);
  // These take their own size for a null.
  CHECK(spec_of("DetrImageProcessor", R"("size": null)").size.shortest_edge == 800);
  CHECK(spec_of("Qwen2VLImageProcessor", R"("size": null)").size.shortest_edge == 3136);
  CHECK(!spec_of("DetrImageProcessor", R"("do_pad": null)").do_pad);
}

TEST_CASE("keys of no meaning are kept, those about the file are not reported", "[spec]") {
  const ProcessorSpec spec =
      spec_of("ViTImageProcessor", R"("_provenance": {"how": "by hand"}, "do_fold": 1, "crop_pct": 0.9)");
  CHECK(spec.unknown_keys == std::vector<std::string>{"crop_pct", "do_fold"});
  CHECK(spec.crop_pct == 0.0);
}

TEST_CASE("older keys of some classes", "[spec]") {
  const ProcessorSpec qwen = spec_of("Qwen2VLImageProcessor", R"("min_pixels": 3136, "max_pixels": 12845056)");
  CHECK(qwen.size.shortest_edge == 3136);
  CHECK(qwen.size.longest_edge == 12845056);
  const ProcessorSpec detr = spec_of("DetrImageProcessor", R"("size": 600, "max_size": 1000)");
  CHECK(detr.size.shortest_edge == 600);
  CHECK(detr.size.longest_edge == 1000);
  CHECK(spec_of("DetrImageProcessor", R"("size": 600)").size.longest_edge == 1333);
  CHECK(!spec_of("DetrImageProcessor", R"("pad_and_return_pixel_mask": false)").do_pad);
  CHECK(spec_of("IdeficsImageProcessor", R"("image_size": 96)").size.height == 96);
}

TEST_CASE("a switch that a class ignores is off", "[spec]") {
  const ProcessorSpec spec = spec_of("MobileViTImageProcessor", R"("do_normalize": true)");
  CHECK(!spec.do_normalize);
  CHECK(spec.reverse_channels);
  CHECK(!spec_of("MobileViTImageProcessor", R"("do_flip_channel_order": false)").reverse_channels);
}

TEST_CASE("what is not built is refused by family or by key", "[spec]") {
  CHECK(spec_of("SamImageProcessor").unsupported == "family fit_pad is not built yet");
  CHECK(spec_of("LayoutLMv3ImageProcessor").unsupported.rfind("apply_ocr: ", 0) == 0);
  CHECK(spec_of("LayoutLMv3ImageProcessor", R"("apply_ocr": false)").unsupported.empty());
  const ProcessorSpec sam = spec_of("SamImageProcessor");
  const Error error = error_of([&] { plan_of(sam, rgb({{10, 10}})); });
  CHECK(error.code == ErrorCode::unsupported);
  CHECK(error.argument == "config.json");
}

TEST_CASE("the table of classes", "[spec]") {
  const auto& facts = class_facts();
  CHECK(facts.size() == 126);
  CHECK(std::is_sorted(facts.begin(), facts.end(),
                       [](const ClassFacts& a, const ClassFacts& b) { return a.class_name < b.class_name; }));
  for (const ClassFacts& row : facts) {
    INFO(row.class_name);
    CHECK((row.size_rule == SizeRule::unplanned) == !row.unsupported.empty());
    const bool named = row.unsupported.find(name_of(row.family)) != std::string_view::npos;
    CHECK((row.unsupported.empty() || named));
    CHECK_NOTHROW(spec_of(std::string(row.class_name)));  // every planned class has defaults that parse
  }
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
