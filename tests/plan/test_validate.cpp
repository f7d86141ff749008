// validate() over every planned class and random ragged batches; and that it sees planted faults.
#include <iostream>
#include <random>

#include "tests/plan/fixtures.hpp"
#include "tests/support/contains.hpp"

namespace kir::test {

namespace {

/// The class with sizes small enough to walk every element, and switches thrown at random.
std::string random_keys(const ProcessorClass& row, std::mt19937& random) {
  const auto pick = [&](int low, int high) {
    return std::to_string(std::uniform_int_distribution<int>(low, high)(random));
  };
  const auto coin = [&] { return random() % 2 == 0; };
  const auto does = [&](const char* stage) { return contains(row.recipe, stage); };
  const std::string box = "{\"height\": " + pick(1, 60) + ", \"width\": " + pick(1, 60) + "}";
  std::string keys =
      "\"apply_ocr\": false, \"do_color_quantize\": false, \"image_mean\": [0.5, 0.25, 1], "
      "\"image_std\": [0.5, 1, 0.25], \"rescale_factor\": 0.01";
  const auto add = [&](const std::string& key, const std::string& value) { keys += ", \"" + key + "\": " + value; };
  if (does("resize(convnext)")) {
    add("size", "{\"shortest_edge\": " + pick(8, 60) + "}");
  } else if (does("resize(textnet)") || does("resize(vilt)") || does("resize(bridgetower)")) {
    add("size", "{\"shortest_edge\": " + pick(8, 60) + "}");
    add("size_divisor", pick(1, 4));
  } else if (does("resize(sam)") || does("resize(tvp)") || does("resize(pixtral)")) {
    add("size", "{\"longest_edge\": " + pick(20, 60) + "}");
    add("patch_size", pick(1, 9));
    add("pad_size", "{\"height\": 70, \"width\": 71}");
  } else if (does("resize(janus)")) {
    add("size", pick(5, 60));
  } else if (does("resize(ocr_rec")) {
    add("size", box);
    add("pad_size", "{\"height\": 70, \"width\": 71}");
    add("max_image_width", pick(30, 90));
  } else if (does("resize(ocr_det")) {
    add("limit_side_len", pick(20, 90));
  } else if (does("resize(floor_multiple)")) {
    add("size_divisor", pick(1, 4));
  } else if (does("resize(detr") || does("resize(yolos)")) {
    add("size", coin() ? box : "{\"shortest_edge\": 40, \"longest_edge\": " + pick(41, 90) + "}");
    add("do_pad", "true");
  } else if (does("tokens")) {
    add("size", "{\"shortest_edge\": 200, \"longest_edge\": 9000}");
    add("patch_size", pick(1, 9));
  } else if (does("grid(idefics3)")) {
    add("size", "{\"longest_edge\": " + pick(10, 90) + "}");
    add("max_image_size", "{\"longest_edge\": " + pick(8, 30) + "}");
    add("do_image_splitting", coin() ? "true" : "false");
  } else if (does("grid(")) {
    add("size", does("grid(llama4)") || does("grid(mllama)") ? pick(1, 40) : box);
    add("tile_size", pick(1, 40));
    add("max_image_tiles", pick(1, 6));
    add("crop_to_patches", coin() ? "true" : "false");
    add("max_patches", pick(1, 9));
  } else if (does("rows(") && !does("header")) {
    add("patch_size", pick(1, 9));
    add("max_num_patches", pick(20, 60));
  } else if (does("rows(")) {
    add("max_patches", pick(20, 60));
    add("patch_size", "{\"height\": " + pick(1, 9) + ", \"width\": " + pick(1, 9) + "}");
  } else if (does("resize(pp_lcnet)")) {
    add("resize_short", pick(1, 60));
    add("crop_size", pick(1, 60));
  } else if (does("resize(automatic)") && !does("window(size")) {
    add("size", coin() ? "{\"shortest_edge\": " + pick(5, 60) + "}" : box);
  } else {
    add("size", box);
  }
  if (does("window(crop_size.shortest_edge)")) {
    add("crop_size", "{\"shortest_edge\": " + pick(1, 70) + "}");
  } else if (!does("resize(pp_lcnet)")) {
    add("crop_size", "{\"height\": " + pick(1, 70) + ", \"width\": " + pick(1, 70) + "}");
  }
  add("do_center_crop", coin() || does("videos") ? "true" : "false");
  if (does("pad(batch)") && coin()) add("do_pad", "true");
  if (does("pad(multiple") || does("pad(square") || does("with do_pad")) {
    add("do_pad", coin() ? "true" : "false");
    add("size_divisor", "7");
  }
  if (!does("affine(offset)")) {
    add("do_rescale", coin() ? "true" : "false");
    add("do_normalize", coin() ? "true" : "false");
  }
  return keys;
}

std::vector<ImageSize> random_images(std::mt19937& random) {
  std::uniform_int_distribution<std::int32_t> side(1, 70);
  std::vector<ImageSize> images;
  for (std::uint32_t i = 0, count = 1 + random() % 4; i < count; ++i) images.push_back({3, side(random), side(random)});
  return images;
}

}  // namespace

TEST_CASE("every plan of every class writes every element once", "[validate]") {
  std::mt19937 random = seeded();
  int plans = 0, refused = 0;
  for (const ProcessorClass& row : processor_classes()) {
    if (row.recipe.empty()) continue;
    int made_of_class = 0;
    for (int round = 0; round < 24; ++round) {
      const std::string keys = random_keys(row, random);
      const ProcessorSpec spec = spec_of(row.name, keys);
      const std::vector<ImageSize> images = random_images(random);
      PlanOptions options = round % 2 == 0 ? PlanOptions{} : torch_cpu();
      options.order = round % 3 == 0 ? ChannelOrder::nhwc : ChannelOrder::nchw;
      INFO(row.name << " {" << keys << "}, " << images.size() << " images, images[0] " << images[0].height << " x "
                    << images[0].width);
      REQUIRE(spec.unsupported.empty());
      Plan made;
      try {
        made = plan_of(spec, images, options);
      } catch (const Error& error) {  // a side of 0, an aspect over 200, shapes that do not stack
        CHECK(error.code == ErrorCode::invalid_argument);
        ++refused;
        continue;
      }
      REQUIRE_NOTHROW(validate(made));
      ++made_of_class;
      ++plans;
    }
    INFO(row.name);
    CHECK(made_of_class > 0);
  }
  std::cout << "test_plan: " << plans << " plans valid, " << refused << " requests refused\n";
}

TEST_CASE("validate sees planted faults", "[validate]") {
  const ProcessorSpec spec = spec_of("DetrImageProcessor", R"("size": {"shortest_edge": 9, "longest_edge": 30})");
  const Plan good = plan_of(spec, rgb({{5, 8}, {7, 6}}));
  REQUIRE_NOTHROW(validate(good));
  const auto fault = [&](auto change) {
    Plan bad = good;
    change(bad);
    const Error error = error_of([&] { validate(bad); });
    CHECK(error.argument == "plan");
    return error.message;
  };

  CHECK(contains(fault([](Plan& p) { p.levels[0].jobs[0].from.index = 2; }), "image that is not there"));
  CHECK(contains(fault([](Plan& p) { p.levels[0].jobs[0].to.index = 7; }), "target that is not there"));
  CHECK(contains(fault([](Plan& p) { p.levels[0].jobs[0].epilogue = -1; }), "epilogue"));
  CHECK(contains(fault([](Plan& p) { p.levels[0].jobs[0].y.count += 1; }), "window"));
  CHECK(contains(fault([](Plan& p) { p.levels[0].jobs[0].y.in = 4; }), "axes"));
  CHECK(contains(fault([](Plan& p) { p.levels[0].jobs[0].passes = Passes::copy; }), "copied"));
  CHECK(contains(fault([](Plan& p) { p.levels[0].jobs[0].to.layout.base += 1; }), "second time"));
  CHECK(contains(fault([](Plan& p) { p.levels[0].jobs[1].to.layout.base += 100000; }), "writes element"));
  CHECK(contains(fault([](Plan& p) { p.levels[0].jobs[0].to.layout.base = -1; }), "writes element -1"));
  CHECK(contains(fault([](Plan& p) { p.levels[0].jobs.pop_back(); }), "are not written"));
  CHECK(contains(fault([](Plan& p) { p.levels[0].fills.pop_back(); }), "are not written"));
  CHECK(contains(fault([](Plan& p) { p.levels[0].jobs.push_back(p.levels[0].jobs[0]); }), "second time"));
  CHECK(contains(fault([](Plan& p) { p.levels[0].fills[0].y1 = p.levels[0].fills[0].y0; }), "empty"));
  CHECK(contains(fault([](Plan& p) { p.levels.resize(4); }), "more than 3"));
  CHECK(contains(fault([](Plan& p) { p.outputs[1].values = {1}; }), "values"));
  CHECK(contains(fault([](Plan& p) { p.canvases.push_back({Type::u8, 3, 4, 4}); }), "are not written"));
  CHECK(contains(fault([](Plan& p) {
                   p.canvases.push_back({Type::u8, 3, 5, 8});
                   p.levels[0].jobs[0].from = {Source::Kind::canvas, 0};
                 }),
                 "earlier levels"));
}

TEST_CASE("validate knows turns, boxes, borders and whose an output is", "[validate]") {
  const ProcessorSpec spec = spec_of("ViTImageProcessor", R"("size": {"height": 6, "width": 9})");
  const auto fault = [&](auto change) {
    Plan plan = plan_of(spec, rgb({{5, 8}}));
    change(plan, plan.levels[0].jobs[0]);
    try {
      validate(plan);
    } catch (const Error& error) {
      return error.message;
    }
    return std::string();
  };
  CHECK(fault([](Plan&, Job&) {}) == "");

  CHECK(contains(fault([](Plan&, Job& job) { job.from.turn = 1; }), "axes"));
  CHECK(fault([](Plan&, Job& job) {
          job.from.turn = 3;
          std::swap(job.y.in, job.x.in);
          std::swap(job.y.box_end, job.x.box_end);
        }) == "");
  CHECK(contains(fault([](Plan&, Job& job) { job.from.turn = 4; }), "0..3"));

  CHECK(fault([](Plan&, Job& job) { job.y.box_begin = 0.25; }) == "");
  CHECK(contains(fault([](Plan&, Job& job) { job.y.box_begin = -0.25; }), "not inside the source"));
  for (const Border border : {Border::zero, Border::reflect, Border::symmetric}) {
    const auto beyond = [&](double begin) {
      return fault([&](Plan&, Job& job) {
        job.x.border = border;
        job.x.box_begin = begin;
      });
    };
    CHECK(beyond(-3.5) == "");
    CHECK(contains(beyond(9.0), "empty"));
    CHECK(contains(beyond(-2.0 * kMaxEdge), "too far"));
  }
  CHECK(contains(fault([](Plan&, Job& job) {
                   job.passes = Passes::y;
                   job.x.out = job.x.count = 7;
                   job.x.box_begin = 0.5;
                   job.x.box_end = 7.5;
                 }),
                 "part of a pixel"));
  CHECK(contains(fault([](Plan& plan, Job& job) {
                   plan.canvases.push_back({Type::f32, 3, 5, 8});
                   plan.levels.insert(plan.levels.begin(), Level{});
                   plan.levels[0].fills.push_back({{Target::Kind::canvas, 0, chw_layout(0, 5, 8)}, 0, 0, 5, 8, 3});
                   Job& reader = plan.levels[1].jobs[0];
                   reader.from = {Source::Kind::canvas, 0};
                   reader.arithmetic = Arithmetic::torch_int16;
                   static_cast<void>(job);
                 }),
                 "in another arithmetic"));

  CHECK(fault([](Plan& plan, Job&) { plan.outputs[0].of = {Share::Kind::sample, 3}; }) == "");
  CHECK(contains(fault([](Plan& plan, Job&) { plan.outputs[0].of = {Share::Kind::image, 1}; }), "image that is not"));
  CHECK(contains(fault([](Plan& plan, Job&) { plan.outputs[0].of = {Share::Kind::image, -1}; }), "negative"));
  CHECK(contains(fault([](Plan& plan, Job&) { plan.outputs[0].of = {Share::Kind::batch, 1}; }), "the batch"));
}

}  // namespace kir::test
