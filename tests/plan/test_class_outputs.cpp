// What is peculiar to the outputs of some classes: batch maximum and mask, patches and grid, tiles, statistics.
#include <cmath>

#include "tests/plan/fixtures.hpp"

namespace kir::test {

TEST_CASE("detr: padded to the largest of the batch, with a mask, which the class has first", "[outputs]") {
  // 100 x 150 keeps the short side 100, 60 x 30 becomes int(100 * 60 / 30) = 200 x 100.
  const ProcessorSpec spec = spec_of("DetrImageProcessor", R"("size": {"shortest_edge": 100, "longest_edge": 400})");
  const Plan made = plan_of(spec, rgb({{100, 150}, {60, 30}}));
  REQUIRE(made.outputs.size() == 2);
  CHECK(made.outputs[0].key == "pixel_mask");
  CHECK(made.outputs[0].type == Type::i64);
  CHECK(made.outputs[0].shape == std::vector<std::int64_t>{2, 200, 150});
  CHECK(made.outputs[1].key == "pixel_values");
  CHECK(made.outputs[1].shape == std::vector<std::int64_t>{2, 3, 200, 150});
  CHECK_NOTHROW(validate(made));
}

TEST_CASE("qwen2_vl: the offset of every pixel in the patches", "[outputs]") {
  const ProcessorSpec spec = spec_of(
      "Qwen2VLImageProcessor", R"("patch_size": 2, "do_resize": false, "temporal_patch_size": 2, "merge_size": 2)");
  const Plan made = plan_of(spec, rgb({{4, 4}, {8, 12}}));
  const std::int64_t token = 3 * 2 * 2 * 2;
  CHECK(made.outputs[0].shape == std::vector<std::int64_t>{4 + 4 * 6, token});
  CHECK(made.outputs[1].key == "image_grid_thw");
  CHECK(made.outputs[1].shape == std::vector<std::int64_t>{2, 3});
  CHECK(made.outputs[1].values == std::vector<double>{1, 2, 2, 1, 4, 6});
  CHECK_NOTHROW(validate(made));

  // Qwen2VLImageProcessor.patchify by index: tokens Y X y x, inside c t i j.
  const Layout& layout = made.levels[0].jobs[1].to.layout;
  for (std::int64_t c = 0; c < 3; ++c) {
    for (std::int64_t y = 0; y < 8; ++y) {
      for (std::int64_t x = 0; x < 12; ++x) {
        const std::int64_t blocks = 12 / 4, block_y = y / 4, block_x = x / 4;
        const std::int64_t in_block = (y / 2 % 2) * 2 + x / 2 % 2;
        const std::int64_t index = 4 + (block_y * blocks + block_x) * 4 + in_block;  // the first image has 4 tokens
        const std::int64_t wanted = index * token + c * 2 * 4 + y % 2 * 2 + x % 2;
        CHECK(layout.base + c * layout.channel + layout.y(y) + layout.x(x) == wanted);
      }
    }
  }
  CHECK(layout.copies == 2);
  CHECK(layout.copy == 4);
}

TEST_CASE("orders of tokens: the shape of a token, and where its values stand", "[outputs]") {
  struct Case {
    const char *class_name, *keys;
    std::vector<std::int64_t> shape;
    // The element of channel 1, row 3, column 2 of a 4 x 4 image in 2 x 2 tokens, and where it is repeated.
    std::int64_t element, copy;
  };
  const Case cases[] = {
      // rows of tokens, inside channels, slots, rows, columns: token 3, (1 * 2 + 0) * 4 + 1 * 2 + 0
      {"HunYuanVLImageProcessor", R"("merge_size": 2, "temporal_patch_size": 2)", {4, 24}, 3 * 24 + 10, 4},
      {"PaddleOCRVLImageProcessor", R"("temporal_patch_size": 2)", {4, 6, 2, 2}, 3 * 24 + 10, 4},
      // slots ahead of channels: 1 * 4 + 1 * 2, and 3 channels on
      {"MuseGlimmerImageProcessor", "", {4, 24}, 3 * 24 + 6, 12},
      // slots innermost: ((1 * 2 + 0) * 3 + 1) * 2
      {"Cosmos3EdgeImageProcessor", R"("temporal_patch_size": 2)", {4, 24}, 3 * 24 + 14, 1},
  };
  for (const auto& [class_name, keys, shape, element, copy] : cases) {
    INFO(class_name);
    const std::string own = keys;
    const ProcessorSpec spec =
        spec_of(class_name, R"("do_resize": false, "patch_size": 2)" + (own.empty() ? "" : ", " + own));
    const Plan made = plan_of(spec, rgb({{4, 4}}));
    CHECK(made.outputs[0].shape == shape);
    const Layout& layout = made.levels[0].jobs[0].to.layout;
    CHECK(layout.base + layout.channel + layout.y(3) + layout.x(2) == element);
    CHECK(layout.copies == 2);
    CHECK(layout.copy == copy);
    CHECK_NOTHROW(validate(made));
  }
}

TEST_CASE("idefics3: three levels, tiles and the whole image behind them", "[outputs]") {
  const ProcessorSpec spec =
      spec_of("Idefics3ImageProcessor", R"("size": {"longest_edge": 40}, "max_image_size": {"longest_edge": 16})");
  // 30 x 60 -> 20 x 40 -> width 48, height int(48 / 2) = 24 up to 32: 2 x 3 tiles and the whole. 40 x 40 -> 48 x
  // 48: 10.
  const Plan made = plan_of(spec, rgb({{30, 60}, {40, 40}}), torch_cpu());
  REQUIRE(made.levels.size() == 3);
  CHECK(made.outputs[0].shape == std::vector<std::int64_t>{1, 7 + 10, 3, 16, 16});
  CHECK(made.outputs[1].key == "pixel_attention_mask");
  CHECK(made.outputs[1].type == Type::f32);
  CHECK(made.canvases[0].height == 20);
  CHECK(made.canvases[2].height == 32);
  CHECK(made.canvases[2].width == 48);
  CHECK(made.canvases[0].type == Type::u8);
  CHECK(plan_of(spec, rgb({{30, 60}})).canvases[0].type == Type::f32);
  CHECK_NOTHROW(validate(made));
  // An image of one tile has no second frame.
  const ProcessorSpec one =
      spec_of("Idefics3ImageProcessor", R"("size": {"longest_edge": 16}, "max_image_size": {"longest_edge": 16})");
  CHECK(plan_of(one, rgb({{30, 60}})).outputs[0].shape[1] == 1);
  // Levels stay uint8, unless do_pad copies them into float32 zeros.
  const std::string levels = R"("do_rescale": false, "do_normalize": false, )";
  const auto pixels = [&](const char* keys) {
    return plan_of(spec_of("Idefics3ImageProcessor", levels + keys), rgb({{30, 60}}), torch_cpu()).outputs[0];
  };
  CHECK(pixels(R"("do_pad": true)").type == Type::f32);
  CHECK(pixels(R"("do_pad": false)").type == Type::u8);
}

TEST_CASE("gemma4: positions are column and row, -1 behind the last", "[outputs]") {
  const ProcessorSpec spec =
      spec_of("Gemma4ImageProcessor",
              R"("do_resize": false, "patch_size": 8, "max_soft_tokens": 70, "pooling_kernel_size": 2)");
  const Plan made = plan_of(spec, rgb({{16, 32}, {32, 48}}));
  CHECK(made.outputs[0].shape == std::vector<std::int64_t>{2, 280, 192});
  CHECK(made.outputs[1].key == "image_position_ids");
  CHECK(made.outputs[1].shape == std::vector<std::int64_t>{2, 280, 2});
  CHECK(made.outputs[2].values == std::vector<double>{2, 6});
  CHECK_NOTHROW(validate(made));

  std::vector<double> positions(2 * 280 * 2, -2);
  for (const Fill& fill : made.levels[0].fills) {
    if (fill.to.index != 1) continue;
    const Layout& to = fill.to.layout;
    for (std::int32_t y = fill.y0; y < fill.y1; ++y) {
      for (std::int32_t x = fill.x0; x < fill.x1; ++x) {
        positions[static_cast<std::size_t>(to.base + to.y(y) + to.x(x))] =
            fill.value[0] + fill.ramp_y * y + fill.ramp_x * x;
      }
    }
  }
  const auto of = [&](std::size_t image, std::size_t token) {
    return std::pair(positions[(image * 280 + token) * 2], positions[(image * 280 + token) * 2 + 1]);
  };
  CHECK(of(0, 5) == std::pair(1.0, 1.0));  // 4 tokens a row
  CHECK(of(0, 7) == std::pair(3.0, 1.0));
  CHECK(of(0, 8) == std::pair(-1.0, -1.0));
  CHECK(of(1, 8) == std::pair(2.0, 1.0));  // 6 tokens a row
  CHECK(of(1, 279) == std::pair(-1.0, -1.0));
}

TEST_CASE("siglip2: a mask of int32 and the rows and columns of tokens", "[outputs]") {
  const Plan made = plan_of(spec_of("Siglip2ImageProcessor", R"("max_num_patches": 12)"), rgb({{30, 60}, {40, 40}}));
  REQUIRE(made.outputs.size() == 3);
  CHECK(made.outputs[0].shape == std::vector<std::int64_t>{2, 12, 768});
  CHECK(made.outputs[1].key == "pixel_attention_mask");
  CHECK(made.outputs[1].type == Type::i32);
  CHECK(made.outputs[2].key == "spatial_shapes");
  CHECK(made.outputs[2].values == std::vector<double>{2, 4, 3, 3});
  CHECK_NOTHROW(validate(made));
}

TEST_CASE("pix2struct: statistics become an epilogue, rows and columns are ramps", "[outputs]") {
  const ProcessorSpec spec =
      spec_of("Pix2StructImageProcessor", R"("max_patches": 20, "patch_size": {"height": 4, "width": 8})");
  const std::vector<ImageSize> images = rgb({{40, 60}, {33, 20}});
  const std::vector<Probe> asked = probes(spec, images);
  REQUIRE(asked.size() == 2);
  CHECK(asked[1].kind == Probe::Kind::mean_std);
  CHECK(asked[1].image == 1);

  std::vector<ProbeResult> measured(2);
  measured[0].mean = 100;
  measured[0].std = 50;
  measured[1].mean = 7;
  measured[1].std = 0;  // a constant image: 1 / sqrt(samples) instead
  const Plan made = plan(spec, images, torch_cpu(), measured);
  CHECK(made.epilogues[0].steps[0].c[0] == 100.0f);
  CHECK(made.epilogues[0].steps[1].c[2] == 50.0f);
  CHECK(made.epilogues[1].steps[1].c[0] == static_cast<float>(1.0 / std::sqrt(3.0 * 33 * 20)));
  CHECK(made.outputs[0].shape == std::vector<std::int64_t>{2, 20, 2 + 4 * 8 * 3});
  CHECK(made.outputs[1].type == Type::f32);
  for (const Level& level : made.levels) {
    for (const Job& job : level.jobs) CHECK(job.round == Round::never);
  }
  CHECK(made.levels[1].fills[0].ramp_y == 1);
  CHECK(made.levels[1].fills[0].value[0] == 1);
  CHECK(made.levels[1].fills[1].ramp_x == 1);
  CHECK_NOTHROW(validate(made));
  CHECK(probes(spec_of("Pix2StructImageProcessor", R"("do_normalize": false)"), images).empty());
}

}  // namespace kir::test
