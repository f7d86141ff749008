// Suites: the project's own load, bad ones are refused by file and key, images repeat with their seed.
#include "benchmarks/suite.hpp"

#include "kir/error.hpp"
#include "tests/benchmarks/suite_folder.hpp"
#include "tests/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/errors.hpp"

using namespace kir;
using namespace kir::benchmarks;
using kir::test::contains;
using kir::test::error_of;
using kir::test::SuiteFolder;
using nlohmann::json;

namespace {

template <class Change>
std::string message_of(const Change& change) {
  const SuiteFolder folder(change);
  return error_of([&] { load_suites(folder.path()); }).what();
}

}  // namespace

TEST_CASE("the project's suites load", "[benchmarks][suite]") {
  const std::vector<Suite> suites = load_suites("configs/suites");
  CHECK(suites.size() >= 5);
  const Suite seed = load_suites("configs/suites", {"seed"}).at(0);
  CHECK(seed.cases.at(0).name == "n32");
  CHECK(seed.cases.at(0).images == 32);
  CHECK(seed.cases.at(0).height == std::array<std::int32_t, 2>{384, 1024});
  CHECK(load_suites("configs/suites", {"plan"}).at(0).measures == Suite::Measures::plan);
}

TEST_CASE("one case of a suite is asked for by SUITE_CASE", "[benchmarks][suite]") {
  const std::vector<Suite> suites = load_suites("configs/suites", {"seed_n1", "large_photos_n8"});
  REQUIRE(suites.size() == 2);
  CHECK(suites[0].name == "seed");
  REQUIRE(suites[0].cases.size() == 1);
  CHECK(suites[0].cases[0].name == "n1");
  CHECK(suites[1].name == "large_photos");
}

TEST_CASE("what would make the CPU's benchmarks slow is not for them", "[benchmarks][suite]") {
  for (const Suite& suite : load_suites("configs/suites")) {
    for (const SuiteCase& one : suite.cases) {
      if (suite.measures == Suite::Measures::plan || !one.runs_in(MemorySpace::host)) continue;
      double samples = 0;
      for (const ImageSize& size : draw_sizes(suite, one, 1)) samples += 3.0 * size.height * size.width;
      INFO(suite.name << "/" << one.name << ": " << samples << " samples");
      CHECK(samples <= 80e6);  // two photographs of 12 megapixels
    }
  }
}

TEST_CASE("a suite may ask for a filter by name, and for another output type", "[benchmarks][suite]") {
  const Suite lanczos = load_suites("configs/suites", {"lanczos"}).at(0);
  CHECK(contains(lanczos.spec.stages[0], "lanczos3"));
  const Suite bf16 = load_suites("configs/suites", {"bf16"}).at(0);
  const ImageSize size[] = {{3, 500, 400}};
  CHECK(plan(bf16.spec, size, bf16.plan_options(Numerics::float32)).outputs.at(0).type == Type::bf16);
}

TEST_CASE("every set of a case has sizes of its own, the same again for the same seed", "[benchmarks][suite]") {
  const Suite seed = load_suites("configs/suites", {"seed"}).at(0);
  const SuiteCase& one = seed.cases.at(0);
  CHECK(draw_sizes(seed, one, 3, 1) == draw_sizes(seed, one, 3, 1));
  CHECK(draw_sizes(seed, one, 3, 1) != draw_sizes(seed, one, 3, 2));
  CHECK(draw_sizes(seed, one, 3, 1) != draw_sizes(seed, one, 4, 1));
  for (const ImageSize& size : draw_sizes(seed, one, 3, 5)) {
    CHECK((size.height >= 384 && size.height <= 1024));
    CHECK((size.width >= 384 && size.width <= 1024));
  }
}

