// Evidence that is fresh, stale, out of bounds, or no evidence at all.
#include <nlohmann/json.hpp>
#include <string>

#include "gate/recorded.hpp"
#include "gate/source_hash.hpp"
#include "tests/catch.hpp"
#include "tests/contains.hpp"
#include "tests/gate/expect.hpp"
#include "tests/gate/folder.hpp"

namespace kir::test {
namespace {

using gate::Verdict;
using nlohmann::json;

/// A small project: two sources, one accepted measurement, and evidence recorded of it.
class Project {
 public:
  Project() {
    folder.write("kernels/cuda/resize.cu", "__global__ void resize();\n");
    folder.write("plan/plan.cpp", "int plan();\n");
    settings.file = "gate.json";
    settings.recorded_sources = {{"make record", {"kernels/cuda", "plan/plan.cpp"}},
                                 {"make record-calls", {"plan/plan.cpp", "python"}}};
    folder.write("python/call.py", "def call(): ...\n");
    settings.recorded = {{"seed time", {gate::Bound::Side::at_most, 1.29, "ms", "the published time"}}};
    evidence = {{"device", "A GPU"},
                {"recorded", "2026-01-01"},
                {"command", "make record"},
                {"measurements", {{{"name", "seed time"}, {"value", 0.5}, {"unit", "ms"}}}},
                {"sources", stamp("make record")}};
  }

  json stamp(const std::string& command) const {
    return gate::source_stamp(folder.path(), settings.sources_of(command));
  }

  std::vector<gate::Check> check() const {
    folder.write("recorded/gpu.json", evidence.dump());
    return gate::check_recorded(settings, folder.path(), folder.path("recorded"));
  }

