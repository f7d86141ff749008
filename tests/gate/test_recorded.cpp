// Evidence that is fresh, stale, out of bounds, or no evidence at all.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "gate/recorded.hpp"
#include "gate/source_hash.hpp"
#include "tests/catch.hpp"
#include "tests/gate/expect.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/temporary_folder.hpp"

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
    settings.recorded_sources = {{"make record", {"kernels/cuda", "plan/plan.cpp"}, {}, {"processors", "suites/seed"}},
                                 {"make record-calls", {"plan/plan.cpp"}, {"python"}}};
    folder.write("python/call.py", "def call(): ...\n");
    settings.recorded = {{"seed time", {gate::Bound::Side::at_most, 1.29, "ms", "the published time"}}};
    evidence = {{"device", "A GPU"},
                {"recorded", "2026-01-01"},
                {"command", "make record"},
                {"measurements", {{{"name", "seed time"}, {"value", 0.5}, {"unit", "ms"}}}},
                {"sources", stamp("make record")}};
  }

  json stamp(const std::string& command) const {
    return gate::source_stamp(folder.path(), settings.sources_of(command), plans);
  }

  std::vector<gate::Check> check() const {
    folder.write("recorded/gpu.json", evidence.dump());
    return gate::check_recorded(settings, folder.path(), folder.path("recorded"), plans);
  }

  TemporaryFolder folder;
  gate::Settings settings;
  gate::PlanHashes plans = {
      {"processors/clip", "01"}, {"processors/vit", "02"}, {"suites/seed", "03"}, {"suites/other", "04"}};
  json evidence;
};

constexpr const char* kFresh = "gpu.json: fresh";
constexpr const char* kTime = "gpu.json: seed time";

TEST_CASE("without evidence there is one named skip") {
  const Project project;
  const auto checks =
      gate::check_recorded(project.settings, project.folder.path(), project.folder.path("recorded"), project.plans);
  REQUIRE(checks.size() == 1);
  CHECK(checks[0].verdict == Verdict::skip);
  CHECK(contains(checks[0].note, "no recorded evidence yet"));
}

