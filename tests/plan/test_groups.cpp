// Samples that are lists of images: PlanOptions::groups.
#include "tests/plan/fixtures.hpp"

namespace kir::test {

namespace {

PlanOptions grouped(std::vector<std::int64_t> groups) {
  PlanOptions options = torch_cpu();
  options.groups = std::move(groups);
  return options;
}

const char* const kTiles = R"("size": {"longest_edge": 100}, "max_image_size": {"longest_edge": 50})";

}  // namespace

TEST_CASE("Idefics3 pads a sample with fewer frames, and a sample of none", "[groups]") {
  // Each image becomes 100 x 80: 2 x 2 tiles and the whole, 5 frames.
  const ProcessorSpec spec =
      spec_of("Idefics3ImageProcessor", std::string(kTiles) + R"(, "return_row_col_info": true)");
  const Plan made = plan_of(spec, rgb({{50, 40}, {50, 40}, {50, 40}}), grouped({1, 0, 2}));
  validate(made);
  CHECK(made.outputs.at(0).shape == std::vector<std::int64_t>{3, 10, 3, 50, 50});
  CHECK(made.outputs.at(1).key == "pixel_attention_mask");
  CHECK(made.outputs.at(1).shape == std::vector<std::int64_t>{3, 10, 50, 50});
  CHECK(made.outputs.at(2).key == "rows");
  CHECK(made.outputs.at(2).values == std::vector<double>{2, 2, 2});
  CHECK(made.outputs.at(3).key == "cols");

  const std::int64_t frame = std::int64_t{3} * 50 * 50;
  const std::vector<Job>& jobs = made.levels.at(2).jobs;
  CHECK(jobs.at(0).to.layout.base == 0);
  CHECK(jobs.at(2).to.layout.base == 20 * frame);  // the third sample
  CHECK(jobs.at(4).to.layout.base == 25 * frame);
}

TEST_CASE("an image that is one tile has no rows and columns", "[groups]") {
  const ProcessorSpec spec =
      spec_of("Idefics3ImageProcessor", R"("do_image_splitting": false, "return_row_col_info": true)");
  CHECK(plan_of(spec, rgb({{50, 40}})).outputs.at(2).values == std::vector<double>{0});
}

TEST_CASE("one sample of all images is what a flat list is", "[groups]") {
  const std::vector<ImageSize> images = rgb({{50, 40}, {70, 40}});
  for (const char* name : {"Idefics3ImageProcessor", "VideoMAEImageProcessor"}) {
    const ProcessorSpec spec = spec_of(name, name[0] == 'I' ? kTiles : "");
    const Plan flat = plan_of(spec, images), one = plan_of(spec, images, grouped({2}));
    REQUIRE(flat.outputs.size() == one.outputs.size());
    for (std::size_t i = 0; i < flat.outputs.size(); ++i) CHECK(flat.outputs[i].shape == one.outputs[i].shape);
  }
}

TEST_CASE("videos of one length are stacked, others are outputs of their own", "[groups]") {
  const ProcessorSpec spec = spec_of("VideoMAEImageProcessor");
  const std::vector<ImageSize> frames = rgb({{30, 40}, {30, 40}, {50, 40}, {50, 40}});
  const Plan alike = plan_of(spec, frames, grouped({2, 2}));
  validate(alike);
  CHECK(alike.outputs.at(0).shape == std::vector<std::int64_t>{2, 2, 3, 224, 224});

  const Plan unlike = plan_of(spec, frames, grouped({1, 3}));
  validate(unlike);
  REQUIRE(unlike.outputs.size() == 2);
  CHECK(unlike.outputs[0].shape == std::vector<std::int64_t>{1, 3, 224, 224});
  CHECK(unlike.outputs[1].shape == std::vector<std::int64_t>{3, 3, 224, 224});
  CHECK(unlike.outputs[1].of.index == 1);

  // Frames of one video share a shape; videos need not.
  const ProcessorSpec uncropped = spec_of("VideoMAEImageProcessor", R"("do_center_crop": false)");
  const Plan shapes = plan_of(uncropped, frames, grouped({2, 2}));
  validate(shapes);
  CHECK(shapes.outputs.at(1).shape == std::vector<std::int64_t>{2, 3, 280, 224});
  CHECK_THROWS_AS(plan_of(uncropped, frames, grouped({3, 1})), Error);
}

TEST_CASE("groups that do not fit are refused by name", "[groups]") {
  const std::vector<ImageSize> images = rgb({{50, 40}, {50, 40}});
  const auto refusal = [&](const char* name, std::vector<std::int64_t> groups, const std::string& keys = "") {
    return std::string(error_of([&] { plan_of(spec_of(name, keys), images, grouped(std::move(groups))); }).what());
  };
  CHECK(refusal("CLIPImageProcessor", {1, 1}) == "groups: CLIPImageProcessor takes no lists of lists of images");
  CHECK(refusal("Idefics3ImageProcessor", {1}) == "groups: their sum is 1; there are 2 images");
  CHECK(refusal("Idefics3ImageProcessor", {3, -1}) == "groups[0]: 3 is not in 0..2");
  CHECK(refusal("VideoMAEImageProcessor", {2, 0}) == "groups[1]: 0 is not in 1..2");
  CHECK(refusal("Idefics3ImageProcessor", {2, 0}, R"("do_pad": false)") ==
        "groups: the samples have different numbers of frames; without do_pad they must have one");
}

}  // namespace kir::test
