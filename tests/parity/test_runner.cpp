// The runner: planted faults are caught and located, skips are counted and named, the JSON has what readers rely on.
#include <cmath>
#include <filesystem>
#include <fstream>

#include "kir/error.hpp"
#include "parity/runner.hpp"
#include "tests/catch.hpp"
#include "tests/parity/hand_made_plan.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/fake_backend.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace kir;
using namespace kir::parity;
using namespace kir::test;

namespace {

CaseResult run_with(const Fault& fault, const Plan& plan = hand_made_plan()) {
  Random random(11);
  std::vector<Image> images;
  for (const ImageSize& size : plan.images) images.push_back(noise_image(size, random, Memory::window));
  std::vector<ImageView> views;
  for (const Image& image : images) views.push_back(image.view());
  return run_plan(plan, views, FakeBackend("faulty", fault), FakeBackend("right"), load_settings("configs/parity.json"),
                  {});
}

Fault fault(Fault::Kind kind, std::size_t output = 0, std::int64_t element = 0, double delta = 0) {
  Fault made;
  made.kind = kind;
  made.output = output;
  made.element = element;
  made.delta = delta;
  return made;
}

/// A folder of configurations.
class ConfigFolder {
 public:
  void add(const std::string& name, const std::string& text) const { folder_.write(name + ".json", text); }
  void add_project(const std::string& name) const {
    std::filesystem::copy_file("configs/processors/" + name + ".json", folder_.path(name + ".json"));
  }
  std::string path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

ParityOptions quick(const ConfigFolder& folder) {
  ParityOptions options;
  options.configs_dir = folder.path();
  options.seed = 5;
  options.quick = true;
  options.settings = load_settings("configs/parity.json");
  return options;
}

}  // namespace

TEST_CASE("two right backends agree, values of the plan alone are not compared", "[parity][runner]") {
  const CaseResult result = run_with({});
  CHECK(result.passed());
  CHECK(result.error.empty());
  CHECK(result.outputs.size() == 2);
}

TEST_CASE("a wrong weight is caught and located", "[parity][runner]") {
  Fault wrong = fault(Fault::Kind::wrong_weight, 0, 0, 1e-4);
  wrong.image = 1;
  wrong.x = 3;
  const CaseResult result = run_with(wrong);
  REQUIRE_FALSE(result.passed());
  CHECK(result.outputs.at(0).worst.image == 1);
  CHECK(result.outputs.at(0).worst.x == 3);
  CHECK(result.outputs.at(1).within(result.tolerance));
}

TEST_CASE("faults of any kind fail the case", "[parity][runner]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  SECTION("one NaN") {
    CHECK_FALSE(run_with(fault(Fault::Kind::value, 0, 17, nan)).passed());
  }
  SECTION("an unwritten pixel") {
    CHECK_FALSE(run_with(fault(Fault::Kind::unwritten, 0, 17)).passed());
  }
  SECTION("an unwritten mask element") {
    CHECK_FALSE(run_with(fault(Fault::Kind::unwritten, 1, 17)).passed());
  }
  SECTION("an unwritten level") {
    CHECK_FALSE(run_with(fault(Fault::Kind::unwritten, 0, 17), hand_made_plan(Type::u8)).passed());
  }
  SECTION("a wrong mask") {
    CHECK_FALSE(run_with(fault(Fault::Kind::value, 1, 3, 0)).passed());
  }
  SECTION("a byte before an output") {
    CHECK(contains(run_with(fault(Fault::Kind::before)).error, "outside output pixel_values"));
  }
  SECTION("a byte past an output") {
    CHECK(contains(run_with(fault(Fault::Kind::past, 1)).error, "outside output pixel_mask"));
  }
  SECTION("a byte past the workspace") {
    CHECK(contains(run_with(fault(Fault::Kind::past_workspace)).error, "outside its workspace"));
  }
  SECTION("an output that the plan alone knows") {
    CHECK(contains(run_with(fault(Fault::Kind::touches_values)).error, "sizes"));
  }
  SECTION("a throw") {
    CHECK(contains(run_with(fault(Fault::Kind::throws)).error, "told to throw"));
  }
}

TEST_CASE("elements that neither backend writes fail", "[parity][runner]") {
  const Type type = GENERATE(Type::f32, Type::u8);
  const Plan plan = hand_made_plan(type);
  Random random(11);
  std::vector<Image> images;
  for (const ImageSize& size : plan.images) images.push_back(noise_image(size, random, Memory::chw));
  const std::vector<ImageView> views{images[0].view(), images[1].view()};
  const FakeBackend lazy("lazy", fault(Fault::Kind::unwritten, 0, 17));
  CHECK_FALSE(run_plan(plan, views, lazy, lazy, load_settings("configs/parity.json"), {}).passed());
}

