// Suites: the project's own load, bad ones are refused by file and key, images repeat with their seed.
#include "benchmarks/suite.hpp"

#include "kir/error.hpp"
#include "tests/benchmarks/suite_folder.hpp"
#include "tests/catch.hpp"
#include "tests/contains.hpp"

using namespace kir;
using namespace kir::benchmarks;
using kir::test::contains;
using kir::test::SuiteFolder;
using nlohmann::json;

namespace {

template <class Change>
std::string message_of(const Change& change) {
  const SuiteFolder folder(change);
  try {
    load_suites(folder.path());
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("the project's suites load", "[benchmarks][suite]") {
  const std::vector<Suite> suites = load_suites("configs/suites");
  CHECK(suites.size() >= 5);
  const Suite seed = load_suites("configs/suites", {"seed"}).at(0);
  CHECK(seed.cases.at(0).images == 32);
  CHECK(seed.cases.at(0).height == std::array<std::int32_t, 2>{384, 1024});
  CHECK(load_suites("configs/suites", {"plan"}).at(0).measures == Suite::Measures::plan);
}

TEST_CASE("a bad suite is refused by file and key", "[benchmarks][suite]") {
  CHECK(contains(message_of([](json& j) { j.erase("about"); }), "small.json: about: missing"));
  CHECK(contains(message_of([](json& j) { j["measures"] = "walk"; }), "must be run or plan"));
  CHECK(contains(message_of([](json& j) { j["numerics"] = {"float64"}; }), "must be float32 or torch_cpu"));
  CHECK(contains(message_of([](json& j) { j["numerics"] = json::array(); }), "at least one"));
  CHECK(contains(message_of([](json& j) { j["cases"] = json::array(); }), "at least one"));
  CHECK(contains(message_of([](json& j) { j["cases"][0]["images"] = 0; }), "cases[0]: images"));
  CHECK(contains(message_of([](json& j) { j["cases"][0]["height"] = {40, 20}; }), "cases[0]: height"));
  CHECK(contains(message_of([](json& j) { j["cases"][0]["width"] = {0, 20}; }), "cases[0]: width"));
  CHECK(contains(message_of([](json& j) { j["cases"][0]["memory"] = "bgr"; }), "must be chw or hwc"));
  CHECK(contains(message_of([](json& j) { j["cases"][0]["name"] = "a/b"; }), "must not contain"));
  CHECK(contains(message_of([](json& j) { j["processor"]["resample"] = 77; }), "small.json: processor"));
  const SuiteFolder folder;
  try {
    load_suites(folder.path(), {"large"});
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(contains(error.what(), "\"large\" is none of small"));
  }
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
