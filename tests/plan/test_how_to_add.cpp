// What CONTRIBUTING.md, "How to add", says of a class, a size rule and a stage, done: a class of which no table knows,
// made of the stages that are there, one size rule and one stage more.
#include <nlohmann/json.hpp>

#include "configuration/keys.hpp"
#include "plan/draft.hpp"
#include "plan/recipe.hpp"
#include "plan/size_rule.hpp"
#include "plan/stages.hpp"
#include "tests/plan/fixtures.hpp"

namespace kir::test {

namespace {

/// A size rule: a pure function with the configuration's values bound to it.
const SizeRule nth_part{.name = "nth_part",
                        .takes = {},
                        .bind = [](const Keys& keys, const SizeKeys&) -> SizeOf {
                          const std::int64_t part = keys.required_integer("part", 1, 8);
                          return [part](Extent in) { return Extent{in.height / part, in.width / part}; };
                        },
                        .reads_size = false};

/// A stage: it reads its keys and says what it does to each picture.
Stage frame() {
  const auto read = [](Keys& keys) -> Operation {
    if (!keys.boolean("do_frame")) return {};
    const std::int64_t width = keys.integer("frame_width", 1, 64, 1);
    return {.text = "frame of " + std::to_string(width), .extend = [width](Draft& draft) {
              for (Picture& picture : draft.pictures) {
                const Extent framed = {picture.size.height + 2 * width, picture.size.width + 2 * width};
                draft.pad(picture, framed, width, width);
              }
            }};
  };
  return {"frame", read};
}

const nlohmann::json kOwn = {{"part", 2},
                             {"do_resize", true},
                             {"resample", 2},
                             {"do_frame", true},
                             {"frame_width", 3},
                             {"do_rescale", true},
                             {"rescale_factor", 0.5},
                             {"do_normalize", true},
                             {"image_mean", {1, 2, 3}},
                             {"image_std", {1, 1, 1}}};

ProcessorSpec resolved(const Recipe& row, const nlohmann::json& file) {
  ProcessorSpec spec;
  spec.source = "config.json";
  spec.class_name = row.class_name;
  spec.writes = writes(row);
  Keys keys(file, kOwn, spec.class_name, spec.source);
  std::vector<Operation> operations;
  for (const Stage& stage : row.stages) operations.push_back(stage.read(keys));
  set_operations(spec, std::move(operations));
  return spec;
}

const Recipe kFramed = {"FramedImageProcessor", {resize(nth_part), frame(), affine(), images()}};

}  // namespace

TEST_CASE("how to add: a class of a new size rule and a new stage is one row", "[how_to_add]") {
  CHECK(find_recipe("FramedImageProcessor") == nullptr);
  CHECK(text_of(kFramed) == "resize(nth_part) frame affine images");
  const ProcessorSpec spec = resolved(kFramed, {{"frame_width", 5}});
  CHECK(spec.writes == "images");
  CHECK(spec.stages.at(1) == "frame of 5");

  for (const PlanOptions& options : {PlanOptions{}, torch_cpu()}) {
    const Plan made = plan(spec, rgb({{40, 60}, {41, 61}}), options);
    REQUIRE(made.outputs.size() == 1);
    CHECK(made.outputs[0].shape == std::vector<std::int64_t>{2, 3, 30, 40});  // 20 x 30 and twice the frame
    REQUIRE(made.levels.size() == 1);
    CHECK(made.levels[0].jobs.size() == 2);  // resize, frame and affine are one job an image
    CHECK(made.levels[0].jobs[0].at_y == 5);
    CHECK_NOTHROW(validate(made));
  }
}

TEST_CASE("how to add: a size rule's and a stage's keys are checked as all are", "[how_to_add]") {
  CHECK(error_of([] { resolved(kFramed, {{"part", 9}}); }).argument == "config.json: part");
  CHECK(error_of([] { resolved(kFramed, {{"frame_width", 65}}); }).argument == "config.json: frame_width");
  const ProcessorSpec off = resolved(kFramed, {{"do_frame", false}, {"frame_width", 65}});
  CHECK(plan(off, rgb({{40, 60}})).outputs[0].shape == std::vector<std::int64_t>{1, 3, 20, 30});
}

TEST_CASE("how to add: the position of a stage is its order", "[how_to_add]") {
  const auto fill_of = [](std::vector<Stage> stages) {
    const Recipe row = {"FramedImageProcessor", std::move(stages)};
    const Plan made = plan(resolved(row, nlohmann::json::object()), rgb({{40, 60}}));
    CHECK_NOTHROW(validate(made));
    return std::vector<double>(made.levels.at(0).fills.at(0).value, made.levels.at(0).fills.at(0).value + 3);
  };
  // (0 * 0.5 - mean) / 1 where the frame stands before the affine; 0 where it stands behind.
  CHECK(fill_of({resize(nth_part), frame(), affine(), images()}) == std::vector<double>{-1, -2, -3});
  CHECK(fill_of({resize(nth_part), affine(), frame(), images()}) == std::vector<double>{0, 0, 0});
}

}  // namespace kir::test
