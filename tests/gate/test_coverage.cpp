// A dropped configuration, and one that claims support in vain.
#include <algorithm>
#include <filesystem>

#include "gate/coverage.hpp"
#include "gate/settings.hpp"
#include "kir/spec.hpp"
#include "tests/catch.hpp"
#include "tests/contains.hpp"
#include "tests/gate/expect.hpp"
#include "tests/gate/folder.hpp"

namespace kir::test {
namespace {

namespace fs = std::filesystem;
constexpr const char* kProcessors = "configs/processors";

/// As many as there are today: what an honest gate.json accepts.
std::vector<gate::CoverageBound> bounds_of_today() {
  const std::vector<std::string> kinds = {"total", "supported", "supported images", "supported tokens"};
  std::vector<gate::CoverageBound> bounds;
  for (const std::string& of : kinds)
    bounds.push_back({of, {gate::Bound::Side::at_least, 0, "configurations", "test"}});
  const std::vector<gate::Check> today = gate::check_coverage(bounds, kProcessors);
  for (std::size_t i = 0; i < bounds.size(); ++i) bounds[i].accepted.value = today[i].measured;
  return bounds;
}

TEST_CASE("the untouched configurations are as many as accepted") {
  const gate::Settings settings = gate::load_settings("configs/gate.json");
  const std::vector<gate::Check> checks = gate::check_coverage(settings.coverage, kProcessors);
  INFO(gate::table_of(checks));
  CHECK(gate::passed(checks));
}

TEST_CASE("a dropped configuration fails the counts that it belongs to") {
  const Folder folder;
  const std::string copy = folder.path("processors");
  fs::copy(kProcessors, copy);
  const std::vector<gate::CoverageBound> bounds = bounds_of_today();
  REQUIRE(gate::passed(gate::check_coverage(bounds, copy)));

  folder.remove("processors/clip.json");
  const std::vector<gate::Check> checks = gate::check_coverage(bounds, copy);
  INFO(gate::table_of(checks));
  for (const char* name : {"total", "supported", "supported images"}) {
    const gate::Check check = find(checks, name);
    CHECK(check.verdict == gate::Verdict::fail);
    CHECK(gate::margin(check) == -1);
  }
}

TEST_CASE("a configuration that cannot be read does not count, and is named") {
  const Folder folder;
  const std::string copy = folder.path("processors");
  fs::copy(kProcessors, copy);
  folder.write("processors/vit.json", "{");
  const std::vector<gate::Check> checks = gate::check_coverage(bounds_of_today(), copy);
  CHECK(find(checks, "total").verdict == gate::Verdict::fail);
  CHECK(contains(find(checks, "total").note, "vit.json"));
  CHECK(find(checks, "supported tokens").verdict == gate::Verdict::pass);
}

TEST_CASE("a configuration that is not planned any more fails only the supported count") {
  const Folder folder;
  const std::string copy = folder.path("processors");
  fs::copy(kProcessors, copy);
  std::string refused;  // any that the planner refuses today takes the place of a supported one
  for (const auto& entry : fs::directory_iterator(kProcessors))
    if (!load_spec(entry.path().string()).unsupported.empty()) refused = entry.path().string();
  if (refused.empty()) return;  // everything is supported: nothing can be planted this way
  fs::copy_file(refused, copy + "/clip.json", fs::copy_options::overwrite_existing);
  const std::vector<gate::Check> checks = gate::check_coverage(bounds_of_today(), copy);
  CHECK(find(checks, "total").verdict == gate::Verdict::pass);
  CHECK(find(checks, "supported").verdict == gate::Verdict::fail);
}

TEST_CASE("a folder that is not there is an error") {
  CHECK(contains(error_of([] { gate::check_coverage({}, "configs/none"); }), "configs/none: no such folder"));
}

}  // namespace
}  // namespace kir::test
