// The size rules against the installed transformers functions (tests/plan/size_rules.json, made by
// scripts/make_size_rule_table.py), and by hand where rounding decides.
#include <map>
#include <nlohmann/json.hpp>

#include "plan/size_rules.hpp"
#include "tests/plan/fixtures.hpp"
#include "tests/plan/rule_table.hpp"

namespace kir {

inline std::ostream& operator<<(std::ostream& out, const Extent& size) {
  return out << size.height << " x " << size.width;
}

}  // namespace kir

namespace kir::test {

namespace {

using nlohmann::json;

const std::map<std::string, RuleOfRow<Extent>>& rules() {
  static const std::map<std::string, RuleOfRow<Extent>> by_name = {
      {"shortest_edge", [](Extent image, const json& row) { return size_rules::shortest_edge(image, at(row, 0)); }},
      {"shortest_longest_edge",
       [](Extent image, const json& row) { return size_rules::shortest_longest_edge(image, at(row, 0), at(row, 1)); }},
      {"max_height_width",
       [](Extent image, const json& row) { return size_rules::max_height_width(image, at(row, 0), at(row, 1)); }},
      {"levit", [](Extent image, const json& row) { return size_rules::levit(image, at(row, 0)); }},
      {"shortest_edge_over_crop",
       [](Extent image, const json& row) {
         return size_rules::shortest_edge_over_crop(image, at(row, 0), row[3].get<double>());
       }},
      {"pp_lcnet", [](Extent image, const json& row) { return size_rules::pp_lcnet(image, at(row, 0), at(row, 1)); }},
      {"dpt",
       [](Extent image, const json& row) {
         return size_rules::dpt(image, {at(row, 0), at(row, 1)}, at(row, 2) != 0, at(row, 3));
       }},
      {"smart_resize",
       [](Extent image, const json& row) {
         return size_rules::smart_resize(image, at(row, 0), at(row, 1), at(row, 2));
       }},
      {"smart_resize_frames",
       [](Extent image, const json& row) {
         return size_rules::smart_resize_frames(image, at(row, 0), at(row, 1), at(row, 2), at(row, 3));
       }},
      {"smart_resize_video",
       [](Extent image, const json& row) {
         return size_rules::smart_resize_video(image, at(row, 0), at(row, 1), at(row, 2), at(row, 3), at(row, 4));
       }},
      {"smart_resize_paddle",
       [](Extent image, const json& row) {
         return size_rules::smart_resize_paddle(image, at(row, 0), at(row, 1), at(row, 2));
       }},
      {"glm_image",
       [](Extent image, const json& row) { return size_rules::glm_image(image, at(row, 0), at(row, 1), at(row, 2)); }},
      {"muse_glimmer_grid",
       [](Extent image, const json& row) { return size_rules::muse_glimmer_grid(image, at(row, 0), at(row, 1)); }},
      {"idefics3", [](Extent image, const json& row) { return size_rules::idefics3(image, at(row, 0)); }},
      {"idefics3_tiles", [](Extent image, const json& row) { return size_rules::idefics3_tiles(image, at(row, 0)); }},
      {"naflex", [](Extent image, const json& row) { return size_rules::naflex(image, at(row, 0), at(row, 1)); }},
      {"gemma4",
       [](Extent image, const json& row) {
         return size_rules::gemma4(image, at(row, 0), at(row, 1), at(row, 2) * at(row, 1) * at(row, 1));
       }},
      {"kosmos2_5_grid",
       [](Extent image, const json& row) {
         return size_rules::kosmos2_5_grid(image, at(row, 0), {at(row, 1), at(row, 2)});
       }},
      {"floor_multiple", [](Extent image, const json& row) { return size_rules::floor_multiple(image, at(row, 0)); }},
      {"textnet", [](Extent image, const json& row) { return size_rules::textnet(image, at(row, 0), at(row, 1)); }},
      {"text_page",
       [](Extent image, const json& row) {
         return size_rules::text_page(image, at(row, 0), static_cast<size_rules::Limit>(at(row, 1)), at(row, 2));
       }},
      {"text_line",
       [](Extent image, const json& row) {
         return size_rules::text_line(image, {at(row, 0), at(row, 1)}, at(row, 2));
       }},
      {"sam", [](Extent image, const json& row) { return size_rules::sam(image, at(row, 0)); }},
      {"tvp", [](Extent image, const json& row) { return size_rules::tvp(image, at(row, 0)); }},
      {"vilt", [](Extent image, const json& row) { return size_rules::vilt(image, at(row, 0), at(row, 1)); }},
      {"yolos", [](Extent image, const json& row) { return size_rules::yolos(image, at(row, 0), at(row, 1)); }},
      {"pixtral",
       [](Extent image, const json& row) {
         return size_rules::pixtral(image, {at(row, 0), at(row, 1)}, {at(row, 2), at(row, 3)});
       }},
      {"janus", [](Extent image, const json& row) { return size_rules::janus(image, at(row, 0), at(row, 1)); }},
      {"thumbnail",
       [](Extent image, const json& row) {
         return size_rules::thumbnail(image, {at(row, 0), at(row, 1)});
       }},
      {"pix2struct_grid",
       [](Extent image, const json& row) {
         return size_rules::pix2struct_grid(image, at(row, 0), {at(row, 1), at(row, 2)});
       }},
  };
  return by_name;
}

}  // namespace

TEST_CASE("size rules give what the installed functions give", "[size_rules]") {
  check_rule_table("tests/plan/size_rules.json", rules(), 60, [](const json& result) {
    return Extent{result[0].get<std::int64_t>(), result[1].get<std::int64_t>()};
  });
}

TEST_CASE("size rules round as Python does", "[size_rules]") {
  // int(10 * 37 / 7) = int(52.857...) = 52
  CHECK(size_rules::shortest_edge({7, 37}, 10) == Extent{10, 52});
  // round(2.5) = 2: 5 rows, resize_short 1 of the short side 2 -> 5 * 0.5
  CHECK(size_rules::pp_lcnet({5, 2}, 1, 1) == Extent{2, 1});
  // round(3.5) = 4
  CHECK(size_rules::pp_lcnet({7, 2}, 1, 1) == Extent{4, 1});
  // round(98 / 28) = round(3.5) = 4, round(70 / 28) = round(2.5) = 2
  CHECK(size_rules::smart_resize({98, 70}, 28, 1, 1000000) == Extent{112, 56});
  // int(0.5) = 0: the planner refuses it
  CHECK(size_rules::max_height_width({1, 10}, 5, 5) == Extent{0, 5});
}

TEST_CASE("a side of the least length keeps what shortest_longest_edge is asked for", "[size_rules]") {
  CHECK(size_rules::shortest_longest_edge({800, 1000}, 800, 1333) == Extent{800, 1000});
  // 2000 / 100 * 800 > 1333: short = round(1333 * 100 / 2000) = round(66.65) = 67, long = int(66.65 * 2000 / 100)
  CHECK(size_rules::shortest_longest_edge({100, 2000}, 800, 1333) == Extent{67, 1333});
}

TEST_CASE("of grids that are as near the first of Python's set counts", "[size_rules]") {
  // 100 x 100 in squares of 28: 3 x 3 and 4 x 4 have the image's aspect. list({(3, 3), (3, 4), (4, 3), (4, 4)}) begins
  // with (4, 4); list({(1, 1), (1, 2), (2, 1), (2, 2)}) has (1, 1) ahead of (2, 2).
  CHECK(size_rules::muse_glimmer_grid({100, 100}, 28, 4096) == Extent{4, 4});
  CHECK(size_rules::muse_glimmer_grid({40, 40}, 28, 4096) == Extent{1, 1});
}

TEST_CASE("smart_resize refuses an aspect over 200", "[size_rules]") {
  CHECK_NOTHROW(size_rules::smart_resize({1, 200}, 28, 3136, 1003520));
  const Error error = error_of([] { size_rules::smart_resize({1, 201}, 28, 3136, 1003520); });
  CHECK(error.argument == "images");
}

}  // namespace kir::test
