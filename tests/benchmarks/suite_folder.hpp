// A folder with one small suite, which a test may change; removed at the end.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/temporary_folder.hpp"

namespace kir::test {

class SuiteFolder {
 public:
  /// `change` gets the suite's JSON: two images of 20 to 40 pixels to 16x16 under both numerics.
  template <class Change>
  explicit SuiteFolder(const Change& change) {
    nlohmann::json suite = {
        {"about", "a small one"},
        {"measures", "run"},
        {"numerics", {"float32", "torch_cpu"}},
        {"processor",
         {{"image_processor_type", "ViTImageProcessor"},
          {"size", {{"height", 16}, {"width", 16}}},
          {"resample", 2},
          {"do_resize", true},
          {"do_rescale", true},
          {"rescale_factor", 1.0 / 255},
          {"do_normalize", true},
          {"image_mean", {0.5, 0.5, 0.5}},
          {"image_std", {0.5, 0.5, 0.5}}}},
        {"cases", {{{"name", "two"}, {"images", 2}, {"height", {20, 40}}, {"width", {20, 40}}, {"memory", "chw"}}}}};
    change(suite);
    folder_.write("small.json", suite.dump());
  }
  SuiteFolder() : SuiteFolder([](nlohmann::json&) {}) {}

  std::string path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

}  // namespace kir::test
