// Plans of videos: frames are images of the batch, groups say how many each video has.
#include <chrono>
#include <filesystem>
#include <iostream>

#include "plan/recipe.hpp"
#include "tests/plan/fixtures.hpp"

namespace kir::test {

namespace {

ProcessorSpec video(const std::string& name) {
  return load_spec("configs/video/" + name + ".json", Media::videos);
}

PlanOptions grouped(std::vector<std::int64_t> groups) {
  PlanOptions options = torch_cpu();
  options.groups = std::move(groups);
  return options;
}

std::vector<std::string> built() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator("configs/video")) {
    const std::string name = entry.path().stem().string();
    if (video(name).unsupported.empty()) names.push_back(name);
  }
  return names;
}

}  // namespace

TEST_CASE("videos: every row is of a video class, in alphabetical order, and takes videos", "[videos]") {
  const std::vector<ProcessorClass> classes = processor_classes(Media::videos);
  CHECK(classes.size() == 30);
  std::string_view last;
  for (const Recipe& row : video_recipes()) {
    CAPTURE(row.class_name);
    CHECK(last < row.class_name);
    last = row.class_name;
    CHECK(row.groups == Groups::videos);
    CHECK(row.stages.front().name.starts_with("frames"));
    CHECK_FALSE(writes(row).empty());
    CHECK(std::any_of(classes.begin(), classes.end(), [&](const auto& each) { return each.name == row.class_name; }));
  }
}

TEST_CASE("videos: plans of every configuration are valid", "[videos]") {
  for (const std::string& name : built()) {
    CAPTURE(name);
    CHECK_NOTHROW(
        validate(plan(video(name), rgb({{48, 64}, {48, 64}, {48, 64}, {97, 51}, {97, 51}}), grouped({3, 2}))));
    CHECK_NOTHROW(validate(plan(video(name), rgb({{40, 40}, {40, 40}}), grouped({2}))));
  }
}

TEST_CASE("videos: a list without groups is one video", "[videos]") {
  const Plan made = plan(video("videomae"), rgb({{48, 64}, {48, 64}, {48, 64}}), torch_cpu());
  CHECK(made.outputs.at(0).key == "pixel_values");
  CHECK(made.outputs.at(0).shape == std::vector<std::int64_t>{1, 3, 3, 224, 224});
  CHECK(plan(video("internvl"), rgb({{48, 64}}), torch_cpu()).outputs.at(0).key == "pixel_values_videos");
}

TEST_CASE("videos: videos of different lengths are outputs of their own", "[videos]") {
  const Plan made = plan(video("internvl"), rgb({{48, 64}, {48, 64}, {97, 51}}), grouped({2, 1}));
  REQUIRE(made.outputs.size() == 2);
  CHECK(made.outputs[0].of.kind == Share::Kind::sample);
  CHECK(made.outputs[0].shape == std::vector<std::int64_t>{2, 3, 384, 384});
  CHECK(made.outputs[1].shape == std::vector<std::int64_t>{1, 3, 384, 384});
}

TEST_CASE("videos: frames of another shape are refused, whatever they become", "[videos]") {
  const auto plan_of = [](const std::vector<ImageSize>& frames) {
    return error_of([&] { plan(video("internvl"), frames, torch_cpu()); });
  };
  CHECK(plan_of(rgb({{48, 64}, {48, 65}})).argument == "images[1]");
  CHECK(plan_of({{3, 48, 64}, {1, 48, 64}}).argument == "images[1]");
  CHECK(plan_of({{4, 48, 64}}).argument == "images[0].channels");  // alpha is blended by its values
  CHECK(plan_of({{2, 48, 64}}).argument == "images[0].channels");
}

TEST_CASE("videos: groups that do not fit are refused", "[videos]") {
  const auto plan_of = [](std::vector<std::int64_t> groups) {
    return error_of([&] { plan(video("internvl"), rgb({{48, 64}, {48, 64}}), grouped(std::move(groups))); });
  };
  CHECK(plan_of({1, 2}).argument == "groups");
  CHECK(plan_of({2, 0}).argument == "groups[1]");
}

TEST_CASE("videos: a plan of 32 frames shares its epilogue", "[videos]") {
  const std::vector<ImageSize> frames(32, ImageSize{3, 360, 640});
  for (const std::string& name : built()) {
    CAPTURE(name);
    const ProcessorSpec spec = video(name);
    const Plan made = plan(spec, frames, torch_cpu());
    CHECK(made.epilogues.size() <= 2);
    CHECK(made.levels.back().jobs.size() == frames.size());
  }
}

TEST_CASE("videos: a configuration of a video class is read by its names", "[videos]") {
  const std::string both = R"({"image_processor": {"image_processor_type": "CLIPImageProcessor"},
                               "video_processor": {"video_processor_type": "VivitVideoProcessor"}})";
  CHECK(parse_spec(both).class_name == "CLIPImageProcessor");
  CHECK(parse_spec(both, "both.json", Media::videos).class_name == "VivitVideoProcessor");
  CHECK(parse_spec(R"({"video_processor": {"video_processor_type": "VivitVideoProcessor"}})").class_name ==
        "VivitVideoProcessor");
  CHECK(parse_spec(R"({"video_processor_type": "VivitVideoProcessor"})").class_name == "VivitVideoProcessor");
  // AutoVideoProcessor takes the name of the image processor's class where a video class has it.
  const std::string images = R"({"image_processor_type": "VideoMAEImageProcessor"})";
  CHECK(parse_spec(images).class_name == "VideoMAEImageProcessor");
  CHECK(parse_spec(images, "images.json", Media::videos).class_name == "VideoMAEVideoProcessor");

  const auto refused = [](const char* text, Media media = Media::images) {
    return error_of([&] { parse_spec(text, "config.json", media); });
  };
  CHECK(refused(R"({"video_processor_type": "CLIPVideoProcessor"})").argument == "config.json: video_processor_type");
  CHECK(refused(R"({"video_processor_type": 3})").argument == "config.json: video_processor_type");
  CHECK(refused(R"({"image_processor_type": "CLIPImageProcessor"})", Media::videos).argument ==
        "config.json: video_processor_type");
  CHECK(refused(R"({"video_processor": 3})").argument == "config.json: video_processor");
}

}  // namespace kir::test