  Folder folder;
  gate::Settings settings;
  json evidence;
};

constexpr const char* kFresh = "gpu.json: fresh";
constexpr const char* kTime = "gpu.json: seed time";

TEST_CASE("FNV-1a gives the published values") {  // http://www.isthe.com/chongo/src/fnv/test_fnv.c
  CHECK(gate::fnv1a64("") == 0xcbf29ce484222325U);
  CHECK(gate::fnv1a64("a") == 0xaf63dc4c8601ec8cU);
  CHECK(gate::fnv1a64("foobar") == 0x85944171f73967e8U);
}

TEST_CASE("without evidence there is one named skip") {
  const Project project;
  const auto checks = gate::check_recorded(project.settings, project.folder.path(), project.folder.path("recorded"));
  REQUIRE(checks.size() == 1);
  CHECK(checks[0].verdict == Verdict::skip);
  CHECK(contains(checks[0].note, "no recorded evidence yet"));
}

TEST_CASE("evidence of which parts are missing is a named skip, and no evidence") {
  const Project project;
  project.folder.write("recorded/h100.json.unfinished", project.evidence.dump());
  const auto checks = gate::check_recorded(project.settings, project.folder.path(), project.folder.path("recorded"));
  REQUIRE(checks.size() == 2);
  CHECK(checks[0].verdict == Verdict::skip);
  CHECK(contains(checks[0].name, "h100.json.unfinished"));
  CHECK(contains(checks[1].note, "no recorded evidence yet"));
}

TEST_CASE("a part that failed fails, in unfinished evidence too") {
  Project project;
  project.evidence["parts"] = {{{"part", "seed_n32"}, {"exit_code", 0}}, {{"part", "parity"}, {"exit_code", 1}}};
  gate::Check parts = find(project.check(), "gpu.json: parts");
  CHECK(parts.verdict == Verdict::fail);
  CHECK(parts.measured == 1);
  CHECK(parts.note == "parity: exit code 1; record it again: make record on A GPU");

  project.folder.write("recorded/other.json.unfinished", project.evidence.dump());
  CHECK(find(project.check(), "other.json.unfinished: parts").verdict == Verdict::fail);
  CHECK(find(project.check(), "other.json.unfinished").verdict == Verdict::skip);
  json old = project.evidence;  // what failed with other sources tells nothing of these
  old["sources"]["files"].erase("plan/plan.cpp");
  project.folder.write("recorded/other.json.unfinished", old.dump());
  CHECK(find(project.check(), "other.json.unfinished: parts").name.empty());
  CHECK(contains(find(project.check(), "other.json.unfinished").note, "of other sources"));
  project.folder.write("recorded/other.json.unfinished", "no JSON");
  CHECK(find(project.check(), "other.json.unfinished").verdict == Verdict::fail);

  project.folder.remove("recorded/other.json.unfinished");
  project.evidence["parts"][1]["exit_code"] = 0;
  CHECK(find(project.check(), "gpu.json: parts").verdict == Verdict::pass);
}

TEST_CASE("fresh evidence within its bounds passes") {
  const Project project;
  const auto checks = project.check();
  INFO(gate::table_of(checks));
  CHECK(checks.size() == 2);
  CHECK(gate::passed(checks));
}

TEST_CASE("a source that changed, came or went makes evidence stale, and is named") {
  const Project project;
  std::string changed;
  SECTION("changed") {
    project.folder.write(changed = "plan/plan.cpp", "int plan(int);\n");
  }
  SECTION("came") {
    project.folder.write(changed = "kernels/cuda/new.cu", "");
  }
  SECTION("went") {
    project.folder.remove(changed = "kernels/cuda/resize.cu");
  }
  const auto checks = project.check();
  INFO(gate::table_of(checks));
  CHECK(find(checks, kFresh).verdict == Verdict::fail);
  CHECK(find(checks, kFresh).measured == 1);
  CHECK(contains(find(checks, kFresh).note, changed));
  CHECK(contains(find(checks, kFresh).note, "record it again: make record on A GPU"));
  CHECK(find(checks, kTime).verdict == Verdict::pass);
}

TEST_CASE("a document beside the sources changes no evidence") {
  const Project project;
  project.folder.write("kernels/cuda/README.md", "How the kernel works.\n");
  CHECK(find(project.check(), kFresh).verdict == Verdict::pass);
}

TEST_CASE("what the interpreter compiled beside the sources changes no evidence") {
  Project project;
  project.evidence["command"] = "make record-calls";
  project.evidence["sources"] = project.stamp("make record-calls");
  project.folder.write("python/__pycache__/call.cpython-311.pyc", "code");
  CHECK(find(project.check(), kFresh).verdict == Verdict::pass);
}

TEST_CASE("a table of which nothing is accepted must be fresh, and is no evidence of what is") {
  Project project;
  project.settings.recorded_sources.push_back({"make table", {"plan/plan.cpp"}});
  project.evidence["command"] = "make table";
  project.evidence["sources"] = project.stamp("make table");
  project.evidence.erase("device");
  project.evidence.erase("measurements");
  const auto checks = project.check();
  REQUIRE(checks.size() == 2);
  CHECK(find(checks, kFresh).verdict == Verdict::pass);
  CHECK(find(checks, "evidence of make record").verdict == Verdict::skip);

  project.folder.write("plan/plan.cpp", "int plan(int);\n");
  CHECK(find(project.check(), kFresh).verdict == Verdict::fail);
  CHECK(contains(find(project.check(), kFresh).note, "record it again: make table"));

  project.evidence["command"] = "make record";  // of which something is
  project.evidence["sources"] = project.stamp("make record");
  CHECK(find(project.check(), "gpu.json").verdict == Verdict::fail);
}

TEST_CASE("a recorded value out of its bound fails, and so does one that is no number") {
  Project project;
  SECTION("out of bound") {
    project.evidence["measurements"][0]["value"] = 1.3;
    CHECK(find(project.check(), kTime).verdict == Verdict::fail);
    CHECK(find(project.check(), kFresh).verdict == Verdict::pass);
  }
  SECTION("in another unit") {
    project.evidence["measurements"][0]["unit"] = "us";
    CHECK(find(project.check(), kTime).verdict == Verdict::fail);
  }
  SECTION("null") {  // how JSON writes NaN
    project.evidence["measurements"][0]["value"] = nullptr;
    CHECK(find(project.check(), "gpu.json").verdict == Verdict::fail);
  }
}

TEST_CASE("each evidence must hold what is accepted, whatever others hold") {
  Project project;
  json other = project.evidence;
  other["device"] = "Another GPU";
  other["measurements"] = json::array();
  project.folder.write("recorded/other.json", other.dump());
  const auto checks = project.check();
  CHECK(find(checks, kTime).verdict == Verdict::pass);
  CHECK(find(checks, "other.json: seed time").verdict == Verdict::fail);
  CHECK(contains(find(checks, "other.json: seed time").note, "does not hold"));
}

TEST_CASE("evidence depends on the sources of its command") {
  Project project;
  json calls = project.evidence;
  calls["command"] = "make record-calls";
  calls["measurements"] = json::array();
  calls["sources"] = project.stamp("make record-calls");
  project.folder.write("recorded/calls.json", calls.dump());
  CHECK(find(project.check(), "calls.json: fresh").verdict == Verdict::pass);

  project.folder.write("python/call.py", "def call(*images): ...\n");
  auto checks = project.check();
  CHECK(find(checks, kFresh).verdict == Verdict::pass);
  CHECK(find(checks, "calls.json: fresh").verdict == Verdict::fail);
  CHECK(contains(find(checks, "calls.json: fresh").note, "python/call.py"));

  project.evidence["command"] = "make nothing";
  CHECK(find(project.check(), "gpu.json").verdict == Verdict::fail);
  CHECK(contains(find(project.check(), "gpu.json").note, R"(allowed: "make record", "make record-calls")"));

  project.settings.recorded_sources[1].paths = {"python/none"};
  CHECK(contains(error_of([&] { project.check(); }), "python/none"));
}

TEST_CASE("evidence of one command is not asked for what another records") {
  Project project;
  project.settings.recorded.push_back(
      {"call time", {gate::Bound::Side::at_most, 35, "us", "short"}, "make record-calls"});
  auto checks = project.check();
  CHECK(checks.size() == 3);
  CHECK(find(checks, kTime).verdict == Verdict::pass);
  CHECK(find(checks, "evidence of make record-calls").verdict == Verdict::skip);

  json calls = project.evidence;
  calls["command"] = "make record-calls";
  calls["measurements"] = json::array();
  calls["sources"] = project.stamp("make record-calls");
  project.folder.write("recorded/calls.json", calls.dump());
  checks = project.check();
  CHECK(find(checks, kTime).verdict == Verdict::pass);
  CHECK(find(checks, "calls.json: call time").verdict == Verdict::fail);
}

TEST_CASE("what is promised for one device is asked of its evidence alone") {
  Project project;
  project.settings.recorded[0].device = "Another GPU";
  project.evidence["measurements"][0]["value"] = 1.3;
  auto checks = project.check();
  CHECK(checks.size() == 2);
  CHECK(find(checks, kFresh).verdict == Verdict::pass);
  json calls = project.evidence;  // of another command: says nothing of this one
  calls["command"] = "make record-calls";
  calls["device"] = "A third GPU";
  calls["sources"] = project.stamp("make record-calls");
  project.folder.write("recorded/calls.json", calls.dump());
  const gate::Check absent = find(checks, "evidence of make record on Another GPU");
  CHECK(absent.verdict == Verdict::skip);
  CHECK(contains(absent.note, "; there is of A GPU"));  // so that a misspelt name shows
  CHECK_FALSE(contains(absent.note, "A third GPU"));

  project.settings.recorded[0].device = "A GPU";
  CHECK(find(project.check(), kTime).verdict == Verdict::fail);
}

TEST_CASE("a file that is no evidence fails by name") {
  Project project;
  SECTION("no stamp") {
    project.evidence.erase("sources");
  }
  SECTION("another hash") {
    project.evidence["sources"]["hash"] = "crc32";
  }
  SECTION("a list") {
    project.evidence = json::array();
  }
  SECTION("text") {
    project.evidence = "looks fine to me";
  }
  const auto checks = project.check();
  INFO(gate::table_of(checks));
  CHECK_FALSE(gate::passed(checks, true));
}

TEST_CASE("a source folder that is not there is an error, not an empty list") {
  const Project project;
  CHECK(contains(error_of([&] { gate::source_stamp(project.folder.path(), {"kernels/none"}); }), "kernels/none"));
}

TEST_CASE("the project's own evidence is fresh and within its bounds, if there is any") {
  const auto checks = gate::check_recorded(gate::load_settings("configs/gate.json"), ".", "reports/recorded");
  INFO(gate::table_of(checks));
  CHECK(gate::passed(checks, true));
}

}  // namespace
}  // namespace kir::test
