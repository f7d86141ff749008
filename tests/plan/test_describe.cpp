// The words and the JSON of a plan.
#include <nlohmann/json.hpp>

#include "plan/describe.hpp"
#include "plan/names.hpp"
#include "tests/contains.hpp"
#include "tests/plan/fixtures.hpp"

namespace kir::test {

TEST_CASE("describe names every part of a plan", "[describe]") {
  const ProcessorSpec spec = spec_of("CLIPImageProcessor", R"("size": 60, "crop_size": {"height": 70, "width": 50})");
  const std::string text = describe(spec, plan_of(spec, rgb({{100, 200}})));
  INFO(text);
  CHECK(
      contains(text, "CLIPImageProcessor, numerics float32\nstages\n  resize automatic shortest_edge 60, bicubic\n"));
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

TEST_CASE("names go both ways", "[describe]") {
  for (const Filter filter : {Filter::nearest, Filter::nearest_exact, Filter::box, Filter::bilinear, Filter::hamming,
                              Filter::bicubic, Filter::lanczos3}) {
    CHECK(filter_named(name_of(filter)) == filter);
  }
  for (const Numerics numerics :
       {Numerics::float32, Numerics::torch_cpu, Numerics::torch_cuda, Numerics::pillow12, Numerics::pillow13}) {
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
