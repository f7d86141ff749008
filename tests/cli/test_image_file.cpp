// What a command line cannot do: to change a file between the two readings of it.
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "apps/image_file.hpp"
#include "tests/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace kir;
using namespace kir::apps;
using namespace kir::test;

namespace {

void write(const std::string& path, const std::string& shape, const std::string& data) {
  const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': " + shape + ", }\n";
  const std::string file =
      std::string("\x93NUMPY\x01") + '\0' + static_cast<char>(header.size()) + '\0' + header + data;
  std::FILE* stream = std::fopen(path.c_str(), "wb");
  REQUIRE(stream != nullptr);
  REQUIRE(std::fwrite(file.data(), 1, file.size(), stream) == file.size());
  REQUIRE(std::fclose(stream) == 0);
}

template <typename Read>
void check_changed(const std::string& path, Read read) {
  const Error error = error_of(read);
  CHECK(error.argument == path);
  CHECK(contains(error.message, "has changed"));
}

}  // namespace

TEST_CASE("an image file that changes after its size was read is refused by name", "[image_file]") {
  const TemporaryFolder folder;
  const std::string path = folder.path("changed.npy");
  write(path, "(4, 5, 3)", std::string(60, 'x'));
  const ImageFile file(path);
  CHECK(file.size() == ImageSize{3, 4, 5});
  CHECK(file.decode().size == file.size());
  write(path, "(5, 4, 3)", std::string(60, 'x'));
  check_changed(path, [&] { file.decode(); });
}

TEST_CASE("a stacked file that becomes shorter is refused by name", "[image_file]") {
  const TemporaryFolder folder;
  const std::string path = folder.path("shorter.npy");
  write(path, "(2, 3, 4, 5)", std::string(120, 'x'));
  const std::optional<ImageStack> stack = ImageStack::open(path);
  REQUIRE(stack);
  CHECK(stack->count() == 2);
  CHECK(stack->size() == ImageSize{3, 4, 5});
  CHECK(stack->read(1).pixels == std::vector<std::uint8_t>(60, 'x'));
  write(path, "(2, 3, 4, 5)", std::string(119, 'x'));
  CHECK(stack->read(0).pixels == std::vector<std::uint8_t>(60, 'x'));
  check_changed(path, [&] { stack->read(1); });
}

TEST_CASE("a planar .npy is HWC for a reader, and for a run as it is in the file", "[image_file]") {
  const TemporaryFolder folder;
  const std::string path = folder.path("planar.npy");
  write(path, "(3, 1, 4)", "abcdefghijkl");
  const auto text_of = [](const DecodedImage& image) { return std::string(image.pixels.begin(), image.pixels.end()); };
  const DecodedImage hwc = read_image(path), planar = ImageFile(path).decode();
  CHECK(text_of(hwc) == "aeibfjcgkdhl");
  CHECK(text_of(planar) == "abcdefghijkl");
  for (const DecodedImage* image : {&hwc, &planar}) {
    const ImageView view = image->view();
    CHECK(view.size == ImageSize{3, 1, 4});
    CHECK(view.data[2 * view.stride_channel + 3 * view.stride_x] == 'l');
  }
}
