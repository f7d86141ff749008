// Images in every memory order, guarded buffers.
#include <cstring>

#include "kir/error.hpp"
#include "parity/guarded_buffer.hpp"
#include "parity/image.hpp"
#include "tests/catch.hpp"
#include "tests/support/contains.hpp"

using namespace kir;
using namespace kir::parity;
using kir::test::contains;

TEST_CASE("the same pixels are seen through every memory order", "[parity][image]") {
  const auto memory = static_cast<Memory>(GENERATE(range(0, kMemoryKinds)));
  Random random(GENERATE(1u, 2u));
  const ImageSize size{3, static_cast<std::int32_t>(random.between(1, 9)),
                       static_cast<std::int32_t>(random.between(1, 9))};
  const Image plain = noise_image(size, random, Memory::chw);
  const Image image = with_memory(plain, memory);
  const ImageView view = image.view();
  for (int c = 0; c < 3; ++c)
    for (int y = 0; y < size.height; ++y)
      for (int x = 0; x < size.width; ++x) {
        const std::uint8_t seen = view.data[c * view.stride_channel + y * view.stride_y + x * view.stride_x];
        REQUIRE(int(seen) == int(plain.at(c, y, x)));
      }
  CHECK(contains(image.describe(), name_of(memory)));
}

TEST_CASE("a view stays right when its image is moved", "[parity][image]") {
  Random random(7);
  Image image = noise_image({3, 5, 5}, random, Memory::flipped);
  const std::uint8_t first = image.at(1, 2, 3);
  const Image moved = std::move(image);
  const ImageView view = moved.view();
  CHECK(int(view.data[view.stride_channel + 2 * view.stride_y + 3 * view.stride_x]) == int(first));
}

TEST_CASE("decoded pixels of the wrong count are refused", "[parity][image]") {
  CHECK_THROWS_AS(Image("photo", {3, 2, 2}, std::vector<std::uint8_t>(11)), Error);
}

TEST_CASE("mirrored tiles continue a picture without new levels", "[parity][image]") {
  Image photo("photo", {1, 2, 3}, std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6});
  Random random(3);
  const Image tiled = mirrored_tiles(photo, {1, 20, 20}, random, Memory::hwc);
  for (int y = 0; y < 20; ++y)
    for (int x = 1; x < 20; ++x) {
      const int step = int(tiled.at(0, y, x)) - int(tiled.at(0, y, x - 1));
      REQUIRE(std::abs(step) <= 1);  // a mirrored row never jumps
    }
}

TEST_CASE("a smooth image is like a photograph: many levels, neighbours alike", "[parity][image]") {
  Random random(GENERATE(1u, 2u, 3u));
  const Image image = smooth_image({3, 200, 300}, random, Memory::hwc);
  double jump = 0;
  int seen[256] = {};
  for (int y = 0; y < 200; ++y)
    for (int x = 1; x < 300; ++x) {
      jump += std::abs(int(image.at(0, y, x)) - int(image.at(0, y, x - 1)));
      seen[image.at(0, y, x)] = 1;
    }
  int levels = 0;
  for (const int one : seen) levels += one;
  CHECK(jump / (200 * 299) < 10);
  CHECK(levels > 64);
}

TEST_CASE("guard bands and poison tell on a stray write", "[parity][guard]") {
  GuardedBuffer buffer(100, 0xFF, 4);
  auto* const data = static_cast<std::uint8_t*>(buffer.data());
  CHECK(reinterpret_cast<std::uintptr_t>(data) % 64 == 4);
  CHECK(buffer.stray_write().empty());
  CHECK(buffer.untouched());
  data[0] = data[99] = 0;
  CHECK(buffer.stray_write().empty());
  CHECK_FALSE(buffer.untouched());
  SECTION("before") {
    data[-3] = 0;
    CHECK(contains(buffer.stray_write(), "3 bytes before"));
  }
  SECTION("past the end") {
    data[100] = 0;
    CHECK(contains(buffer.stray_write(), "0 bytes past its end"));
  }
}
