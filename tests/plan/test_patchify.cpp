// resize_normalize_patchify: tokens of images and clips at sizes that the caller gives.
#include <map>

#include "tests/plan/fixtures.hpp"

namespace kir::test {

namespace {

Patchify request_of(std::vector<std::pair<std::int64_t, std::int64_t>> sizes,
                    std::vector<std::vector<std::int64_t>> items) {
  Patchify request;
  request.image_mean = {0.5};
  request.image_std = {0.5};
  request.patch = 4;
  request.merge = 2;
  request.temporal = 2;
  request.target_sizes = std::move(sizes);
  request.items = std::move(items);
  return request;
}

}  // namespace

TEST_CASE("an image fills both slots of its tokens, a clip's last frame the slot left over", "[patchify]") {
  const Patchify request = request_of({{8, 16}, {16, 8}, {16, 8}, {16, 8}}, {{0}, {1, 2, 3}});
  const Plan made = plan_patchify(request, rgb({{9, 20}, {30, 31}, {5, 6}, {30, 31}}), torch_cpu());
  validate(made);

  // 2 x 4 patches, then twice 4 x 2. A token has 3 channels x 2 slots x 4 x 4 pixels.
  CHECK(made.outputs.at(0).shape == std::vector<std::int64_t>{8 + 16, 96});
  CHECK(made.outputs.at(1).key == "image_grid_thw");
  CHECK(made.outputs.at(1).values == std::vector<double>{1, 2, 4, 2, 4, 2});

  const std::vector<Job>& jobs = made.levels.at(0).jobs;
  REQUIRE(jobs.size() == 4);
  CHECK(jobs[0].to.layout.copies == 2);
  CHECK(jobs[1].to.layout.copies == 1);
  CHECK(jobs[1].to.layout.base == 8 * 96);
  CHECK(jobs[2].to.layout.base == 8 * 96 + 16);  // slot 1 of the same tokens
  CHECK(jobs[3].to.layout.base == 16 * 96);
  CHECK(jobs[3].to.layout.copies == 2);
}

TEST_CASE("an image at the processor's own size is planned as the processor plans it", "[patchify]") {
  const ProcessorSpec spec = spec_of("Qwen2VLImageProcessor", R"("image_mean": [0.5], "image_std": [0.5])");
  const std::vector<ImageSize> images = rgb({{300, 200}, {97, 411}});
  const Plan wanted = plan_of(spec, images);

  Patchify request;
  request.image_mean = request.image_std = {0.5};
  request.patch = 14;
  request.merge = request.temporal = 2;
  for (std::size_t i = 0; i < images.size(); ++i) {
    request.target_sizes.emplace_back(wanted.levels[0].jobs[i].y.out, wanted.levels[0].jobs[i].x.out);
    request.items.push_back({static_cast<std::int64_t>(i)});
  }
  const Plan made = plan_patchify(request, images);
  CHECK(made.outputs[0].shape == wanted.outputs[0].shape);
  CHECK(made.outputs[1].values == wanted.outputs[1].values);
  for (std::size_t i = 0; i < images.size(); ++i) {
    CHECK(made.levels[0].jobs[i].y == wanted.levels[0].jobs[i].y);
    CHECK(made.levels[0].jobs[i].x == wanted.levels[0].jobs[i].x);
    CHECK(made.levels[0].jobs[i].to.layout.base == wanted.levels[0].jobs[i].to.layout.base);
    CHECK(made.levels[0].jobs[i].to.layout.copies == wanted.levels[0].jobs[i].to.layout.copies);
  }
}

TEST_CASE("random items write every element once", "[patchify]") {
  std::mt19937 random = seeded();
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  for (int round = 0; round < 30; ++round) {
    Patchify request = request_of({}, {});
    request.patch = pick(1, 5);
    request.merge = pick(1, 3);
    request.temporal = pick(1, 3);
    std::vector<ImageSize> frames;
    const int count = pick(1, 4);
    for (int item = 0; item < count; ++item) {
      const std::int64_t factor = request.patch * request.merge;
      const std::pair<std::int64_t, std::int64_t> size = {pick(1, 3) * factor, pick(1, 3) * factor};
      request.items.emplace_back();
      for (int frame = pick(1, 5); frame > 0; --frame) {
        request.items.back().push_back(static_cast<std::int64_t>(frames.size()));
        request.target_sizes.push_back(size);
        frames.push_back({3, pick(1, 40), pick(1, 40)});
      }
    }
    INFO("round " << round << ", KIR_TEST_SEED=" << test_seed());
    CHECK_NOTHROW(validate(plan_patchify(request, frames)));
  }
}

TEST_CASE("patchify names what it refuses", "[patchify]") {
  const std::vector<ImageSize> frames = rgb({{30, 30}, {30, 30}});
  const auto refusal = [&](const Patchify& request) {
    return std::string(error_of([&] { plan_patchify(request, frames); }).what());
  };
  const Patchify good = request_of({{8, 8}, {16, 8}}, {{0}, {1}});
  CHECK_NOTHROW(plan_patchify(good, frames));

  CHECK(refusal(request_of({{8, 8}}, {{0}})) == "target_sizes: 1 sizes; there are 2 frames, and each has one");
  CHECK(refusal(request_of({{8, 8}, {12, 8}}, {{0}, {1}})) ==
        "target_sizes[1]: 12 x 8; both must be multiples of patch * merge = 8 in 1..1048576");
  CHECK(refusal(request_of({{8, 8}, {0, 8}}, {{0}})).starts_with("target_sizes[1]: 0 x 8; "));
  CHECK(refusal(request_of({{8, 8}, {8, 8}}, {})) == "items: the list is empty; give at least one item");
  CHECK(refusal(request_of({{8, 8}, {8, 8}}, {{0}, {}})) == "items[1]: is empty; an item has at least one frame");
  CHECK(refusal(request_of({{8, 8}, {8, 8}}, {{0, 2}})) == "items[0]: frame 2 is not in 0..1");
  CHECK(refusal(request_of({{8, 8}, {8, 8}}, {{-1}})) == "items[0]: frame -1 is not in 0..1");
  CHECK(refusal(request_of({{8, 8}, {16, 8}}, {{0, 1}})) ==
        "items[0]: its frames have the target sizes 8 x 8 and 16 x 8; the frames of an item share one");

  for (const auto& [name, member] : std::map<std::string, std::int64_t Patchify::*>{
           {"patch", &Patchify::patch}, {"merge", &Patchify::merge}, {"temporal", &Patchify::temporal}}) {
    Patchify bad = good;
    bad.*member = 0;
    CHECK(refusal(bad) == name + ": 0 is not in 1..4096");
  }
  Patchify bad = good;
  bad.image_std = {0.0};
  CHECK(refusal(bad).starts_with("image_std[0]: 0 is not"));
}

}  // namespace kir::test
