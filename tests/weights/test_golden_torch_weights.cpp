// The tables against torch's own numbers, to the bit; make_golden_torch_weights.py made the file and says with which
// torch.
#include <algorithm>
#include <cstdint>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "weights/axis_table.hpp"

using nlohmann::json;

namespace {

const json& golden() {
  static const json file = json::parse(std::ifstream("tests/weights/golden_torch_weights.json"));
  return file;
}

kir::Axis axis_of(const json& test) {
  static const std::map<std::string, kir::Filter> filters = {{"nearest", kir::Filter::nearest},
                                                             {"nearest-exact", kir::Filter::nearest_exact},
                                                             {"bilinear", kir::Filter::bilinear},
                                                             {"bicubic", kir::Filter::bicubic}};
  kir::Axis axis;
  axis.in = test.at("in");
  axis.out = test.at("out");
  axis.count = axis.out;
  axis.box_end = axis.in;
  axis.filter = filters.at(test.at("filter"));
  axis.antialias = test.at("antialias");
  axis.align_corners = test.at("align_corners");
  axis.border = axis.antialias ? kir::Border::renormalize : kir::Border::clamp;
  return axis;
}

std::string text_of(const json& test) {
  return test.at("filter").get<std::string>() + (test.at("antialias") ? " antialias " : " ") +
         (test.at("align_corners") ? "align_corners " : "") + test.at("in").dump() + " -> " + test.at("out").dump();
}

}  // namespace

TEST_CASE("float32 tables have the bits of torch's weights", "[golden]") {
  WARN("made by " << golden().at("provenance").dump());
  std::int64_t weights = 0;
  for (const json& test : golden().at("float32")) {
    CAPTURE(text_of(test));
    const kir::AxisTable table = kir::make_axis_table(axis_of(test), kir::Arithmetic::float32);
    for (std::int32_t i = 0; i < table.count(); ++i) {
      const auto expected = test.at("weights").at(i).get<std::vector<float>>();
      std::vector<float> row(expected.size(), 0.0f);
      std::copy_n(table.row_f32(i).data(), table.taps[i], row.begin() + table.first[i]);
      CAPTURE(i);
      CHECK(row == expected);
      weights += table.taps[i];
    }
  }
  WARN(weights << " weights compared, all equal unless reported above");
  CHECK(weights > 1000);
}

TEST_CASE("int16 tables give the bits of torch's uint8 rows", "[golden]") {
  std::int64_t levels = 0;
  for (const json& test : golden().at("uint8")) {
    CAPTURE(text_of(test));
    const kir::AxisTable table = kir::make_axis_table(axis_of(test), kir::Arithmetic::torch_int16);
    for (std::size_t r = 0; r < test.at("rows").size(); ++r) {
      const auto row = test.at("rows").at(r).get<std::vector<std::int32_t>>();
      std::vector<std::int32_t> resized;
      for (std::int32_t i = 0; i < table.count(); ++i) {
        std::int32_t sum = 1 << (table.shift - 1);
        for (std::int32_t k = 0; k < table.taps[i]; ++k) sum += table.row_i16(i)[k] * row[table.first[i] + k];
        resized.push_back(std::clamp(sum >> table.shift, 0, 255));
      }
      CAPTURE(r);
      CHECK(resized == test.at("resized").at(r).get<std::vector<std::int32_t>>());
      levels += table.count();
    }
  }
  WARN(levels << " levels compared, all equal unless reported above");
  CHECK(levels > 500);
}
