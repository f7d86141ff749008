// A window is a crop; a layout moves elements and changes none.
#include "reference/eigen_backend.hpp"
#include "reference/libtorch_backend.hpp"
#include "tests/catch.hpp"
#include "tests/reference/hand_made.hpp"

using namespace kir;
using namespace kir::test;

namespace {

std::vector<std::unique_ptr<Backend>> both() {
  std::vector<std::unique_ptr<Backend>> backends;
  backends.push_back(make_reference_backend());
  backends.push_back(make_libtorch_backend());
  return backends;
}

}  // namespace

TEST_CASE("A window equals the crop of the whole", "[windows]") {
  std::mt19937 random = seeded();
  Skips skips;
  for (const auto& backend : both()) {
    for (int sizes = 0; sizes < 40; ++sizes) {
      const Filter filter = std::array{Filter::nearest, Filter::bilinear, Filter::bicubic}[std::size_t(sizes % 3)];
      const bool antialias = sizes % 2 == 0;
      const Round round = sizes % 4 < 2 ? Round::never : Round::each;
      const ChwImage image = noise(random, {3, random_side(random), random_side(random)});
      Axis y =
          make_axis(image.size.height, sizes % 5 == 0 ? image.size.height : random_side(random), filter, antialias);
      Axis x = make_axis(image.size.width, sizes % 5 == 1 ? image.size.width : random_side(random), filter, antialias);
      if (skips.refused(*backend, resize_plan(image.size, y, x, round))) continue;
      const auto whole = run<float>(*backend, resize_plan(image.size, y, x, round), {image.view()});
      for (Axis* side : {&y, &x}) {
        side->first = pick(random, 0, side->out - 1);
        side->count = pick(random, 1, side->out - side->first);
      }
      const auto window = run<float>(*backend, resize_plan(image.size, y, x, round), {image.view()});
      std::vector<float> crop;
      for (std::int64_t c = 0; c < 3; ++c) {
        for (std::int64_t i = y.first; i < y.first + y.count; ++i) {
          for (std::int64_t j = x.first; j < x.first + x.count; ++j) {
            crop.push_back(whole[std::size_t((c * y.out + i) * x.out + j)]);
          }
        }
      }
      CAPTURE(backend->name(), name_of(filter), antialias, y.in, y.out, y.first, y.count, x.in, x.out, x.first,
              x.count);
      CHECK(window == crop);
    }
  }
}

TEST_CASE("Every layout holds the elements of CHW", "[layouts]") {
  std::mt19937 random = seeded();
  const ChwImage image = noise(random, {3, 37, 53});
  const std::int64_t height = 24, width = 16, patch = 4, copies = 2, patch_elements = 3 * copies * patch * patch;
  const Axis y = make_axis(37, std::int32_t(height), Filter::bicubic),
             x = make_axis(53, std::int32_t(width), Filter::bicubic);

  struct Case {
    const char* name;
    Layout layout;
    std::int64_t elements;
  };
  const std::int64_t plane = height * width;
  const Case cases[] = {
      {"NHWC", hwc_layout(width, 3), 3 * plane},
      {"BGR", {2 * plane, -plane, Strides{0, 0, width}, Strides{0, 0, 1}, 1, 0}, 3 * plane},
      {"BGR, NHWC", {2, -1, Strides{0, 0, width * 3}, Strides{0, 0, 3}, 1, 0}, 3 * plane},
      // Patches row by row, each C x T x P x P with the frame repeated T = 2 times.
      {"patches",
       {0, copies * patch * patch, Strides{0, (width / patch) * patch_elements, patch, std::int32_t(patch), 1 << 20},
        Strides{0, patch_elements, 1, std::int32_t(patch), 1 << 20}, std::int32_t(copies), patch * patch},
       copies * 3 * plane},
      // The same in 2 x 2 groups of patches, as Qwen2-VL orders its tokens.
      {"merged patches",
       {0, copies * patch * patch,
        Strides{2 * (width / patch) * patch_elements, 2 * patch_elements, patch, std::int32_t(patch), 2},
        Strides{4 * patch_elements, patch_elements, 1, std::int32_t(patch), 2}, std::int32_t(copies), patch * patch},
       copies * 3 * plane},
  };
  for (const auto& backend : both()) {
    for (const Type type : {Type::f32, Type::u8}) {
      Plan plan = resize_plan(image.size, y, x, Round::each, Type::f32);
      const std::vector<float> chw = run<float>(*backend, plan, {image.view()});
      for (const Case& one : cases) {
        plan.outputs[0].shape = {one.elements};
        plan.outputs[0].type = type;
        plan.levels[0].jobs[0].to.layout = one.layout;
        std::vector<float> result;
        if (type == Type::f32) {
          result = run<float>(*backend, plan, {image.view()});
        } else {
          for (const std::uint8_t level : run<std::uint8_t>(*backend, plan, {image.view()})) result.push_back(level);
        }
        std::vector<float> expected(std::size_t(one.elements), -1);
        for (std::int64_t c = 0; c < 3; ++c) {
          for (std::int64_t i = 0; i < height; ++i) {
            for (std::int64_t j = 0; j < width; ++j) {
              for (std::int64_t k = 0; k < one.layout.copies; ++k) {
                const Layout& l = one.layout;
                expected[std::size_t(l.base + c * l.channel + l.y(i) + l.x(j) + k * l.copy)] =
                    chw[std::size_t((c * height + i) * width + j)];
              }
            }
          }
        }
        CAPTURE(backend->name(), one.name, name_of(type));
        CHECK(result == expected);
      }
    }
  }
}

TEST_CASE("Strides of any size and sign are the same image", "[layouts]") {
  std::mt19937 random = seeded();
  const ImageSize size{3, 31, 45};
  const ChwImage image = noise(random, size);
  // Rows bottom up, columns right to left, channels reversed, with gaps of 7 between rows.
  const std::int64_t row = size.width + 7, plane = row * size.height;
  std::vector<std::uint8_t> memory(std::size_t(3 * plane), 0xA5);
  ImageView flipped{memory.data() + 2 * plane + (size.height - 1) * row + size.width - 1, size, -plane, -row, -1};
  for (std::int64_t c = 0; c < 3; ++c) {
    for (std::int64_t y = 0; y < size.height; ++y) {
      for (std::int64_t x = 0; x < size.width; ++x) {
        const std::int64_t at = (flipped.data - memory.data()) - c * plane - y * row - x;
        memory[std::size_t(at)] = image.pixels[std::size_t((c * size.height + y) * size.width + x)];
      }
    }
  }
  for (const auto& backend : both()) {
    for (const Round round : {Round::never, Round::each}) {
      const Plan plan =
          resize_plan(size, make_axis(31, 20, Filter::bilinear), make_axis(45, 60, Filter::bilinear), round);
      CHECK(run<float>(*backend, plan, {flipped}) == run<float>(*backend, plan, {image.view()}));
    }
  }
}
