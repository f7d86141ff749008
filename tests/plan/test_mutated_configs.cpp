// Configurations with values of the wrong type or size in any key: they parse, or an Error names the file; nothing
// else.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "tests/plan/fixtures.hpp"

namespace kir::test {

namespace {

using nlohmann::json;

const std::vector<json>& values() {
  static const std::vector<json> pool = {nullptr,
                                         true,
                                         false,
                                         0,
                                         1,
                                         -1,
                                         2,
                                         7,
                                         1048576,
                                         1048577,
                                         9223372036854775807LL,
                                         18446744073709551615ULL,
                                         0.5,
                                         -0.0,
                                         1e-300,
                                         1e300,
                                         "",
                                         "bicubic",
                                         "224",
                                         json::array(),
                                         json::object(),
                                         json::array({1, 2}),
                                         json::array({0.5}),
                                         json::array({0.5, 0.25, 1.0}),
                                         json::array({1, "2", 3}),
                                         json::array({json::array()}),
                                         {{"height", 3}, {"width", 5}},
                                         {{"height", 3}},
                                         {{"shortest_edge", 4}},
                                         {{"shortest_edge", 4}, {"longest_edge", 9}},
                                         {{"longest_edge", 11}},
                                         {{"max_height", 6}, {"max_width", 8}},
                                         {{"height", 1048576}, {"width", 1048576}},
                                         {{"height", nullptr}, {"width", 5}}};
  return pool;
}

std::int64_t elements_of(const Plan& plan) {
  std::int64_t count = 0;
  for (const Output& output : plan.outputs) count += output.elements();
  for (const Buffer& canvas : plan.canvases) count += std::int64_t{canvas.channels} * canvas.height * canvas.width;
  return count;
}

}  // namespace

TEST_CASE("mutated configurations parse or are refused", "[mutated]") {
  std::mt19937 random = seeded();
  const std::vector<ImageSize> images = rgb({{19, 23}, {40, 8}});
  int parsed = 0, refused = 0, walked = 0;
  for (const auto& file : std::filesystem::directory_iterator("configs/processors")) {
    std::ifstream stream(file.path());
    const json whole = json::parse(stream);
    for (int round = 0; round < 40; ++round) {
      json mutated = whole;
      for (std::uint32_t i = 0, count = 1 + random() % 3; i < count; ++i) {
        auto key = mutated.begin();
        std::advance(key, random() % mutated.size());
        if (key.key() != "image_processor_type") *key = values()[random() % values().size()];
      }
      INFO(mutated.dump());
      try {
        const ProcessorSpec spec = parse_spec(mutated.dump(), "config.json");
        ++parsed;
        const Plan made = plan_of(spec, images, round % 2 == 0 ? PlanOptions{} : torch_cpu());
        if (elements_of(made) < 700000) {
          validate(made);
          ++walked;
        }
      } catch (const Error& error) {
        CHECK(!error.argument.empty());
        CHECK(error.argument != "plan");  // a plan that validate refuses
        ++refused;
      }
    }
  }
  std::cout << "test_plan: of mutated configurations " << parsed << " parsed, " << walked << " plans valid, " << refused
            << " refused\n";
  CHECK(walked > 0);
}

}  // namespace kir::test