TEST_CASE("an oracle that is not exact widens the bound by its own error, and by no more", "[parity][runner]") {
  const Settings settings = load_settings("configs/parity.json");
  const Plan plan = hand_made_plan();
  Random random(11);
  std::vector<Image> images;
  for (const ImageSize& size : plan.images) images.push_back(noise_image(size, random, Memory::unaligned));
  const std::vector<ImageView> views{images[0].view(), images[1].view()};
  const auto off_by = [&](double delta) { return FakeBackend("off", fault(Fault::Kind::wrong_weight, 0, 0, delta)); };
  const FakeBackend right("right"), near = off_by(1e-3);

  CHECK_FALSE(run_plan(plan, views, right, near, settings, {}).passed());
  const CaseResult widened = run_plan(plan, views, right, {near, &right}, settings, {});
  CHECK(widened.passed());
  const double expected = settings.inexact_oracle_spreads * widened.outputs.at(0).max_abs;
  CHECK(std::abs(widened.tolerance.max_abs - expected) <= 1e-9 * expected);
  CHECK_FALSE(run_plan(plan, views, off_by(-1e-3), {near, &right}, settings, {}).passed());

  const CaseResult exact = run_plan(plan, views, near, {right, &right}, settings, {});
  CHECK(exact.tolerance.max_abs == settings.inexact_oracle_max_abs);
  CHECK_FALSE(exact.passed());

  // Without its error nothing tells the bound.
  const FakeBackend refusing("exact", fault(Fault::Kind::refuses));
  const CaseResult untold = run_plan(plan, views, right, {near, &refusing}, settings, {});
  CHECK(untold.skipped == "exact: told to refuse");
  CHECK_FALSE(untold.passed());

  // What must be equal has no margin to be told.
  Settings equal = settings;
  equal.float32_max_abs = 0;
  CHECK(run_plan(plan, views, right, {right, &refusing}, equal, {}).passed());

  const double nan = std::numeric_limits<double>::quiet_NaN();
  const FakeBackend broken("broken", fault(Fault::Kind::value, 0, 17, nan));
  CHECK(contains(run_plan(plan, views, right, {broken, &right}, settings, {}).error, "no oracle here"));
}

TEST_CASE("the margin is that of the output closest to its own bound", "[parity][runner]") {
  ConfigResult config;
  config.take_margin(0, 1e-3);
  CHECK(std::isinf(config.margin));
  CHECK(config.bound == 1e-3);
  config.take_margin(1e-5, 1e-4);
  CHECK(std::abs(config.margin - 10) < 1e-9);
  CHECK(config.bound == 1e-4);
  config.take_margin(4e-4, 2e-3);
  CHECK(std::abs(config.margin - 5) < 1e-9);
  CHECK(config.bound == 2e-3);
  config.take_margin(1e-6, 1e-4);
  CHECK(std::abs(config.margin - 5) < 1e-9);
}

TEST_CASE("a plan that a backend refuses is a skip with a reason, not a pass", "[parity][runner]") {
  const CaseResult result = run_with(fault(Fault::Kind::refuses));
  CHECK_FALSE(result.passed());
  CHECK(contains(result.skipped, "faulty: told to refuse"));
}

TEST_CASE("a run over a folder counts cases, failures and skips", "[parity][runner]") {
  const ConfigFolder folder;
  folder.add_project("vit");
  folder.add_project("clip");
  folder.add_project("owlv2");  // a class that is not built
  const FakeBackend right("right"), same("same");

  std::vector<std::string> seen;
  const ParityReport report =
      run_parity(quick(folder), same, right, [&](const ConfigResult& config, std::int64_t done, std::int64_t total) {
        seen.push_back(config.name);
        CHECK(done == static_cast<std::int64_t>(seen.size()));
        CHECK(total == 3);
      });
  CHECK(seen == std::vector<std::string>{"clip", "owlv2", "vit"});
  CHECK(report.ok());
  CHECK(report.cases() > 0);
  CHECK(report.failed() == 0);
  CHECK(report.skipped() >= 1);
  CHECK(report.configs[1].cases == 0);
  CHECK_FALSE(report.configs[1].unsupported.empty());

  const nlohmann::json json = to_json(report);
  for (const char* key : {"backend", "oracle", "numerics", "cases", "failed", "skipped", "max_abs", "worst", "seed",
                          "supported", "unsupported", "configs", "skips", "failures"}) {
    CHECK(json.contains(key));
  }
  CHECK(json["backend"] == "same");
  CHECK(json["supported"] == 2);
  CHECK(json["unsupported"] == 1);
  CHECK(json["skips"].size() == static_cast<std::size_t>(report.skipped()));
  CHECK(json["configs"].size() == 2);
  CHECK(json["configs"][0]["margin"].is_null());  // nothing differs
}