TEST_CASE("evidence of which parts are missing is a named skip, and no evidence") {
  const Project project;
  project.folder.write("recorded/h100.json.unfinished", project.evidence.dump());
  const auto checks =
      gate::check_recorded(project.settings, project.folder.path(), project.folder.path("recorded"), project.plans);
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

TEST_CASE("a plan that it ran and that is another today makes evidence stale, and is named") {
  Project project;
  std::string named;
  SECTION("of a configuration") {
    project.plans["processors/vit"] = "ff";
    named = "changed since it was recorded: the plans of processors/vit; ";
  }
  SECTION("of a suite") {
    project.plans["suites/seed"] = "ff";
    named = "changed since it was recorded: the plans of suites/seed; ";
  }
  SECTION("gone") {
    project.plans.erase("processors/clip");
    named = "the plans of processors/clip, which are there no more";
  }
  SECTION("never stamped") {
    project.evidence["sources"]["plans"].erase("suites/seed");
    named = "the plans of suites/seed, of which it has no hash";
  }
  const auto checks = project.check();
  INFO(gate::table_of(checks));
  CHECK(find(checks, kFresh).verdict == Verdict::fail);
  CHECK(find(checks, kFresh).measured == 1);
  CHECK(contains(find(checks, kFresh).note, named));
}

TEST_CASE("evidence of before there were hashes of plans is stale") {
  Project project;
  project.evidence["sources"].erase("plans");
  const gate::Check fresh = find(project.check(), kFresh);
  CHECK(fresh.measured == 2);
  CHECK(contains(fresh.note, "the plans of processors, of which it has no hash"));
}

TEST_CASE("a new class, and a plan that it did not run, change no evidence") {
  Project project;
  project.folder.write("plan/recipes.cpp", "// a new row\n");
  project.plans["processors/new"] = "05";
  project.plans["suites/other"] = "ff";
  CHECK(find(project.check(), kFresh).verdict == Verdict::pass);
}

TEST_CASE("what is accepted of the configurations compared is what was planned when it was recorded") {
  Project project;
  project.settings.recorded[0].accepted = {gate::Bound::Side::at_least, 0, "ms", "all", true};
  project.evidence["measurements"][0]["value"] = 2;
  project.plans["processors/new"] = "05";
  CHECK(find(project.check(), kTime).verdict == Verdict::pass);
  project.evidence["measurements"][0]["value"] = 1;
  CHECK(find(project.check(), kTime).verdict == Verdict::fail);
  project.evidence["measurements"][0]["value"] = 2;
  project.evidence["sources"].erase("plans");
  CHECK(find(project.check(), kTime).verdict == Verdict::fail);
}

TEST_CASE("a header that a source includes is a source, and FOLDER/* has the files of a folder alone") {
  const Project project;
  project.folder.write("kernels/support.cpp", "#include \"kir/plan.hpp\"\n#include <vector>\n#include \"none.hpp\"\n");
  project.folder.write("kernels/cpu/band.cpp", "");
  project.folder.write("include/kir/plan.hpp", "#include \"kir/types.hpp\"\n");
  project.folder.write("include/kir/types.hpp", "");
  project.folder.write("include/kir/spec.hpp", "");
  const std::vector<std::string> flat = gate::source_files(project.folder.path(), {"kernels/*"});
  CHECK(flat == std::vector<std::string>{"kernels/support.cpp"});
  CHECK(gate::with_included(project.folder.path(), flat) ==
        std::vector<std::string>{"include/kir/plan.hpp", "include/kir/types.hpp", "kernels/support.cpp"});
}

TEST_CASE("the plans of today are those of the configurations that are planned and of the suites on CUDA") {
  const gate::PlanHashes plans = gate::plan_hashes("configs");
  CHECK(plans.count("processors/clip") == 1);
  CHECK(plans.count("processors/imagegpt") == 0);  // refused by its own values
  CHECK(plans.count("suites/seed_n32") == 1);
  CHECK(plans.count("suites/plan_n32") == 0);
  CHECK(plans.at("processors/clip") != plans.at("processors/vit"));
  CHECK(gate::plan_hashes("configs") == plans);
}

TEST_CASE("the sources of the GPU's evidence are its kernels and what they share, and no rule of a processor") {
  const gate::Settings settings = gate::load_settings("configs/gate.json");
  const gate::EvidenceSources& sources = settings.sources_of("make record");
  const std::vector<std::string> files = gate::with_included(".", gate::source_files(".", sources.compiled));
  const auto has = [&](const std::string& file) { return std::count(files.begin(), files.end(), file) == 1; };
  for (const char* file : {"kernels/cuda/lower.cpp", "kernels/check_run.cpp", "weights/filters.cpp",
                           "include/kir/plan.hpp", "include/kir/types.hpp", "include/kir/backend.hpp"}) {
    INFO(file);
    CHECK(has(file));
  }
  for (const std::string& file : files) {
    INFO(file);
    CHECK_FALSE((file.rfind("plan/", 0) == 0 && file.ends_with(".cpp")));
    CHECK_FALSE(file.rfind("kernels/cpu/", 0) == 0);
    CHECK_FALSE(file == "include/kir/spec.hpp");
  }
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
  project.settings.recorded_sources.push_back({"make table", {"plan/plan.cpp"}, {}, {}});
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
  CHECK(contains(error_of([&] { project.check(); }).what(), "python/none"));
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
  CHECK(contains(error_of([&] {
                   gate::source_stamp(project.folder.path(), {"make record", {"kernels/none"}}, {});
                 }).what(),
                 "kernels/none"));
}

TEST_CASE("the project's own evidence is fresh and within its bounds, if there is any") {
  const auto checks = gate::check_recorded(gate::load_settings("configs/gate.json"), ".", "reports/recorded",
                                           gate::plan_hashes("configs"));
  INFO(gate::table_of(checks));
  CHECK(gate::passed(checks, true));
}

}  // namespace
}  // namespace kir::test
