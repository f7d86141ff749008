// configs/gate.json, and every way in which it can be wrong.
#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "gate/settings.hpp"
#include "json/reader.hpp"
#include "tests/catch.hpp"
#include "tests/gate/expect.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/temporary_folder.hpp"

namespace kir::test {
namespace {

using nlohmann::json;

TEST_CASE("the committed gate.json is read whole") {
  const gate::Settings settings = gate::load_settings("configs/gate.json");
  const json document = read_json_object("configs/gate.json");
  CHECK(settings.parity.size() == document["parity"].size());
  CHECK(settings.coverage.refused.size() == document["coverage"]["refused"].size());
  CHECK(settings.speed.size() == document["speed"]["bounds"].size());
  const json& recorded = document["recorded"];
  CHECK(settings.recorded.size() ==
        recorded["parity"].size() + recorded["speed"].size() + recorded["python"].size() + recorded["cpu"].size());
  CHECK(settings.recorded.at(0).measurement == "cuda-separable vs reference, float32: largest error");
  for (const gate::RecordedBound& bound : settings.recorded) {  // one device's: microseconds of kernels
    const bool kernel_us = bound.accepted.unit == "us" && bound.command == "make record";
    CHECK(bound.device == (kernel_us ? recorded["device"].get<std::string>() : ""));
  }
  const auto first_of = [&](const char* command) {
    return *std::find_if(settings.recorded.begin(), settings.recorded.end(),
                         [&](const gate::RecordedBound& bound) { return bound.command == command; });
  };
  CHECK(first_of("make record-python").measurement == "python_n32 kernel_image_resize: wall_us");
  CHECK(first_of("make record-cpu").measurement == "install_siglip installed_chw_1_thread: differing");
  CHECK(settings.coverage.total.value == document["coverage"]["total"]["at_least"].get<double>());
  for (const gate::ParityBound& bound : settings.parity) CHECK(bound.accepted.reason.size() > 10);
}

TEST_CASE("a gate.json that is wrong is refused, naming file and key") {
  struct Case {
    const char* what;
    std::function<void(json&)> change;
    const char* named;
  };
  const Case cases[] = {
      {"an unknown section", [](json& g) { g["latency"] = 1; }, "gate.latency: unknown key"},
      {"an unknown key of a row", [](json& g) { g["parity"][1]["colour"] = 1; }, "gate.parity[1].colour: unknown key"},
      {"an unknown key of a bound", [](json& g) { g["coverage"]["total"]["at_mots"] = 1; },
       "gate.coverage.total.at_mots: unknown key"},
      {"no reason", [](json& g) { g["coverage"]["total"].erase("reason"); }, "gate.coverage.total.reason: missing"},
      {"an empty reason", [](json& g) { g["coverage"]["total"]["reason"] = ""; },
       "gate.coverage.total.reason: must be a text that is not empty, not \"\""},
      {"no unit", [](json& g) { g["coverage"]["total"].erase("unit"); }, "gate.coverage.total.unit: missing"},
      {"no bound", [](json& g) { g["parity"][0]["accepted"].erase("at_most"); }, "needs either at_most or at_least"},
      {"two bounds", [](json& g) { g["parity"][0]["accepted"]["at_least"] = 0; }, "needs either at_most or at_least"},
      {"a bound in words", [](json& g) { g["parity"][0]["accepted"]["at_most"] = "1e-5"; },
       "gate.parity[0].accepted.at_most: must be a finite number, not \"1e-5\""},
      {"a bound of null", [](json& g) { g["parity"][0]["accepted"]["at_most"] = nullptr; }, "must be a finite number"},
      {"an unknown quantity", [](json& g) { g["parity"][0]["of"] = "mean error"; },
       "gate.parity[0].of: must be one of \"failed cases\""},
      {"a typed number of configurations", [](json& g) { g["parity"][4]["accepted"]["at_least"] = 115; },
       "gate.parity[4].accepted.at_least: must be at_least \"planned\", not 115"},
      {"a refused configuration without a reason", [](json& g) { g["coverage"]["refused"][0].erase("reason"); },
       "gate.coverage.refused[0].reason: missing"},
      {"plans that are no list", [](json& g) { g["recorded"]["sources"][0]["plans"] = "processors"; },
       "gate.recorded.sources[0].plans: must be a list of texts"},
      {"an empty section", [](json& g) { g["parity"] = json::array(); }, "gate.parity: must be a list of objects"},
      {"a missing section", [](json& g) { g.erase("recorded"); }, "gate.recorded: missing"},
      {"a section of another type", [](json& g) { g["speed"] = 7; }, "gate.speed: must be an object, not 7"},
      {"one repetition, which has no median", [](json& g) { g["speed"]["repetitions"] = 1; },
       "gate.speed.repetitions: must be a whole number >= 2, not 1"},
      {"a time in another unit", [](json& g) { g["speed"]["bounds"][1]["accepted"]["unit"] = "ms"; },
       "gate.speed.bounds[1].accepted.unit: must be \"us\""},
      {"a recorded time of no contender", [](json& g) { g["recorded"]["speed"][0].erase("contender"); },
       "gate.recorded.speed[0].contender: missing"},
      {"an unknown key of a recorded bound", [](json& g) { g["recorded"]["speed"][0]["case"] = "n32"; },
       "gate.recorded.speed[0].case: unknown key"},
      {"recorded times of no device", [](json& g) { g["recorded"].erase("device"); }, "gate.recorded.device: missing"},
      {"an unknown recorded quantity", [](json& g) { g["recorded"]["parity"][0]["of"] = "mean error"; },
       "gate.recorded.parity[0].of: must be one of"},
      {"no sources", [](json& g) { g["recorded"]["sources"][0]["compiled"] = json::array(); },
       "gate.recorded.sources[0].compiled: must be a list of texts that is not empty"},
      {"sources of a command twice",
       [](json& g) { g["recorded"]["sources"][2]["command"] = g["recorded"]["sources"][0]["command"]; },
       "names \"make record\" twice"},
      {"bounds of evidence without sources", [](json& g) { g["recorded"]["sources"].erase(1); },
       "knows no sources of evidence whose command is \"make record-python\""},
      {"bounds of the CPU's evidence without sources", [](json& g) { g["recorded"]["sources"].erase(3); },
       "knows no sources of evidence whose command is \"make record-cpu\""},
      {"sources of no command", [](json& g) { g["recorded"]["sources"][1].erase("command"); },
       "gate.recorded.sources[1].command: missing"},
  };
  const json committed = read_json_object("configs/gate.json");
  const TemporaryFolder folder;
  for (const Case& one : cases) {
    json changed = committed;
    one.change(changed);
    const std::string file = folder.write("gate.json", changed.dump());
    const std::string error = error_of([&] { gate::load_settings(file); }).what();
    INFO(one.what << ": " << error);
    CHECK(contains(error, file));
    CHECK(contains(error, one.named));
  }
}

TEST_CASE("a gate.json that is no JSON, and one that is not there") {
  const TemporaryFolder folder;
  const std::string file = folder.write("gate.json", "{\"parity\": [");
  CHECK(contains(error_of([&] { gate::load_settings(file); }).what(), file + ": malformed JSON"));
  CHECK(contains(error_of([&] { gate::load_settings(folder.path("none.json")); }).what(), "none.json: cannot be read"));
}

}  // namespace
}  // namespace kir::test