TEST_CASE("a planted wrong weight fails the run and is named", "[parity][runner]") {
  const ConfigFolder folder;
  folder.add_project("vit");
  Fault wrong = fault(Fault::Kind::wrong_weight, 0, 0, 1e-3);
  const ParityReport report = run_parity(quick(folder), FakeBackend("faulty", wrong), FakeBackend("right"));
  CHECK_FALSE(report.ok());
  CHECK(report.failed() > 0);
  const nlohmann::json json = to_json(report);
  CHECK(json["max_abs"].get<double>() > 1e-5);
  CHECK(contains(json["worst"].get<std::string>(), "vit: pixel_values[image 0"));
  REQUIRE_FALSE(json["failures"].empty());
  CHECK(contains(json["failures"][0]["message"].get<std::string>(), "normalized"));
}

TEST_CASE("NaN makes the report's error null and the run a failure", "[parity][runner]") {
  const ConfigFolder folder;
  folder.add_project("vit");
  const Fault nan = fault(Fault::Kind::value, 0, 3, std::numeric_limits<double>::quiet_NaN());
  const ParityReport report = run_parity(quick(folder), FakeBackend("faulty", nan), FakeBackend("right"));
  CHECK_FALSE(report.ok());
  CHECK(nlohmann::json::parse(to_json(report).dump())["max_abs"].is_null());
}

TEST_CASE("different probes fail a case", "[parity][runner]") {
  const ConfigFolder folder;
  folder.add_project("pix2struct");
  const ParityReport report =
      run_parity(quick(folder), FakeBackend("faulty", fault(Fault::Kind::wrong_probe)), FakeBackend("right"));
  CHECK(report.failed() + 1 == report.cases());  // all but the empty stack, which has nothing to measure
  REQUIRE_FALSE(report.configs[0].failures.empty());
  CHECK(contains(report.configs[0].failures[0].message, "probe of image 0"));
}

TEST_CASE("a run in which nothing was compared is not ok", "[parity][runner]") {
  const ConfigFolder folder;
  folder.add_project("vit");
  const ParityReport report =
      run_parity(quick(folder), FakeBackend("faulty", fault(Fault::Kind::refuses)), FakeBackend("right"));
  CHECK(report.cases() == 0);
  CHECK(report.skipped() > 0);
  CHECK_FALSE(report.ok());
  CHECK_FALSE(to_json(report)["skips"].empty());
}

TEST_CASE("a configuration alone repeats what it was within the whole run", "[parity][runner]") {
  const ConfigFolder folder;
  folder.add_project("vit");
  folder.add_project("clip");
  const Fault wrong = fault(Fault::Kind::wrong_weight, 0, 0, 1e-3);
  ParityOptions options = quick(folder);
  const ParityReport all = run_parity(options, FakeBackend("faulty", wrong), FakeBackend("right"));
  options.only = {"vit"};
  const ParityReport alone = run_parity(options, FakeBackend("faulty", wrong), FakeBackend("right"));
  REQUIRE(alone.configs.size() == 1);
  CHECK(alone.configs[0].worst == all.configs[1].worst);
  CHECK(alone.configs[0].max_abs == all.configs[1].max_abs);
}

TEST_CASE("bad input of a run is an error that names it", "[parity][runner]") {
  const ConfigFolder folder;
  ParityOptions options = quick(folder);
  const FakeBackend right("right"), same("same");
  SECTION("an empty folder") {
    CHECK_THROWS_AS(run_parity(options, same, right), Error);
  }
  SECTION("no folder") {
    options.configs_dir = "no/such/folder";
    CHECK_THROWS_AS(run_parity(options, same, right), Error);
  }
  SECTION("an unknown name") {
    folder.add_project("vit");
    options.only = {"vot"};
    CHECK(contains(error_of([&] { run_parity(options, same, right); }).what(), "vot"));
  }
  SECTION("a file that is no configuration") {
    folder.add("broken", "{");
    CHECK_THROWS_AS(run_parity(options, same, right), Error);
  }
}
