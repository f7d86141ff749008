// A folder with one small suite, which a test may change; removed at the end.
#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace kir::test {

class SuiteFolder {
 public:
  /// `change` gets the suite's JSON: two images of 20 to 40 pixels to 16x16 under both numerics.
  template <class Change>
  explicit SuiteFolder(const Change& change) : path_(std::filesystem::temp_directory_path() / "kir_test_suites") {
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
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
    std::ofstream(path_ / "small.json") << suite.dump();
  }
  SuiteFolder() : SuiteFolder([](nlohmann::json&) {}) {}
  ~SuiteFolder() { std::filesystem::remove_all(path_); }
  SuiteFolder(const SuiteFolder&) = delete;
  SuiteFolder& operator=(const SuiteFolder&) = delete;

  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace kir::test
