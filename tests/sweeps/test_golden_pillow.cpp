// What versions of Pillow made of images that a formula gives, recorded by make_golden_pillow.py: a version is proved
// where it is not installed, and boxes that begin and end within a pixel are too.
#include <array>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kir/backend.hpp"
#include "kir/cpu.hpp"
#include "plan/names.hpp"
#include "plan/numerics.hpp"
#include "reference/eigen_backend.hpp"
#include "tests/catch.hpp"

using namespace kir;

namespace {

std::uint32_t mixed(std::uint32_t value) {
  value = (value ^ (value >> 16)) * 0x85EBCA6Bu;
  value = (value ^ (value >> 13)) * 0xC2B2AE35u;
  return value ^ (value >> 16);
}

std::vector<std::uint8_t> image_of(std::uint32_t seed, std::int32_t height, std::int32_t width) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(height) * width * 3);
  for (std::uint32_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<std::uint8_t>(mixed(i + seed * 0x9E3779B1u) >> 24);
  }
  return pixels;
}

std::uint32_t sum_of(const std::vector<std::uint8_t>& levels) {
  std::uint32_t sum = 0;
  for (std::uint32_t i = 0; i < levels.size(); ++i) sum += (levels[i] + 1u) * mixed(i);
  return sum;
}

Axis axis_of(std::int32_t in, std::int32_t out, Filter filter, double begin, double end) {
  const bool antialias = filter != Filter::nearest_exact;
  const Border border = antialias ? Border::renormalize : Border::clamp;
  return {in, out, 0, out, begin, end, filter, border, antialias, false};
}

Plan plan_of(Numerics numerics, const nlohmann::json& row) {
  const std::int32_t height = row[2], width = row[3], rows = row[4], columns = row[5];
  std::array<double, 4> box{0, 0, double(height), double(width)};
  if (!row[7].is_null()) {
    for (std::size_t i = 0; i < 4; ++i) box[i] = row[7][i].get<double>() / 8;
  }
  Plan plan;
  plan.numerics = numerics;
  plan.images = {{3, height, width}};
  plan.epilogues.resize(1);
  plan.outputs = {{"levels", Type::u8, {rows, columns, 3}, {}, {}}};
  Job job;
  job.y = axis_of(height, rows, filter_named(row[0].get<std::string>(), "filter"), box[0], box[2]);
  job.x = axis_of(width, columns, job.y.filter, box[1], box[3]);
  job.arithmetic = row_of(numerics).arithmetic;
  job.round = row_of(numerics).round;
  job.passes = row[7].is_null() ? passes_of(row_of(numerics).order, job.y, job.x) : Passes::xy;
  job.to = {Target::Kind::output, 0, Layout{0, 1, {0, 0, 3 * columns}, {0, 0, 3}, 1, 0}};
  plan.levels = {{{job}, {}}};
  return plan;
}

std::vector<std::uint8_t> run(const Backend& backend, const Plan& plan, const std::vector<std::uint8_t>& pixels) {
  const ImageSize size = plan.images[0];
  const ImageView image = hwc_view(pixels.data(), size);
  std::vector<std::uint8_t> levels(plan.outputs[0].bytes());
  const OutputView output{levels.data(), levels.size()};
  std::vector<std::byte> workspace(backend.workspace_bytes(plan, {}) + 64);
  const std::size_t past = reinterpret_cast<std::uintptr_t>(workspace.data()) % 64;
  backend.run(plan, {&image, 1}, {&output, 1}, {workspace.data() + (64 - past), workspace.size() - 64}, {});
  return levels;
}

}  // namespace

TEST_CASE("recorded results of three versions of Pillow, to the bit", "[pillow]") {
  const nlohmann::json golden = nlohmann::json::parse(std::ifstream("tests/sweeps/golden_pillow.json"));
  std::vector<std::unique_ptr<Backend>> backends;
  backends.push_back(make_reference_backend());
  backends.push_back(make_cpu_backend());
  REQUIRE(golden.size() == 3);
  for (const auto& [name, made] : golden.items()) {
    const Numerics numerics = numerics_named(name, "numerics");
    int boxes = 0, vertical_first = 0;
    for (const nlohmann::json& row : made["cases"]) {
      const Plan plan = plan_of(numerics, row);
      validate(plan);
      const std::vector<std::uint8_t> pixels = image_of(row[1], row[2], row[3]);
      boxes += row[7].is_null() ? 0 : 1;
      vertical_first += plan.levels[0].jobs[0].passes == Passes::yx ? 1 : 0;
      for (const auto& backend : backends) {
        CAPTURE(name, backend->name(), row.dump());
        CHECK(sum_of(run(*backend, plan, pixels)) == row[6].get<std::uint32_t>());
      }
    }
    WARN(name << ", Pillow " << made["version"] << ": " << made["cases"].size() << " cases, " << boxes
              << " boxes, the vertical pass first in " << vertical_first);
    CHECK(made["cases"].size() == 360);
    CHECK((vertical_first > 0) == (numerics != Numerics::pillow11));
    CHECK((boxes > 0) == (numerics == Numerics::pillow11));
  }
}
