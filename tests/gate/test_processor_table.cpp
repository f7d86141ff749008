// What counts as reproduced: a recorded result of the class's own numerics, without a failure, of the plans of today.
#include "gate/processor_table.hpp"
#include "tests/catch.hpp"
#include "tests/gate/expect.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/temporary_folder.hpp"

namespace kir::test {
namespace {

using nlohmann::json;

std::vector<gate::Configuration> some() {
  std::vector<gate::Configuration> chosen;
  for (gate::Configuration& one : gate::configurations("configs/processors"))
    if (one.name == "clip" || one.name == "layoutlmv3") chosen.push_back(std::move(one));
  return chosen;
}

const gate::PlanHashes& today() {
  static const gate::PlanHashes hashes = gate::plan_hashes("configs");
  return hashes;
}

json row(const char* config, const char* numerics, bool own) {
  return {{"config", config}, {"numerics", numerics}, {"own", own}, {"tests", 3}, {"failed", 0}};
}

json recorded() {
  return {{"recorded", "2026-01-02"},
          {"processors",
           {row("clip", "float32", false), row("clip", "torch_cpu", true), row("layoutlmv3", "torch_cpu", true)}},
          {"sources", {{"plans", today()}}}};
}

gate::ProcessorRow row_of(const std::string& name, const json& evidence) {
  for (const gate::ProcessorRow& one : gate::processor_table(some(), evidence, today()))
    if (one.model_type == name) return one;
  throw std::runtime_error(name + ": no row");
}

TEST_CASE("a configuration is reproduced in the numerics that were compared") {
  const gate::ProcessorRow clip = row_of("clip", recorded());
  CHECK(clip.class_name == "CLIPImageProcessor");
  CHECK(clip.family == "images");
  CHECK(clip.planned);
  CHECK(clip.reproduced);
  CHECK(clip.modes == std::vector<std::string>{"float32", "torch_cpu"});
  CHECK(clip.reason.empty());
}

TEST_CASE("nothing is reproduced that the record does not prove today") {
  json evidence = recorded();
  std::string reason = "not recorded: make record-processors";
  std::vector<std::string> modes;
  SECTION("no record") {
    evidence = nullptr;
  }
  SECTION("no row") {
    evidence["processors"].erase(1), evidence["processors"].erase(0);
  }
  SECTION("no stamp") {
    evidence["sources"]["plans"].erase("torch_cpu/clip");
    reason = "torch_cpu: other plans since 2026-01-02: make record-processors", modes = {"float32"};
  }
  SECTION("other plans") {
    evidence["sources"]["plans"]["torch_cpu/clip"] = "0123456789abcdef";
    reason = "torch_cpu: other plans since 2026-01-02: make record-processors", modes = {"float32"};
  }
  SECTION("a failed test") {
    evidence["processors"][1]["failed"] = 1;
    reason = "torch_cpu: 1 of 3 tests failed on 2026-01-02", modes = {"float32"};
  }
  SECTION("no test") {
    evidence["processors"][1]["tests"] = 0;
    reason = "torch_cpu: 0 of 0 tests failed on 2026-01-02", modes = {"float32"};
  }
  const gate::ProcessorRow clip = row_of("clip", evidence);
  CHECK(clip.planned);
  CHECK_FALSE(clip.reproduced);
  CHECK(clip.modes == modes);
  CHECK(clip.reason == reason);
}

TEST_CASE("what is not planned is not reproduced, whatever was recorded, and says why") {
  const gate::ProcessorRow row = row_of("layoutlmv3", recorded());
  CHECK_FALSE(row.planned);
  CHECK_FALSE(row.reproduced);
  CHECK(row.modes.empty());
  CHECK(contains(row.reason, "apply_ocr"));
}

TEST_CASE("evidence that is none is an error, and a missing file a null") {
  json evidence = recorded();
  evidence["processors"][0].erase("own");
  CHECK(contains(error_of([&] { gate::processor_table(some(), evidence, today()); }).what(),
                 "processors.json: is not what"));
  const TemporaryFolder folder;
  CHECK(gate::read_processor_evidence(folder.path()).is_null());
  folder.write("processors.json", "[");
  CHECK(contains(error_of([&] { gate::read_processor_evidence(folder.path()); }).what(), "processors.json"));
}

}  // namespace
}  // namespace kir::test
