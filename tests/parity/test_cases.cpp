// The case generator: every kind of size and content, within the costs, repeatable, refusals named.
#include <algorithm>
#include <set>

#include "kir/error.hpp"
#include "parity/cases.hpp"
#include "tests/catch.hpp"
#include "tests/support/seed.hpp"

using namespace kir;
using namespace kir::parity;
using kir::test::test_seed;

namespace {

CaseList cases_of(const std::string& name, std::uint64_t seed, bool quick = false, std::span<const Image> photos = {}) {
  const ProcessorSpec spec = load_spec("configs/processors/" + name + ".json");
  return make_cases(name, spec, load_settings("configs/parity.json").cases, {Numerics::float32, seed, quick, photos});
}

std::string text_of(const CaseList& list) {
  std::string text;
  for (const Case& one : list.cases) text += one.describe() + "\n";
  for (const Skip& skip : list.skips) text += "skip " + skip.what + "\n";
  return text;
}

template <class Has>
bool any_image(const CaseList& list, const Has& has) {
  return std::any_of(list.cases.begin(), list.cases.end(), [&](const Case& one) {
    return std::any_of(one.images.begin(), one.images.end(), [&](const Image& image) { return has(image); });
  });
}

}  // namespace

TEST_CASE("every kind of size, content and memory order is there", "[parity][cases]") {
  const std::uint64_t seed = test_seed();
  CAPTURE(seed);
  const CaseList list = cases_of("vit", seed);  // 224 x 224, no size refused
  CHECK(list.skips.empty());
  const auto size = [&](auto test) { return any_image(list, [&](const Image& i) { return test(i.size()); }); };
  CHECK(size([](ImageSize s) { return s.height == 1 && s.width == 1; }));
  CHECK(size([](ImageSize s) { return s.height == 1 && s.width > 1; }));
  CHECK(size([](ImageSize s) { return s.height > 1 && s.width == 1; }));
  CHECK(size([](ImageSize s) { return s.height == 224 && s.width == 224; }));
  CHECK(size([](ImageSize s) { return s.height == 224 && s.width != 224; }));
  CHECK(size([](ImageSize s) { return s.height != 224 && s.width == 224; }));
  CHECK(size([](ImageSize s) { return s.height == 40 * 224; }));
  CHECK(size([](ImageSize s) { return s.width == 40 * 224; }));
  CHECK(size([](ImageSize s) { return s.height < 224 && s.width < 224 && s.height > 1; }));
  CHECK(size([](ImageSize s) { return s.channels == 1; }));
  for (const char* name : {"noise", "smooth", "constant-0", "constant-128", "constant-255"}) {
    CHECK(any_image(list, [&](const Image& image) { return image.name() == name; }));
  }
  for (int memory = 0; memory < kMemoryKinds; ++memory) {
    CHECK(any_image(list, [&](const Image& image) { return image.memory() == static_cast<Memory>(memory); }));
  }
  CHECK(std::any_of(list.cases.begin(), list.cases.end(), [](const Case& one) { return one.images.size() > 2; }));
  CHECK(std::any_of(list.cases.begin(), list.cases.end(),
                    [](const Case& one) { return one.stacked && one.images.empty(); }));
  CHECK(std::any_of(list.cases.begin(), list.cases.end(),
                    [](const Case& one) { return one.options.output_type.has_value(); }));
}

TEST_CASE("a seed repeats its cases, another has others", "[parity][cases]") {
  const std::uint64_t seed = test_seed();
  CAPTURE(seed);
  const CaseList first = cases_of("clip", seed), again = cases_of("clip", seed);
  CHECK(text_of(first) == text_of(again));
  CHECK(text_of(first) != text_of(cases_of("clip", seed + 1)));
  const Image &a = first.cases.at(0).images.at(0), &b = again.cases.at(0).images.at(0);
  CHECK(int(a.at(0, 0, 0)) == int(b.at(0, 0, 0)));
}

TEST_CASE("quick cases are fewer", "[parity][cases]") {
  const auto images = [](const CaseList& list) {
    std::size_t sum = 0;
    for (const Case& one : list.cases) sum += one.images.size();
    return sum;
  };
  CHECK(images(cases_of("vit", 1, true)) < images(cases_of("vit", 1, false)));
  CHECK(images(cases_of("vit", 1, true)) > 5);
}

TEST_CASE("photographs are used as they are", "[parity][cases]") {
  const std::vector<Image> photos{Image("a.jpg", {3, 20, 30}), Image("b.png", {3, 50, 40})};
  const CaseList list = cases_of("vit", 3, false, photos);
  for (const Image& photo : photos) {
    CHECK(any_image(list,
                    [&](const Image& image) { return image.name() == photo.name() && image.size() == photo.size(); }));
  }
}

TEST_CASE("sizes that the processor refuses are skips with its reason", "[parity][cases]") {
  const CaseList list = cases_of("qwen2_vl", 3);  // refuses an aspect ratio above 200
  REQUIRE_FALSE(list.skips.empty());
  for (const Skip& skip : list.skips) {
    CHECK(skip.config == "qwen2_vl");
    CHECK_FALSE(skip.what.empty());
    CHECK_FALSE(skip.reason.empty());
  }
  CHECK(std::any_of(list.skips.begin(), list.skips.end(), [](const Skip& s) { return s.what.find("tall") == 0; }));
  // Instead of each there is an image that is as extreme as the processor accepts.
  CHECK(any_image(list, [](const Image& image) { return image.size().height > 50 * image.size().width; }));
}

TEST_CASE("every configuration that is supported gets a single pixel, unless it refuses one", "[parity][cases]") {
  const std::string name = GENERATE(as<std::string>{}, "detr", "idefics3", "clip", "sam2");
  const CaseList list = cases_of(name, test_seed(), true);
  CHECK(any_image(list, [](const Image& image) { return image.size().height == 1 && image.size().width == 1; }));
}

TEST_CASE("no case costs more than configs/parity.json allows", "[parity][cases]") {
  const std::string name = GENERATE(as<std::string>{}, "vit", "clip", "detr", "idefics3");
  const CaseSettings settings = load_settings("configs/parity.json").cases;
  const CaseList list = cases_of(name, test_seed());
  for (const Case& one : list.cases) {
    CHECK(static_cast<int>(one.images.size()) <= settings.batch_images);
    CHECK(std::all_of(one.images.begin(), one.images.end(), [](const Image& image) {
      return std::int64_t{image.size().height} * image.size().width < 16'000'000;
    }));
  }
}