TEST_CASE("a bad suite is refused by file and key", "[benchmarks][suite]") {
  CHECK(contains(message_of([](json& j) { j.erase("about"); }), "small.json: about: missing"));
  CHECK(contains(message_of([](json& j) { j["measures"] = "walk"; }), "must be run or plan"));
  CHECK(contains(message_of([](json& j) { j["numerics"] = {"float64"}; }), "must be float32 or torch_cpu"));
  CHECK(contains(message_of([](json& j) { j["numerics"] = json::array(); }),
                 "numerics: must be a list of numerics that is not empty"));
  CHECK(contains(message_of([](json& j) { j["cases"] = json::array(); }),
                 "cases: must be a list of objects that is not empty"));
  CHECK(contains(message_of([](json& j) { j["cases"][0]["images"] = 0; }), "cases[0].images"));
  CHECK(contains(message_of([](json& j) { j["cases"][0]["height"] = {40, 20}; }), "cases[0].height"));
  CHECK(contains(message_of([](json& j) { j["cases"][0]["width"] = {0, 20}; }), "cases[0].width"));
  CHECK(contains(message_of([](json& j) { j["cases"][0]["memory"] = "bgr"; }), "must be chw or hwc"));
  CHECK(contains(message_of([](json& j) { j["cases"][0]["name"] = "a/b"; }), "must not contain"));
  CHECK(contains(message_of([](json& j) { j["processor"]["resample"] = 77; }), "small.json: processor"));
  CHECK(contains(message_of([](json& j) { j["colour"] = 1; }), "small.json: colour: unknown key"));
  CHECK(contains(message_of([](json& j) { j["cases"][0]["runs"] = 1; }), "cases[0].runs: unknown key"));
  CHECK(contains(message_of([](json& j) { j["cases"][0]["runs_on"] = {"tpu"}; }), "must be host or cuda"));
  CHECK(contains(message_of([](json& j) { j["cases"][0]["runs_on"] = json::array(); }), "list out of host and cuda"));
  CHECK(contains(message_of([](json& j) { j["cases"][0]["host_images"] = true; }), "runs_on must be [\"cuda\"]"));
  CHECK(contains(message_of([](json& j) { j["cases"][0]["numerics"] = json::array(); }), "cases[0].numerics"));
  CHECK(contains(message_of([](json& j) { j["output_type"] = "float8"; }), "small.json: output_type: \"float8\""));
  CHECK(contains(message_of([](json& j) { j.erase("processor"); }), "either \"processor\" or \"resize_normalize\""));
  const auto with = [](const char* key, json value) {
    return [=](json& j) {
      j.erase("processor");
      j["resize_normalize"] = {{"height", 8},       {"width", 8},          {"resample", "box"},
                               {"antialias", true}, {"image_mean", {0.5}}, {"image_std", {0.5}}};
      j["resize_normalize"][key] = value;
    };
  };
  CHECK_NOTHROW(load_suites(SuiteFolder(with("height", 9)).path()));
  CHECK(contains(message_of(with("height", 0)), "resize_normalize.height"));
  CHECK(contains(message_of(with("resample", "cubic")), "resize_normalize.resample"));
  CHECK(contains(message_of(with("antialias", 1)), "resize_normalize.antialias"));
  CHECK(contains(message_of(with("image_std", {"a"})), "resize_normalize.image_std"));
  CHECK(contains(message_of(with("image_std", {0.0})), "image_std"));
  const SuiteFolder folder;
  CHECK(contains(error_of([&] { load_suites(folder.path(), {"large"}); }).what(), "\"large\" is none of small"));
  CHECK_THROWS_AS(load_suites("no/such/folder"), Error);
}

TEST_CASE("a seed repeats its images, photographs give the pixels where there are any", "[benchmarks][suite]") {
  const SuiteFolder folder;
  const Suite suite = load_suites(folder.path()).at(0);
  const auto first = make_images(suite, suite.cases[0], 9, {}), again = make_images(suite, suite.cases[0], 9, {});
  REQUIRE(first.size() == 2);
  CHECK(first[1].size() == again[1].size());
  CHECK(int(first[1].at(2, 3, 4)) == int(again[1].at(2, 3, 4)));
  CHECK(first[1].size().height >= 20);
  CHECK(first[1].size().height <= 40);

  const parity::Image photo("photo.jpg", {3, 4, 4}, std::vector<std::uint8_t>(48, 77));
  const auto photographs = make_images(suite, suite.cases[0], 9, {&photo, 1});
  CHECK(photographs[0].name() == "photo.jpg");
  CHECK(photographs[0].size() == first[0].size());
  CHECK(int(photographs[0].at(1, 15, 15)) == 77);
}
