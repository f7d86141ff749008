// The class that a text, a file or a folder names, and where its values stand: as AutoImageProcessor reads them.
#include "configuration/configuration.hpp"

#include "tests/plan/fixtures.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/temporary_folder.hpp"

namespace kir::test {

namespace {

constexpr const char* kAlone = "preprocessor_config.json";
constexpr const char* kNested = "processor_config.json";
constexpr const char* kModel = "config.json";

Configuration read(const std::string& text) {
  return read_configuration(text, "f");
}

/// The folder's path, after `text` was written to its file `name`.
std::string with(const TemporaryFolder& folder, const std::string& name, const std::string& text) {
  folder.write(name, text);
  return folder.path();
}

}  // namespace

TEST_CASE("a class is named by image_processor_type, else by its older key", "[configuration]") {
  const Configuration old = read(R"({"feature_extractor_type": "CLIPFeatureExtractor", "size": 3})");
  CHECK(old.class_name == "CLIPImageProcessor");
  CHECK(old.named == "CLIPFeatureExtractor");
  CHECK(old.named_by == "feature_extractor_type");
  CHECK(old.values.at("size") == 3);
  const Configuration both =
      read(R"({"feature_extractor_type": "CLIPFeatureExtractor", "image_processor_type": "ViTImageProcessorFast"})");
  CHECK(both.class_name == "ViTImageProcessor");
  CHECK(both.named == "ViTImageProcessorFast");
  CHECK(read(R"({"image_processor_type": null, "feature_extractor_type": "ViTImageProcessor"})").class_name ==
        "ViTImageProcessor");
  CHECK(read(R"({"feature_extractor_type": "CLIPFeatureExtractor", "auto_map": {"AutoFeatureExtractor": "a.B"}})")
            .class_name == "CLIPImageProcessor");
}

TEST_CASE("what names no class is refused by a key and a value of the file", "[configuration]") {
  const auto refused = [](const std::string& text, const std::string& place, const std::string& part) {
    const Error error = error_of([&] { read(text); });
    INFO(text << ": " << error.what());
    CHECK(error.argument == place);
    CHECK(contains(error.message, part));
  };
  refused(R"({"feature_extractor_type": "ImageFeatureExtractor"})", "f: feature_extractor_type",
          "\"ImageFeatureExtractor\" is none of the 126");
  refused(R"({"image_processor_type": "CLIPFeatureExtractor"})", "f: image_processor_type",
          "\"CLIPFeatureExtractor\" is none of the 126 image processor classes known here; names of that age stand");
  refused(R"({"image_processor_type": "DINOv3ViTImageProcessorPil"})", "f: image_processor_type", "is none of the 126");
  refused(R"({"image_processor_type": "AutoImageProcessor"})", "f: image_processor_type", "\"AutoImageProcessor\"");
  refused(R"({"image_processor_type": ""})", "f: image_processor_type", "\"\" is none");
  refused(R"({"image_processor_type": ["CLIPImageProcessor"]})", "f: image_processor_type", "is not the name of a");
  refused(R"({"feature_extractor_type": 3})", "f: feature_extractor_type", "3 is not the name of a class");
  refused(R"({"config": {"feature_extractor_type": "CLIPFeatureExtractor"}})", "f: image_processor_type", "missing");
  refused(R"({"image_processor_type": null})", "f: image_processor_type", "null");
  refused(R"({"auto_map": {"AutoImageProcessor": "a.B"}, "feature_extractor_type": "CLIPFeatureExtractor"})",
          "f: auto_map", "not run");
  refused(R"({"image_processor": {"image_processor_type": "Foo"}})", "f: image_processor: image_processor_type", "Foo");
  refused(R"({"image_processor": {}, "image_processor_type": "CLIPImageProcessor"})",
          "f: image_processor: image_processor_type", "missing");
  refused(R"({"image_processor": "CLIPImageProcessor"})", "f: image_processor", "is not an object");
}

TEST_CASE("the image processor's part of a text comes before what stands beside it", "[configuration]") {
  const Configuration inner = read(
      R"({"image_processor": {"image_processor_type": "ViTImageProcessor", "size": 5}, "image_processor_type": "CLIPImageProcessor", "size": 3})");
  CHECK(inner.class_name == "ViTImageProcessor");
  CHECK(inner.nested);
  CHECK(inner.values.at("size") == 5);
  CHECK(!read(R"({"image_processor": null, "image_processor_type": "CLIPImageProcessor"})").nested);
  const std::string wrong = R"({"image_processor": {"image_processor_type": "ViTImageProcessor", "size": "x"}})";
  CHECK(error_of([&] { parse_spec(wrong, "f"); }).argument == "f: image_processor: size");
}

TEST_CASE("a folder has its processor_config.json, or its preprocessor_config.json", "[configuration]") {
  const std::string clip = R"({"image_processor_type": "CLIPImageProcessor"})";
  const std::string vit = R"({"image_processor_type": "ViTImageProcessor"})";
  const TemporaryFolder folder;
  CHECK(error_of([&] { load_spec(folder.path()); }).code == ErrorCode::io);
  CHECK(error_of([&] { load_spec(folder.path()); }).argument == folder.path(kAlone));
  CHECK(load_spec(with(folder, kAlone, clip)).class_name == "CLIPImageProcessor");
  for (const char* without : {R"({"processor_class": "CLIPProcessor"})", R"({"image_processor": null})"}) {
    CHECK(load_spec(with(folder, kNested, without)).class_name == "CLIPImageProcessor");
  }
  const std::string nested = "{\"image_processor\": " + vit + "}";
  CHECK(load_spec(with(folder, kNested, nested)).class_name == "ViTImageProcessor");
  CHECK(load_spec(folder.path(kNested)).class_name == "ViTImageProcessor");
  // A file of this name is never nested.
  folder.write(kAlone, "{\"image_processor_type\": \"CLIPImageProcessor\", \"image_processor\": " + vit + "}");
  CHECK(load_spec(folder.path(kAlone)).class_name == "CLIPImageProcessor");
}

TEST_CASE("where a folder's file names no class, its model does", "[configuration]") {
  const TemporaryFolder folder;
  folder.write(kAlone, R"({"size": 200})");
  const Error alone = error_of([&] { load_configuration(folder.path()); });
  CHECK(alone.argument == folder.path(kAlone) + ": image_processor_type");
  CHECK(contains(alone.message, "no config.json beside it"));

  const Configuration clip = load_configuration(with(folder, kModel, R"({"model_type": "clip"})"));
  CHECK(clip.class_name == "CLIPImageProcessor");
  CHECK(clip.named == "clip");
  CHECK(clip.named_by == "model_type");
  CHECK(error_of([&] { load_spec(folder.path(kAlone)); }).argument == folder.path(kAlone) + ": image_processor_type");

  const auto class_of = [&](const char* model) { return load_configuration(with(folder, kModel, model)).class_name; };
  CHECK(class_of(R"({"model_type": "clip", "image_processor_type": "ViTImageProcessorFast"})") == "ViTImageProcessor");
  CHECK(class_of(R"({"model_type": "bert", "image_processor_type": "ViTImageProcessor"})") == "ViTImageProcessor");
  CHECK(class_of(R"({"model_type": "clip", "image_processor_type": "Foo"})") == "CLIPImageProcessor");
  CHECK(class_of(R"({"model_type": "clip", "feature_extractor_type": "ViTFeatureExtractor"})") == "CLIPImageProcessor");
  for (const char* model : {R"({"model_type": "bert"})", R"({"model_type": "vit clip"})", R"({"model_type": ""})",
                            R"({"model_type": 3})", R"({})"}) {
    INFO(model);
    CHECK(error_of([&] { class_of(model); }).argument == folder.path(kModel) + ": model_type");
  }
  CHECK(error_of([&] { class_of("{"); }).argument == folder.path(kModel));
  // The file's own class needs no model.
  folder.write(kAlone, R"({"image_processor_type": "ViTImageProcessor"})");
  CHECK(load_spec(folder.path()).class_name == "ViTImageProcessor");
}

TEST_CASE("the classes that configurations name are those of the table of classes", "[configuration]") {
  for (const ProcessorClass& row : processor_classes()) {
    CHECK(read("{\"image_processor_type\": \"" + row.name + "\"}").class_name == row.name);
  }
  CHECK(contains(error_of([] { read(R"({"image_processor_type": "Foo"})"); }).message,
                 std::to_string(processor_classes().size())));
}

TEST_CASE("a folder's video processor is read where AutoVideoProcessor reads it", "[configuration]") {
  constexpr const char* kVideos = "video_preprocessor_config.json";
  TemporaryFolder folder;
  folder.write(kAlone, R"({"image_processor_type": "VideoMAEImageProcessor", "size": 1})");
  const auto videos = [&] { return load_configuration(folder.path(), Media::videos); };
  CHECK(videos().class_name == "VideoMAEVideoProcessor");  // the older place, and name
  CHECK(videos().named_by == "image_processor_type");
  folder.write(kVideos, R"({"video_processor_type": "VivitVideoProcessor", "size": 2})");
  CHECK(videos().class_name == "VivitVideoProcessor");
  CHECK(load_configuration(folder.path()).class_name == "VideoMAEImageProcessor");
  CHECK(load_configuration(folder.path(kVideos)).class_name == "VivitVideoProcessor");  // the file says what it is of
  folder.write(kNested, R"({"image_processor": {"image_processor_type": "CLIPImageProcessor"}})");
  CHECK(videos().class_name == "VivitVideoProcessor");
  folder.write(kNested, R"({"image_processor": {"image_processor_type": "CLIPImageProcessor"},
                          "video_processor": {"video_processor_type": "InternVLVideoProcessor", "size": 3}})");
  CHECK(videos().class_name == "InternVLVideoProcessor");
  CHECK(videos().nested);
  CHECK(videos().media == Media::videos);
  CHECK(videos().values.at("size") == 3);
}

TEST_CASE("a video processor that no file names is the model's", "[configuration]") {
  TemporaryFolder folder;
  folder.write(kAlone, R"({"image_processor_type": "GotOcr2ImageProcessor"})");
  const auto videos = [&] { return load_configuration(folder.path(), Media::videos); };
  CHECK(error_of(videos).argument == folder.path(kAlone) + ": video_processor_type");
  folder.write(kModel, R"({"model_type": "internvl"})");
  CHECK(videos().class_name == "InternVLVideoProcessor");
  CHECK(videos().named_by == "model_type");
  folder.write(kModel, R"({"model_type": "internvl", "video_processor_type": "VivitVideoProcessor"})");
  CHECK(videos().class_name == "VivitVideoProcessor");
  folder.write(kModel, R"({"model_type": "clip"})");
  CHECK(error_of(videos).argument == folder.path(kModel) + ": model_type");
  CHECK(contains(error_of(videos).what(), "a model that has no video processor"));
  folder.write(kModel, R"({"model_type": "no_such_model"})");
  CHECK(contains(error_of(videos).what(), "is no model type that is known here"));
}

}  // namespace kir::test
