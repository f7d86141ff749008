// What a command line cannot do: to change a file between the two readings of it.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "apps/image_file.hpp"
#include "kir/error.hpp"
#include "tests/catch.hpp"

using namespace kir;
using namespace kir::apps;

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
  try {
    read();
    FAIL("was not refused");
  } catch (const Error& error) {
    CHECK(error.argument == path);
    CHECK(error.message.find("has changed") != std::string::npos);
  }
  std::filesystem::remove(path);
}

}  // namespace

TEST_CASE("an image file that changes after its size was read is refused by name", "[image_file]") {
  const std::string path = (std::filesystem::temp_directory_path() / "kir_apps_tests_changed.npy").string();
  write(path, "(4, 5, 3)", std::string(60, 'x'));
  const ImageFile file(path);
  CHECK(file.size() == ImageSize{3, 4, 5});
  CHECK(file.decode().size == file.size());
  write(path, "(5, 4, 3)", std::string(60, 'x'));
  check_changed(path, [&] { file.decode(); });
}

TEST_CASE("a stacked file that becomes shorter is refused by name", "[image_file]") {
  const std::string path = (std::filesystem::temp_directory_path() / "kir_apps_tests_shorter.npy").string();
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
  const std::string path = (std::filesystem::temp_directory_path() / "kir_apps_tests_planar.npy").string();
  write(path, "(3, 1, 4)", "abcdefghijkl");
  const auto text_of = [](const DecodedImage& image) { return std::string(image.pixels.begin(), image.pixels.end()); };
  const DecodedImage hwc = read_image(path), planar = ImageFile(path).decode();
  std::filesystem::remove(path);
  CHECK(text_of(hwc) == "aeibfjcgkdhl");
  CHECK(text_of(planar) == "abcdefghijkl");
  for (const DecodedImage* image : {&hwc, &planar}) {
    const ImageView view = image->view();
    CHECK(view.size == ImageSize{3, 1, 4});
    CHECK(view.data[2 * view.stride_channel + 3 * view.stride_x] == 'l');
  }
}
