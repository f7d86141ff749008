// configs/parity.json: the accepted values are read, and each needs a unit and a reason.
#include <fstream>
#include <nlohmann/json.hpp>

#include "kir/error.hpp"
#include "parity/settings.hpp"
#include "tests/catch.hpp"
#include "tests/parity/hand_made_plan.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace kir;
using namespace kir::parity;
using kir::test::contains;
using kir::test::error_of;
using kir::test::TemporaryFolder;

namespace {

/// What configs/parity.json is refused with, when it is changed.
template <class Change>
std::string message_of(const Change& change) {
  std::ifstream from("configs/parity.json");
  nlohmann::json json = nlohmann::json::parse(from);
  change(json);
  const TemporaryFolder folder;
  const std::string file = folder.write("parity.json", json.dump());
  const Error error = error_of([&] { load_settings(file); });
  CHECK(error.code == ErrorCode::invalid_argument);
  return error.what();
}

}  // namespace

TEST_CASE("the project's own settings", "[parity][settings]") {
  const Settings settings = load_settings("configs/parity.json");
  CHECK(settings.float32_max_abs > 0);
  CHECK(settings.float32_max_abs <= 1e-5);  // what the project promises
  CHECK(settings.torch_cpu_max_abs == 0);
  CHECK(settings.pillow_max_abs == 0);
  CHECK(settings.cases.downscale >= 40);
}

TEST_CASE("settings without a value, unit or reason are refused by name", "[parity][settings]") {
  using nlohmann::json;
  CHECK(contains(message_of([](json& j) { j["bounds"].erase("float32"); }), "bounds.float32: missing"));
  CHECK(
      contains(message_of([](json& j) { j["bounds"]["float32"].erase("reason"); }), "bounds.float32.reason: missing"));
  CHECK(contains(message_of([](json& j) { j["cases"]["photos"].erase("unit"); }), "cases.photos.unit: missing"));
  CHECK(contains(message_of([](json& j) { j["bounds"]["float32"]["value"] = -1; }),
                 "float32.value: must be a finite number >= 0.0, not -1"));
  CHECK(contains(message_of([](json& j) { j["bounds"]["float32"]["value"] = "small"; }),
                 "bounds.float32.value: must be a finite number"));
  CHECK(
      contains(message_of([](json& j) { j["cases"]["batch_images"]["value"] = 0; }), "must be a finite number >= 1.0"));
  CHECK(contains(message_of([](json& j) { j["cases"]["photos"]["value"] = 2.5; }), "must be a whole number"));
  CHECK(contains(message_of([](json& j) { j["bounds"]["span_cap"]["value"] = 0; }), "bounds.span_cap.value: must be"));
  CHECK(contains(message_of([](json& j) { j["bounds"]["float23"] = 1; }), "bounds.float23: unknown key"));
  CHECK_THROWS_AS(load_settings("no/such/file.json"), Error);
}

TEST_CASE("a plan is held to its arithmetic: bits where levels are rounded, a bound where they are not",
          "[parity][settings]") {
  const Settings settings = load_settings("configs/parity.json");
  CHECK(settings.tolerance(test::hand_made_plan()).max_abs == settings.float32_max_abs);
  Plan rounded = test::hand_made_plan(Type::f32, Round::each);
  CHECK(settings.tolerance(rounded).max_abs == 0);
  rounded.levels[0].jobs[0].round = Round::never;  // a float-domain job of a class under torch_cpu
  CHECK(settings.tolerance(rounded).max_abs == settings.float32_max_abs);
  rounded.levels[0].jobs[0].passes = Passes::copy;  // nothing to round
  CHECK(settings.tolerance(rounded).max_abs == 0);
  Plan cuda = test::hand_made_plan();
  cuda.numerics = Numerics::torch_cuda;
  CHECK_THROWS_AS(settings.tolerance(cuda), Error);
}
