// The words and the JSON of a plan.
#include <nlohmann/json.hpp>

#include "describe/describe.hpp"
#include "plan/names.hpp"
#include "plan/numerics.hpp"
#include "tests/plan/fixtures.hpp"
#include "tests/support/contains.hpp"

namespace kir::test {

TEST_CASE("describe names every part of a plan", "[describe]") {
  const ProcessorSpec spec = spec_of("CLIPImageProcessor", R"("size": 60, "crop_size": {"height": 70, "width": 50})");
  const std::string text = describe(spec, plan_of(spec, rgb({{100, 200}})));
  INFO(text);
  CHECK(contains(text, "CLIPImageProcessor, numerics float32\nstages\n  resize automatic shortest_edge 60, bicubic\n"));
  CHECK(contains(text, "[0] 100 x 200, 3 channels"));
  CHECK(contains(text, "rows 100 -> 60, columns 200 -> 120 window [35, 85), bicubic antialiased"));
  CHECK(contains(text, "fill rows [0, 5)"));
  CHECK(contains(text, "pixel_values (1, 3, 70, 50) float32"));
}

TEST_CASE("plan_json holds the plan's data", "[describe]") {
  const Plan made = plan_of(spec_of("Qwen2VLImageProcessor"), rgb({{100, 200}}), torch_cpu());
  const nlohmann::json json = plan_json(made);
  CHECK(json["numerics"] == "torch_cpu");
  CHECK(json["levels"][0]["jobs"][0]["y"]["in"] == 100);
  CHECK(json["levels"][0]["jobs"][0]["round"] == "each");
  CHECK(json["levels"][0]["jobs"][0]["to"]["layout"]["copies"] == 2);
  CHECK(json["outputs"][1]["values"][0] == 1.0);
  CHECK(json["epilogues"][0].size() == 2);
}

TEST_CASE("arithmetic, turns, boxes, borders and shares are told, in words and in JSON", "[describe]") {
  const ProcessorSpec spec = spec_of("ViTImageProcessor", R"("size": {"height": 6, "width": 9})");
  Plan made = plan_of(spec, rgb({{5, 8}}), torch_cpu());
  CHECK(contains(describe(spec, made), "passes xy in torch_int16, rounded each"));
  CHECK(plan_json(made)["levels"][0]["jobs"][0]["arithmetic"] == "torch_int16");
  CHECK_FALSE(plan_json(made)["levels"][0]["jobs"][0]["from"].contains("turn"));

  Job& job = made.levels[0].jobs[0];
  job.from.turn = 3;
  job.arithmetic = Arithmetic::float32;
  job.y.border = Border::reflect;
  job.y.box_begin = -2.5;
  job.y.antialias = false;
  job.y.align_corners = true;
  made.outputs[0].of = {Share::Kind::sample, 2};
  const std::string text = describe(spec, made);
  INFO(text);
  CHECK(contains(text, "images[0] turned clockwise by 270 degrees rows 5 -> 6 of [-2.5, 5) reflect by the corners"));
  CHECK(contains(text, "passes xy in float32"));
  CHECK(contains(text, "(1, 3, 6, 9) float32, of sample 2"));
  const nlohmann::json json = plan_json(made);
  CHECK(json["levels"][0]["jobs"][0]["from"]["turn"] == 3);
  CHECK(json["levels"][0]["jobs"][0]["y"]["box"] == nlohmann::json({-2.5, 5.0}));
  CHECK(json["levels"][0]["jobs"][0]["y"]["border"] == "reflect");
  CHECK(json["outputs"][0]["sample"] == 2);
  CHECK_FALSE(json["outputs"][0].contains("image"));
}

TEST_CASE("a numerics is a row", "[numerics]") {
  CHECK(row_of(Numerics::torch_cpu).arithmetic == Arithmetic::torch_int16);
  for (std::size_t i = 0; i < kNumericsRows.size(); ++i) {
    const auto numerics = static_cast<Numerics>(i);
    CHECK(std::string(name_of(numerics)) == kNumericsRows[i].name);
    CHECK((row_of(numerics).canvas == Type::f32) == (row_of(numerics).round == Round::never));
    if (row_of(numerics).built) {
      CHECK_NOTHROW(check_built(numerics));
      continue;
    }
    PlanOptions options;
    options.numerics = numerics;
    const Error error = error_of([&] { plan_of(spec_of("ViTImageProcessor"), rgb({{5, 8}}), options); });
    CHECK(error.code == ErrorCode::unsupported);
    CHECK(error.message == std::string(name_of(numerics)) +
                               " is not built yet; float32 and torch_cpu and pillow11 and pillow12 and pillow13 are");
  }
}

TEST_CASE("which pass is first", "[numerics]") {
  const auto passes = [](PassOrder order, std::int32_t height, std::int32_t rows, std::int32_t width,
                         std::int32_t columns) {
    Axis y, x;
    y.in = height, y.out = rows, y.box_end = height;
    x.in = width, x.out = columns, x.box_end = width;
    return passes_of(order, y, x);
  };
  for (const PassOrder order : {PassOrder::horizontal, PassOrder::pillow12, PassOrder::pillow13}) {
    CHECK(passes(order, 9, 9, 9, 9) == Passes::copy);
    CHECK(passes(order, 9, 3, 9, 9) == Passes::y);
    CHECK(passes(order, 9, 9, 9, 3) == Passes::x);
    CHECK(passes(order, 9, 30, 30, 40) == Passes::xy);   // the height grows
    CHECK(passes(order, 30, 10, 30, 20) == Passes::xy);  // 20 is not more than twice 10
  }
  CHECK(passes(PassOrder::pillow13, 31, 10, 30, 20) == Passes::yx);
  CHECK(passes(PassOrder::pillow13, 31, 10, 30, 40) == Passes::yx);
  CHECK(passes(PassOrder::horizontal, 31, 10, 30, 20) == Passes::xy);
  CHECK(passes(PassOrder::pillow12, 31, 10, 30, 20) == Passes::xy);
  CHECK(passes(PassOrder::pillow12, 301, 300, 3, 20) == Passes::yx);
  CHECK(passes(PassOrder::pillow12, 300, 299, 3, 20) == Passes::xy);  // 300 is not more than 100 times 3
  CHECK(passes(PassOrder::pillow12, 301, 302, 3, 20) == Passes::xy);
  CHECK(passes(PassOrder::horizontal, 301, 300, 3, 20) == Passes::xy);
}

TEST_CASE("names go both ways", "[describe]") {
  for (const Filter filter : {Filter::nearest, Filter::nearest_exact, Filter::box, Filter::bilinear, Filter::hamming,
                              Filter::bicubic, Filter::lanczos3}) {
    CHECK(filter_named(name_of(filter)) == filter);
  }
  for (const Numerics numerics : {Numerics::float32, Numerics::torch_cpu, Numerics::torch_cuda, Numerics::pillow11,
                                  Numerics::pillow12, Numerics::pillow13}) {
    CHECK(numerics_named(name_of(numerics)) == numerics);
  }
  for (const Type type : {Type::u8, Type::boolean, Type::i32, Type::i64, Type::f16, Type::bf16, Type::f32}) {
    CHECK(type_named(name_of(type)) == type);
  }
  const Error error = error_of([] { numerics_named("float64", "--numerics"); });
  CHECK(error.argument == "--numerics");
  CHECK(contains(error.message, "float32, torch_cpu"));
}

}  // namespace kir::test
