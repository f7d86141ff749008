// A dropped configuration, and one that claims support in vain.
#include <filesystem>

#include "gate/coverage.hpp"
#include "gate/settings.hpp"
#include "tests/catch.hpp"
#include "tests/gate/expect.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/temporary_folder.hpp"

namespace kir::test {
namespace {

namespace fs = std::filesystem;
using gate::Verdict;
constexpr const char* kProcessors = "configs/processors";

gate::CoverageSettings accepted() {
  return gate::load_settings("configs/gate.json").coverage;
}

/// The configurations of today, which a test may change.
struct Copy {
  Copy() { fs::copy(kProcessors, folder.path("processors")); }
  std::string file(const std::string& name) const { return folder.path("processors/" + name + ".json"); }
  std::vector<gate::Check> check() const {
    return gate::check_coverage(accepted(), gate::configurations(folder.path("processors")));
  }
  TemporaryFolder folder;
};

TEST_CASE("the untouched configurations are as many as accepted") {
  const Copy copy;
  const std::vector<gate::Check> checks = copy.check();
  INFO(gate::table_of(checks));
  CHECK(gate::passed(checks));
  CHECK(find(checks, "planned").measured == gate::count_planned(gate::configurations(kProcessors)));
  CHECK(find(checks, "planned").measured > 0);
}

TEST_CASE("a dropped configuration fails the total") {
  const Copy copy;
  fs::remove(copy.file("clip"));
  const std::vector<gate::Check> checks = copy.check();
  CHECK(find(checks, "total").verdict == Verdict::fail);
  CHECK(gate::margin(find(checks, "total")) == -1);
}

TEST_CASE("a configuration that cannot be read does not count, and is named") {
  const Copy copy;
  copy.folder.write("processors/vit.json", "{");
  const std::vector<gate::Check> checks = copy.check();
  CHECK(find(checks, "total").verdict == Verdict::fail);
  CHECK(contains(find(checks, "total").note, "vit.json"));
}

TEST_CASE("a configuration that is refused by its own values, and is not accepted so, fails by name") {
  const Copy copy;
  fs::copy_file(copy.file("imagegpt"), copy.file("clip"), fs::copy_options::overwrite_existing);
  const std::vector<gate::Check> checks = copy.check();
  CHECK(find(checks, "total").verdict == Verdict::pass);
  CHECK(find(checks, "planned").verdict == Verdict::fail);
  const gate::Check refused = find(checks, "refused by its own values");
  CHECK(refused.verdict == Verdict::fail);
  CHECK(contains(refused.note, "clip is refused: do_color_quantize"));
}

TEST_CASE("a refused configuration that is planned, gone, or refused for another reason fails by name") {
  const Copy copy;
  SECTION("planned") {
    fs::copy_file(copy.file("clip"), copy.file("imagegpt"), fs::copy_options::overwrite_existing);
    CHECK(contains(find(copy.check(), "refused by its own values").note, "imagegpt is not refused"));
  }
  SECTION("gone") {
    fs::remove(copy.file("imagegpt"));
    CHECK(contains(find(copy.check(), "refused by its own values").note, "imagegpt is not refused"));
  }
  SECTION("another reason") {
    fs::copy_file(copy.file("udop"), copy.file("imagegpt"), fs::copy_options::overwrite_existing);
    CHECK(contains(find(copy.check(), "refused by its own values").note, "imagegpt is refused for another reason"));
  }
  CHECK(find(copy.check(), "refused by its own values").measured == 1);
  CHECK(find(copy.check(), "refused by its own values").verdict == Verdict::fail);
}

TEST_CASE("a new configuration of a planned class is planned, and nothing need be said of it") {
  const Copy copy;
  fs::copy_file(copy.file("clip"), copy.file("new"));
  const std::vector<gate::Check> checks = copy.check();
  CHECK(gate::passed(checks));
  CHECK(find(checks, "planned").measured == gate::count_planned(gate::configurations(kProcessors)) + 1);
}

TEST_CASE("a folder that is not there is an error") {
  CHECK(contains(error_of([] { gate::configurations("configs/none"); }).what(), "configs/none: no such folder"));
}

}  // namespace
}  // namespace kir::test
