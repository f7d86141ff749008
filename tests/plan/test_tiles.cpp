// Images that are cut to tiles: lists of stages in a list, tiles of one job, and tiles whose pixels move.
#include "tests/plan/fixtures.hpp"

namespace kir::test {

namespace {

const char* const kTiles = R"("crop_to_patches": true, "size": {"height": 10, "width": 20})";

}  // namespace

TEST_CASE("tiles of one job stand behind each other, the whole image behind or before them", "[tiles]") {
  // 30 x 20 has the aspect 2 : 3 and three tiles of 10 x 20 below each other; 40 x 80 has four of 1 : 1.
  const std::vector<ImageSize> images = rgb({{30, 20}, {5, 5}});
  for (const char* name : {"GotOcr2ImageProcessor", "Ovis2ImageProcessor"}) {
    INFO(name);
    const ProcessorSpec spec = spec_of(name, kTiles);
    const Plan made = plan_of(spec, images, torch_cpu());
    CHECK_NOTHROW(validate(made));
    REQUIRE(made.outputs.size() == 2);
    REQUIRE(made.levels.size() == 1);
    CHECK(made.canvases.empty());
    CHECK(made.outputs[0].shape.size() == 4);
    // The tiles of an image are one job, and the whole of it another.
    CHECK(made.levels[0].jobs.size() <= 2 * images.size());
  }
}

TEST_CASE("a crop of tiles is one of each: they are jobs of their own then", "[tiles]") {
  const char* const keys =
      R"(, "use_covering_area_grid": false, "do_center_crop": true, "crop_size": {"height": 8, "width": 24})";
  const ProcessorSpec spec = spec_of("Ovis2ImageProcessor", kTiles + std::string(keys));
  const Plan made = plan_of(spec, rgb({{40, 20}}), torch_cpu());
  CHECK_NOTHROW(validate(made));
  CHECK(made.outputs.at(1).values == std::vector<double>{2, 1});
  CHECK(made.outputs[0].shape == std::vector<std::int64_t>{3, 3, 8, 24});
  REQUIRE(made.levels.size() == 2);
  CHECK(made.canvases.size() == 1);  // of all tiles
  REQUIRE(made.levels[1].jobs.size() == 3);
  // The second tile is rows 10 to 20 of the canvas; of those the window begins at row 1.
  const Job& second = made.levels[1].jobs.at(2);
  CHECK(second.y.box_begin == 10);
  CHECK(second.y.box_end == 20);
  CHECK(second.y.first == 1);
  CHECK(second.at_x == 2);
}

TEST_CASE("images of different channels have no tiles in one tensor", "[tiles]") {
  const ProcessorSpec spec = spec_of("GotOcr2ImageProcessor", std::string(kTiles) + R"(, "do_normalize": false)");
  const std::vector<ImageSize> images = {{3, 40, 20}, {1, 40, 20}};
  CHECK(error_of([&] { plan_of(spec, images); }).argument == "images[1]");
  const ProcessorSpec whole = spec_of("GotOcr2ImageProcessor", R"("do_normalize": false)");
  CHECK(plan_of(whole, images).outputs.size() == 3);  // each its own, and num_patches
}

TEST_CASE("tiles of a size without height and width are refused", "[tiles]") {
  const Error error =
      error_of([] { spec_of("GotOcr2ImageProcessor", R"("crop_to_patches": true, "size": {"shortest_edge": 64})"); });
  CHECK(error.argument == "config.json: size");
}

TEST_CASE("classes that always resize and pad refuse the switch that is off", "[tiles]") {
  CHECK(error_of([] { spec_of("Llama4ImageProcessor", R"("do_resize": false)"); }).argument ==
        "config.json: do_resize");
  CHECK(error_of([] { spec_of("MllamaImageProcessor", R"("do_pad": false)"); }).argument == "config.json: do_pad");
  CHECK(error_of([] { spec_of("MllamaImageProcessor", R"("size": {"height": 3, "width": 4})"); }).argument ==
        "config.json: size");
}

TEST_CASE("mllama: samples of images of tiles, zeros behind both", "[tiles]") {
  const ProcessorSpec spec = spec_of("MllamaImageProcessor", R"("size": 4)");
  PlanOptions options = torch_cpu();
  options.groups = {1, 2};
  // 4 x 8 is two tiles side by side, 8 x 4 two below each other, 4 x 4 one.
  const Plan made = plan_of(spec, rgb({{4, 8}, {8, 4}, {4, 4}}), options);
  CHECK_NOTHROW(validate(made));
  REQUIRE(made.outputs.size() == 5);
  CHECK(made.outputs[0].shape == std::vector<std::int64_t>{2, 2, 4, 3, 4, 4});
  CHECK(made.outputs[1].values == std::vector<double>{2, 0, 5, 1});  // 1 x 2 is the second, 2 x 1 the fifth
  CHECK(made.outputs[2].values == std::vector<double>{1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0});
  CHECK(made.outputs[3].key == "num_tiles");
  CHECK(made.outputs[3].values == std::vector<double>{2});
  CHECK(made.outputs[4].values == std::vector<double>{2, 1});
}

TEST_CASE("llama4: what is padded goes through the steps of bfloat16", "[tiles]") {
  const ProcessorSpec spec = spec_of("Llama4ImageProcessor", R"("size": 8, "image_mean": [0.3, 0.4, 0.5])");
  const Plan made = plan_of(spec, rgb({{8, 3}}), torch_cpu());
  CHECK_NOTHROW(validate(made));
  CHECK(made.outputs.at(0).type == Type::bf16);
  REQUIRE(made.levels[0].fills.size() == 1);
  // 0.3 is 0.30078125 in bfloat16; over 0.5
  CHECK(made.levels[0].fills[0].value[0] == -0.6015625);
}

}  // namespace kir::test
